#!/usr/bin/env bash
# What must not load, and what must be said.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

# A guest whose unit register is 0 has no RAPL.
loader 0 install --simulated "--recording=$SIM/recordings/guest-no-rapl.rec"
loader 3 start
expect_match "a guest without RAPL" 'Windows error 50 ' "$out"
expect_match "a guest without RAPL, what to do" 'What to do: ' "$out"
run 1 "$CLIENT" scaphandre
expect_match "no device is left" 'error 2' "$out"

# A recording that contradicts itself is refused before anything changes.
bad=$WINEPREFIX/drive_c/bad.rec
head -n -1 "$SIM/recordings/client-intel.rec" >"$bad"
loader 65 start '--recording=C:\bad.rec'
expect_match "a truncated recording: line and column" 'bad\.rec:[0-9]+:[0-9]+: ' "$out"
expect_match "a truncated recording: why" 'truncated' "$out"

# A recording that is not there.
run 9 "$SIM/DriverLoader.exe" start '--recording=C:\none.rec'
expect_match "a missing recording" 'none.rec' "$out"
loader 0 remove

# The wrong kind of driver, and no driver at all.
loader_alone=$WINEPREFIX/drive_c/alone
mkdir "$loader_alone"
cp dist/windows/DriverLoader.exe "$loader_alone/"
run 9 "$loader_alone/DriverLoader.exe" install
expect_match "no .sys beside the loader" 'ScaphandreDrv.sys' "$out"
cp dist/sim/ScaphandreDrv.sys "$loader_alone/"
run 65 "$loader_alone/DriverLoader.exe" install
expect_match "a simulated driver without --simulated" '--simulated' "$out"
expect_nothing_left
finish

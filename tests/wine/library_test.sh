#!/usr/bin/env bash
# The library under Wine: driver and legacy backends on the simulated driver count what replay of
# the same recording counts, to one counter unit; they say what they are, and when the driver goes.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

client=build/windows/tests/wine/library_client.exe

# counted WHAT RECORDING SECONDS: $out is what the recording's ramps say
counted() {
    checks=$((checks + 1))
    tests/wine/library_check.py "recordings/$2.rec" "$3" <<<"$out" || fail "$1 counts $2 otherwise"
}

for recording in zen-desktop haswell-ep-2s; do
    play "$recording"
    for source in driver legacy "replay,$SIM/recordings/$recording.rec"; do
        run 0 $client "$source" total 1
        counted "$source" "$recording" 1
    done
    [[ $recording == haswell-ep-2s ]] || loader 0 stop
done

run 0 $client any info
expect_words "what serves" \
    'machine 1 0x6 0x3F sockets 2 cores 16 processors 32 groups 2 guest 0' \
    'source driver RAPL_OK flags 0x1 resolution 0 "ScaphandreDrv 1.0.0 (SIMULATED)"' \
    'source legacy RAPL_ERROR_SKIPPED' \
    'package 1 socket 1 processor 16 tdp 85000 limits 3' \
    '"Two-socket Haswell-EP: 2 x 8 cores, E5-2630 v3 class"'
run 0 $client legacy info
expect_words "legacy says the same" \
    'machine 1 0x6 0x3F sockets 2 cores 16 processors 32 groups 2 guest 0' \
    'source legacy RAPL_OK flags 0x1' '(SIMULATED)' \
    'package 1 socket 1 processor 16 tdp 85000 limits 3'

# A driver that is stopped under two readers. (Wine takes it away at once; Windows lets it serve
# those who have it open.)
declare -A readers=()
for source in driver legacy; do
    timeout 60 wine $client $source watch "C:\\$source" >"$WINEPREFIX/$source.log" 2>&1 &
    readers[$source]=$!
done
for source in driver legacy; do
    for ((i = 0; i < 200; i++)); do
        [[ ! -e $WINEPREFIX/drive_c/$source ]] || break
        sleep 0.1
    done
done
loader 0 stop
for source in driver legacy; do
    status=0
    wait "${readers[$source]}" || status=$?
    expect "$source: stopped meanwhile" 1 "$status"
    out=$(tr -d '\r' <"$WINEPREFIX/$source.log")
    expect_words "$source: stopped meanwhile" 'read: RAPL_ERROR_GONE' 'DriverLoader start'
done

# A whole trace, to its last count. The clock of the simulated driver starts with the first read:
# the driver's first snapshot, but of the legacy requests one that looks for the unit, before the
# session is open and counts.
play intel-package-99ms
run 0 $client driver total 3
expect "driver: the trace" "0 package -1 RAPL_OK 0x1 1464009 0xBA869" "${out%%$'\n'*}"
loader 0 stop
play intel-package-99ms
run 0 $client legacy total 3
expect_match "legacy: the trace" '^0 package -1 RAPL_OK 0x1 14[0-9]{5} 0xBA869' "$out"
loader 0 stop
run 0 $client "replay,$SIM/recordings/intel-package-99ms.rec" total 3
expect "replay: the trace" "0 package -1 RAPL_OK 0x1 1464009 0xBA869" "${out%%$'\n'*}"

# A coarse caller: flagged, with the resolution, and without cores.
play coarse-client
run 0 $client driver info
expect_match "coarse" 'source driver RAPL_OK flags 0x3 resolution 50000' "$out"
run 0 $client legacy info
expect_match "coarse, by what is denied" 'source legacy RAPL_OK flags 0x3 resolution 0' "$out"
loader 0 stop

# No driver: why, and what to do.
run 1 $client driver info
expect_words "no driver" 'RAPL_ERROR_NOT_HERE' 'Windows error 2' 'DriverLoader install'
run 1 $client any info
expect_words "nothing at all" 'RAPL_ERROR_NO_SOURCE' 'driver: RAPL_ERROR_NOT_HERE' \
    'legacy: RAPL_ERROR_NOT_HERE'
run 1 $client replay,nowhere.rec info
expect_words "no recording" 'RAPL_ERROR_FILE' 'nowhere.rec'

expect_nothing_left
finish

#!/usr/bin/env bash
# A real package's trace, played 20 times as fast and read through the legacy device, sums to what
# was recorded, across a wrap of the 32-bit counter.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

play intel-package-99ms
client sum 0x611
# tests/data/intel-package-99ms.log adds up to 89 356 042 uJ; one count is 2^-14 J
joules=$(awk -v counts="$out" 'BEGIN { printf "%.6f", counts / 16384 }')
echo "read through the driver: $out counts = $joules J; recorded: 89.356042 J"
expect "within 0.001 J" yes "$(awk -v j="$joules" \
    'BEGIN { d = j - 89.356042; print (d < 0.001 && d > -0.001) ? "yes" : "no" }')"
loader 0 stop
expect_nothing_left
finish

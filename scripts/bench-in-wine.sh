#!/usr/bin/env bash
# The part of `make bench` that runs under Wine: scripts/bench.sh calls it under with-wine.sh.
#
#   scripts/bench-in-wine.sh ROUNDS    lines for bench/table.py on stdout
set -euo pipefail

# Wine says on stderr that it is a 64-bit one only.
quiet_wine() {
    wine "$@" 2> >(grep -v -e 'wine32 is missing' -e 'multiarch needs' -e 'execute "dpkg' \
        -e 'apt-get install wine32' >&2) | tr -d '\r'
}

harness() {
    quiet_wine build/windows/tests/harness/harness.exe --driver dist/windows/ScaphandreDrv.sys "$1"
}

# The harness prints "  WAY: N requests, N waits, N DPCs, N moves of a thread, N rdmsr".
count_on_image() {
    harness "energy-cost-$1-by-5" | awk -v packages="$1" -F ': ' '
        /^ +(snapshot|legacy requests): / {
            split($2, word, " ")
            split($1, way, " ")
            printf "image packages=%s way=%s requests=%s waits=%s dpcs=%s moves=%s rdmsr=%s\n",
                packages, way[1], word[1], word[3], word[5], word[7], word[12]
        }'
}

count_on_image 2
count_on_image 8
harness energy-cores-of-256 | sed -nE 's/^ +pool in use at 256 processors: ([0-9]+) bytes$/'\
'image-pool bytes=\1 name=AMD, 4 packages, 128 cores, 256 processors/p'
harness energy-pool-of-256-cores | sed -nE \
    's/^ +most pool ever in use with 256 cores: ([0-9]+) bytes$/'\
'image-pool bytes=\1 name=AMD, 4 packages, 256 cores, 256 processors/p'

for packages in 2 8; do
    quiet_wine dist/sim/DriverLoader.exe install --simulated \
        "--recording=tests\\harness\\machines\\intel-${packages}x5.rec" --quiet >&2
    quiet_wine dist/sim/DriverLoader.exe start >&2
    quiet_wine build/windows/bench/bench_client.exe "$1"
    quiet_wine dist/sim/DriverLoader.exe remove --quiet >&2
done

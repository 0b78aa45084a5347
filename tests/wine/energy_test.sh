#!/usr/bin/env bash
# The energy device under Wine: capabilities, snapshots of packages and cores, both tiers, and a
# real trace that is counted to the last tick by a client that opens the device for every read.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

energy=build/windows/tests/wine/energy_client.exe

# lines WHAT LINE...: every line of $out, as a regex
lines() {
    local what=$1 i=0
    shift
    mapfile -t got <<<"$out"
    expect "$what: lines" "$#" "${#got[@]}"
    while (($# > 0)); do
        expect_match "$what, line $((i + 1))" "^$1\$" "${got[i]:-nothing}"
        i=$((i + 1))
        shift
    done
}

play haswell-ep-2s
run 0 $energy capabilities
lines capabilities \
    "flags 0x1 vendor 1 family 0x6 model 0x3F sockets 2 cores 16 processors 32 groups 2"
run 0 $energy snapshot # starts the recording
sleep 1
run 0 $energy snapshot
# SCOPE INDEX DOMAIN STATUS FLAGS TICKS: simulated (0x8); pp0 has read 0 ever since load (2)
lines "two sockets" "1 0 0 0 0x8 [1-9][0-9]+" "1 0 1 2 0x8 0" "1 0 3 0 0x8 [1-9][0-9]+" \
    "1 1 0 0 0x8 [1-9][0-9]+" "1 1 1 2 0x8 0" "1 1 3 0 0x8 [1-9][0-9]+"
loader 0 stop

play intel-package-99ms
run 0 $energy sum
expect "the trace's ticks, opened for every read" 1464009 "$out"
loader 0 stop

play epyc-2s
run 0 $energy snapshot cores
expect "items of 2 packages and 128 cores" 130 "$(wc -l <<<"$out")"
loader 0 stop

play coarse-client
run 0 $energy snapshot
expect_match "a coarse caller's items are flagged" '^1 0 0 0 0xC ' "$out"
run 1 $energy snapshot cores
expect_match "cores are not for coarse callers" 'error 5' "$out"
loader 0 stop

expect_nothing_left
finish

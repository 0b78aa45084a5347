#!/usr/bin/env bash
# Each socket gives its own numbers: watts of every domain against the rates in the recordings.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

# expect_watts PACKAGE DOMAIN WATTS: within 5 %, of the last interval of `rapl read --json`.
expect_watts() {
    local watts
    watts=$(python3 tests/wine/watts.py "$1" "$2" <<<"$out") || watts="nothing"
    echo "package $1 $2: $watts W, recorded $3 W"
    expect "watts of package $1 $2 near $3 (got $watts)" yes "$(awk -v a="$watts" -v b="$3" \
        'BEGIN { print (a > b * 0.95 && a < b * 1.05) ? "yes" : "no" }')"
}

expect_absent() {
    checks=$((checks + 1))
    ! python3 tests/wine/watts.py "$1" "$2" <<<"$out" >/dev/null 2>&1 ||
        fail "package $1 $2 has watts, and must be absent"
}

read_watts() {
    out=$(wine dist/windows/rapl.exe read -i 1s -n 1 --json 2>/dev/null | tr -d '\r')
    expect_match "rapl read says where its numbers come from" '"simulated": ?true' "$out"
}

play haswell-ep-2s
read_watts
expect_watts 0 package 61.5  # 1007616 counts a second of 2^-14 J
expect_watts 1 package 47.25 # 774144
expect_watts 0 dram 9.5      # 622592 of 2^-16 J, not of the 2^-14 J of the unit register
expect_watts 1 dram 6.25     # 409600
expect_absent 0 pp0
loader 0 stop

play sapphire-rapids-2s
read_watts
expect_watts 0 package 212.5  # 3481600 of 2^-14 J
expect_watts 1 package 187.25 # 3067904
expect_watts 0 psys 642       # 642 of 1 J
expect_absent 1 psys          # counts on the domain root only
loader 0 stop

# 256 processors in 4 groups: processors of the third and fourth group read the second socket.
play epyc-2s
client read 0xC001029A 0 0xC001029A 127 0xC001029A 128 0xC001029A 255
mapfile -t cores <<<"$out"
expect_match "core 0" 'cpu=0 ok bytes=8 0x(2[3-9A-F]|[3-9A-F].)[0-9A-F]{5}$' "${cores[0]}"
expect_match "core 63 of socket 0" 'cpu=127 ok bytes=8 0x(3[A-F]|[4-9A-F].)[0-9A-F]{5}$' \
    "${cores[1]}"
expect_match "core 0 of socket 1" 'cpu=128 ok bytes=8 0x1[2-9A-F][0-9A-F]{6}$' "${cores[2]}"
expect_match "core 63 of socket 1" 'cpu=255 ok bytes=8 0x1[3-9A-F][0-9A-F]{6}$' "${cores[3]}"
read_watts
expect_watts 0 package 182.5  # 11960320 of 2^-16 J
expect_watts 1 package 164.25 # 10764288
loader 0 stop

expect_nothing_left
finish

#!/usr/bin/env bash
# Every known client's calls (tests/wine/legacy_client.c) against the driver on five machines: what
# each call must get is written here.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

any8='ok bytes=8 0x[0-9A-F]+'
any4='ok bytes=4 0x[0-9A-F]+'
low32='ok bytes=8 0x[0-9A-F]{1,8}'
not_allowed='error 1' # ERROR_INVALID_FUNCTION: register not on this CPU's list
io_error='error 1117' # ERROR_IO_DEVICE: faults, or has read 0 since load
denied='error 5'      # ERROR_ACCESS_DENIED

# check CLIENT ANSWER...: an answer a call, `MSR cpu=N ` and what follows as a regex
check() {
    local name=$1 i=0
    shift
    client "$name"
    mapfile -t answers <<<"$out"
    while (($# > 0)); do
        expect_match "$machine, call $((i + 1)) of $name" "^$name $1\$" "${answers[i]:-nothing}"
        i=$((i + 1))
        shift
    done
    expect "$machine, calls of $name" "$i" "${#answers[@]}"
}

machine=client-intel
play $machine
check scaphandre "0x606 cpu=1 ok bytes=8 0xA0E03" "0x611 cpu=1 $any8" "0x619 cpu=1 $any8" \
    "0x639 cpu=1 $any8" "0x641 cpu=1 $any8" "0x64D cpu=1 $io_error" "0x611 cpu=4000 $any8"
check scaphandre-2022 "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8"
check winpowermonitor "0x606 cpu=0 ok bytes=8 0xA0E03" "0x64D cpu=0 $io_error" \
    "0x611 cpu=0 $any8" "0x619 cpu=0 $any8"
check winpowermonitor-x86 "0x606 cpu=0 ok bytes=4 0xA0E03" "0x64D cpu=0 $io_error" \
    "0x611 cpu=0 $any4" "0x619 cpu=0 $any4"
check joular-core "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8"
check joular-core-amd "0xC0010299 cpu=0 $not_allowed" "0xC001029B cpu=0 $not_allowed"
check scaphandre-driver-rs "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8"
check green-metrics-tool "0x606 cpu=0 ok bytes=8 0xA0E03" "0xC0010299 cpu=0 $not_allowed" \
    "0x611 cpu=0 $any8" "0x639 cpu=0 $any8" "0x641 cpu=0 $any8" "0x619 cpu=0 $any8" \
    "0x64D cpu=0 $io_error"
check watt-wiser "0x606 cpu=0 ok bytes=8 0xA0E03" "0xC0010299 cpu=0 $not_allowed" \
    "0x611 cpu=0 $any8" "0xC001029B cpu=0 $not_allowed"
check demeter "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8" "0x619 cpu=0 $any8" \
    "0x639 cpu=0 $any8" "0x641 cpu=0 $any8" "0x64D cpu=0 $io_error"
check demeter-x86 "0x606 cpu=0 ok bytes=4 0xA0E03" "0x611 cpu=0 $any4"
client twice
expect "two handles with share 0 at once" "twice ok" "$out"
loader 0 stop

# AMD: Intel's numbers are answered from AMD's own, so Intel-only clients work unchanged.
machine=zen-desktop
play $machine
check winpowermonitor "0x606 cpu=0 ok bytes=8 0xA1000" "0x64D cpu=0 $not_allowed" \
    "0x611 cpu=0 $low32" "0x619 cpu=0 $not_allowed"
check joular-core-amd "0xC0010299 cpu=0 ok bytes=8 0xA1000" \
    "0xC001029B cpu=0 ok bytes=8 0x1F0[0-9A-F]{9}"
check green-metrics-tool "0x606 cpu=0 ok bytes=8 0xA1000" \
    "0xC0010299 cpu=0 ok bytes=8 0xA1000" "0x611 cpu=0 $low32" "0x639 cpu=0 $not_allowed" \
    "0x641 cpu=0 $not_allowed" "0x619 cpu=0 $not_allowed" "0x64D cpu=0 $not_allowed"
loader 0 stop

# A model without psys and with a PP0 that reads 0: absent domains fail, they are never 0.
machine=haswell-ep-2s
play $machine
check demeter "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8" "0x619 cpu=0 $any8" \
    "0x639 cpu=0 $io_error" "0x641 cpu=0 $not_allowed" "0x64D cpu=0 $not_allowed"
loader 0 stop

# Windows 11 with VBS: the hypervisor bit is set on bare metal.
machine=vbs-client
play $machine
check scaphandre "0x606 cpu=1 ok bytes=8 0xA0E03" "0x611 cpu=1 $any8" "0x619 cpu=1 $io_error" \
    "0x639 cpu=1 $any8" "0x641 cpu=1 $any8" "0x64D cpu=1 $any8" "0x611 cpu=4000 $any8"
loader 0 stop

# A coarse caller gets package energy from the shared copy: what these clients read, all of it.
machine=coarse-client
play $machine
check demeter "0x606 cpu=0 ok bytes=8 0xA0E03" "0x611 cpu=0 $any8" "0x619 cpu=0 $any8" \
    "0x639 cpu=0 $any8" "0x641 cpu=0 $any8" "0x64D cpu=0 $io_error"
client read 0x610 0
expect "$machine: a power limit" "read 0x610 cpu=0 $denied" "$out"
loader 0 stop

expect_nothing_left
finish

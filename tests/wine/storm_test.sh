#!/usr/bin/env bash
# Counters that wrap every second or two, read by 16 clients at random intervals through the
# simulated driver: not one tick is lost. STORM_SECONDS=90 STORM_SPEED=100, as `make soak` has it,
# make 10,000 wraps and more.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

seconds=${STORM_SECONDS:-15}
seed=${STORM_SEED:-$RANDOM}
speed=${STORM_SPEED:-20} # a busy machine may keep all clients waiting for two seconds
recording=build/windows/tests/wine/storm.rec

# Units of 2^-23 J, so that a counter holds 512 J: 9.4 W of each package wrap it in 54 s, 1.9 W of
# each core in 270 s, and what is recorded runs $speed times as fast. A package that nobody reads
# for 49 s by that clock may hide a wrap. 64 bits wide: the upper half is what the driver does not
# look at.
{
cat <<'EOF_RECORDING'
rapl-recording 1
source made composed "composed for this project"
title "Wraps all the time: 16 packages of 16 cores" @made
cpu amd family 0x19 model 0x1 stepping 1 @made
amd-rapl yes @made
hypervisor none @made
EOF_RECORDING
printf 'speed %d @made\ntopology packages 16 processors 256 groups 64 64 64 64 @made\n' "$speed"
for ((package = 0; package < 16; package++)); do
    printf 'cores 0-15 package %d threads 1 group %d apic 0x%X step 1 @made\n' \
        "$package" $((package / 4)) $((package * 16))
done
cat <<'EOF_RECORDING'
register 0xC0010299 package all value 0xA1703 @made
register 0xC001029B package 0-7 ramp from 0x1FFFFFC18 rate 78852915 step-us 1000 width 64 @made
register 0xC001029B package 8-15 ramp from 0x180000000 rate 78800000 step-us 1000 width 64 @made
register 0xC001029A package all ramp from 0x123456789 rate 15938355 step-us 1000 width 64 @made
end
EOF_RECORDING
} >"$recording"

loader 0 install --simulated "--recording=$recording"
loader 0 start
run 0 build/windows/tests/wine/storm_client.exe "$seconds" "$seed"
echo "$out"
wraps=$(sed -nE 's/.* ([0-9]+) wraps of 272 counters, not one tick lost$/\1/p' <<<"$out")
expect "wraps, as many as that time has ($out)" yes \
    "$([[ ${wraps:-0} -ge $((seconds * speed / 5)) ]] && echo yes)"
loader 0 stop
expect_nothing_left
finish

#!/usr/bin/env bash
# Energy meters under Wine: a test driver publishes them with the habits and faults of the ones that
# are out there, from recordings, and librapl finds them as it would find Windows' own.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

meters=build/windows/tests/emi
dump=build/windows/tests/tools/rapl_dump.exe
parameters='HKLM\System\CurrentControlSet\Services\emi_meter\Parameters'

# In the order of tests/emi/emi_habits.h.
habits=(intel amd mirrors error-50 zeros huge garbage lies v1 removed)

# meter HABIT RECORDING: what the meters are from the next opening on
meter() {
    local i
    for i in "${!habits[@]}"; do
        [[ ${habits[i]} != "$1" ]] || run 0 reg add "$parameters" /v Habit /t REG_DWORD /d "$i" /f
    done
    run 0 reg add "$parameters" /v Recording /d "Z:${PWD//\//\\}\\${2//\//\\}" /f
}

# read_meter STATUS OPTION...
read_meter() {
    local status=$1
    shift
    run "$status" "$dump" --source emi "$@"
}

domains() {
    awk '$1 == "domain" { printf "%s%s=%s", s, $2, $6; s = " " }' <<<"$out"
}

# expect_counts WHAT UNIT_J LABEL COUNTS...: the recording's counts, to one
expect_counts() {
    local what=$1 unit=$2
    shift 2
    while (($# > 0)); do
        checks=$((checks + 1))
        awk -v label="$1" -v counts="$2" -v unit="$unit" '
            $1 == "domain" && $2 == label {
                split($7, tick, "/")
                found = $8 * tick[1] / tick[2] / unit
                printf "%s: recorded %d, counted %.3f\n", label, counts, found
                if (found - counts < 1 && counts - found < 1) good = 1
            }
            END { exit !good }' <<<"$out" || fail "$what: $1 is not $2 counts in: $out"
        shift 2
    done
}

two_pow_14=0.00006103515625
two_pow_16=0.0000152587890625

read_meter 1
expect_words "no meter" "emi RAPL_ERROR_NOT_HERE" "this machine has no energy meter" "DriverLoader"

meter intel recordings/intel-package-99ms.rec
run 0 "$meters/emi_setup.exe" "$meters/emi_meter.inf" 4

# ---- the same energy as the recording has, to one count -----------------------------------------

read_meter 0 --settle
expect_counts "a real trace with a wrap" $two_pow_14 RAPL_Package0_PKG 1464009
run 0 "$dump" --source replay --path recordings/intel-package-99ms.rec --settle
expect_counts "the same recording, replayed" $two_pow_14 package_0_package 1464009

meter intel tests/emi/steps-intel-2s.rec
read_meter 0 --settle
expect_counts "two sockets" $two_pow_14 RAPL_Package0_PKG 700001 RAPL_Package1_PKG 500009
expect_counts "their memory" $two_pow_16 RAPL_Package0_DRAM 300007 RAPL_Package1_DRAM 100003
expect_match "cores that read 0 are dead" 'RAPL_Package0_PP0 pp0 0 - RAPL_ERROR_DEAD' "$out"
expect_match "simulated is said" '^source emi RAPL_OK 0x1 .*SIMULATED' "$out"

meter amd tests/emi/steps-amd.rec
read_meter 0 --cores --settle
expect_counts "a device a core" $two_pow_16 RAPL_Package0_PKG 1000003 \
    RAPL_Package0_Core0_CORE 100003 RAPL_Package0_Core1_CORE 200003 \
    RAPL_Package0_Core2_CORE 300007 RAPL_Package0_Core3_CORE 400009

# The driver and its legacy device on the same recordings: the same numbers.
loader 0 install --simulated --recording=tests/emi/steps-intel-2s.rec
for source in driver legacy; do
    loader 0 start
    run 0 "$dump" --source $source --settle
    expect_counts "$source: two sockets" $two_pow_14 package_0_package 700001 \
        package_1_package 500009
    expect_counts "$source: their memory" $two_pow_16 package_0_dram 300007 package_1_dram 100003
    loader 0 stop
done
loader 0 install --simulated --recording=tests/emi/steps-amd.rec
loader 0 start
run 0 "$dump" --source driver --cores --settle
expect_counts "driver: cores" $two_pow_16 package_0_package 1000003 package_0_core_0 100003 \
    package_0_core_3 400009
loader 0 stop
expect_nothing_left

# ---- habits and faults --------------------------------------------------------------------------

read_meter 0
expect "cores are not listed unless asked for" "RAPL_Package0_PKG=RAPL_OK" "$(domains)"

meter mirrors tests/emi/steps-amd.rec
read_meter 0
expect "mirrored packages" "RAPL_Package0_PKG=RAPL_OK" "$(domains)"

meter error-50 tests/emi/steps-amd.rec
read_meter 1
expect_words "error 50" "RAPL_ERROR_UNSUPPORTED" "refuses GET_VERSION: Windows error 50"

meter zeros tests/emi/steps-intel-2s.rec
read_meter 1
expect_words "zeros" "RAPL_ERROR_DEAD" "all its channels read 0"

for habit in huge garbage; do
    meter "$habit" tests/emi/steps-intel-2s.rec
    read_meter 1
    expect_words "$habit" "RAPL_ERROR_GARBAGE" "describes itself with garbage"
done

meter lies tests/emi/steps-intel-2s.rec
read_meter 0
expect_match "a size that is a lie" 'RAPL_Package1_DRAM dram 1 - RAPL_OK' "$out"

meter v1 tests/emi/steps-intel-2s.rec
read_meter 0
expect_match "a vendor's meter, version 1" 'domain CPU_rail CPU_rail - - RAPL_OK 9/2500000000' \
    "$out"

meter removed tests/emi/steps-intel-2s.rec
read_meter 0 --settle
expect_match "removed while it is read" 'RAPL_Package0_PKG package 0 - RAPL_ERROR_GONE' "$out"

finish

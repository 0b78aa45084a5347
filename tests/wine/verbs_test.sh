#!/usr/bin/env bash
# Every verb of rapl.exe, and the two programs beside it, against the simulated driver: what it
# prints, its exit codes, JSON against its schema, files with the names that were asked for.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

bin=dist/windows
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RAPL_SIMULATED

rapl() {
    local expected=$1
    shift
    run "$expected" "$bin/rapl.exe" "$@"
}

# schema [FORM] SCHEMA COUNT: $out is so many documents that fit
schema() {
    local count=${*: -1}
    set -- "${@:1:$#-1}"
    expect "documents of $*" "$count" "$(python3 tests/linux/schema.py "$@" <<<"$out" 2>&1)"
}

test_no_driver() {
    rapl 69 read
    expect_words "read without a driver" "no source of energy can be read" "driver " "legacy " \
        "Next: "
    rapl 69 list
    expect_words "list without a driver" "not-here"
    rapl 69 info
    expect_words "info without a driver" "driver      not installed" "cpu         "
    rapl 69 record -d 100ms
    rapl 2 doctor
    expect_words "doctor without a driver" "rapl doctor: no energy" "driver-absent" \
        "DriverLoader install"
    rapl 2 doctor --json
    schema doctor 1
}

# The driver runs, and is not real: energy, and a warning.
test_doctor() {
    rapl 1 doctor
    expect_words "doctor" "rapl doctor: degraded" "SIMULATED" "driver-simulated" "running" \
        "ScaphandreDrv.sys"
    rapl 1 doctor --json
    schema doctor 1
    rapl 0 report
    schema report 1
    expect_words "report" '"registers":"rapl-recording 1' '"sha256":"'
}

test_stopped() {
    rapl 2 doctor
    expect_words "doctor of a stopped driver" "rapl doctor: no energy" "driver-stopped" \
        "DriverLoader start"
    run 0 reg add 'HKLM\System\CurrentControlSet\Services\ScaphandreDrv\Parameters' \
        /v AccessPolicy /t REG_DWORD /d 2 /f
    rapl 2 doctor
    expect_words "doctor of an open policy" "policy-unrestricted" "--access=users"
}

test_verbs() {
    rapl 0 list
    expect_words "list" "driver" "legacy" "simulated" "package" "dram"
    rapl 0 list --json
    schema list 1
    rapl 0 info
    expect_words "info" "Intel 06_3F" "simulated   yes" "running" "package 1: socket 1" "TDP 85 W"
    rapl 0 info --json
    schema info 1
    rapl 0 read
    expect_words "a snapshot" "counters at " ", simulated" "reads 0: not wired here"
    rapl 0 read -i 300ms -n 2 --json
    schema --lines reading 2
    rapl 0 read -i 300ms --source legacy
    expect_words "the legacy device" ", simulated" "package"
    rapl 0 watch -i 200ms -n 2
    expect_words "watch" "# watts and joules since the start, simulated" " s in all, simulated" \
        "all  package"
    rapl 0 decode --cpu 06_9E 0x606=0xA0E03
    rapl 0 completion powershell
    expect_words "completion" "Register-ArgumentCompleter"
    rapl 0 man log
    rapl 64 read -i 0s
    rapl 64 nosuch
}

test_files() {
    local name="$work/Messung ä 測定"
    rapl 0 log -i 100ms -n 3 -o "Z:${name//\//\\}.csv"
    expect "rows of a file with any name" 4 "$(wc -l <"$name.csv")"
    expect_match "its rows say simulated" ',driver,true,' "$(<"$name.csv")"
    rapl 73 log -n 1 -o "Z:${name//\//\\}.csv"
    expect_words "a file that is there" "is there already"
    rapl 0 log -i 100ms -n 8 --rotate 1KB -o "Z:${work//\//\\}\\row.csv"
    expect_true "a row of files" test -s "$work/row-0001.csv" -a -s "$work/row-0002.csv"
    rapl 73 log -n 1 -o "Z:${work//\//\\}\\no\\x.csv"
    expect_words "why" "Windows error 3"
}

# The simulated driver recorded, and the recording played: the same watts.
test_record() {
    rapl 0 record -d 1500ms -i 10ms --title "Twice simulated" -o "Z:${work//\//\\}\\own.rec"
    expect_words "record" "from a simulated driver"
    expect_match "it says so" '^source here composed' "$(sed -n 3p "$work/own.rec")"
    out=$(build/linux/cli/rapl replay "$work/own.rec" read -i 1s --speed max --json)
    schema --lines reading 1
    expect_match "watts of package 1 near 47.25" '^4[3-9]\.' \
        "$(python3 tests/wine/watts.py 1 package <<<"$out")"
    rapl 0 replay "Z:${work//\//\\}\\own.rec" read -i 1s --speed max
    expect_words "played on Windows" "Twice simulated"
}

test_programs() {
    run 78 "$bin/PowerMonitor.exe" -n 1
    expect_words "PowerMonitor" "RAPL_SIMULATED=1"
    run 1 "$bin/metric-provider-binary.exe" -c
    export RAPL_SIMULATED=1
    run 0 "$bin/PowerMonitor.exe" -n 2
    expect_match "joules of a second: 61.5 + 47.25 + 9.5 + 6.25" \
        $'^12[0-9]\.[0-9]{3}\n12[0-9]\.[0-9]{3}$' "$out"
    run 0 "$bin/metric-provider-binary.exe" -c
    expect "check mode says nothing" "" "$out"
    run 0 "$bin/metric-provider-binary.exe" -i 99 -n 5
    expect "a line a domain and interval, and nothing else" 10 \
        "$(grep -cE '^1[0-9]{15} [1-9][0-9]+ (cpu_package|dram)$' <<<"$out")"
    expect "lines" 10 "$(wc -l <<<"$out")"
    rapl 0 log -i 99ms -n 2 --format energibridge
    expect_words "EnergiBridge" "Delta,Time,DRAM_ENERGY (J),PACKAGE_ENERGY (J)"
    unset RAPL_SIMULATED
}

# A driver that is stopped while it is read: what was written stays, and it is said.
test_source_dies() {
    local status=0
    wine "$bin/rapl.exe" log -i 100ms -o "Z:${work//\//\\}\\dies.csv" 2>"$work/err" &
    sleep 3
    loader 0 stop
    wait $! || status=$?
    expect "exit status of a log whose driver stopped" 74 $status
    expect_match "it is said" 'the source no longer answers' "$(<"$work/err")"
    expect_true "rows are kept" test "$(wc -l <"$work/dies.csv")" -gt 5
}

test_no_driver
play haswell-ep-2s
test_verbs
test_files
test_record
test_programs
test_doctor
test_source_dies
test_stopped
expect_nothing_left
finish

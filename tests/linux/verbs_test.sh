#!/usr/bin/env bash
# Every verb of rapl over recordings, as a user runs it: output, exit codes, JSON against its
# schema, and what goes wrong with files, pipes and disks.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

rapl=$PWD/build/linux/cli/rapl
bin=$PWD/build/linux/cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RAPL_SIMULATED

# call EXPECTED_STATUS COMMAND...: standard output in $out, standard error in $err
call() {
    local expected=$1 status=0
    shift
    out=$("$@" 2>"$work/err") || status=$?
    err=$(<"$work/err")
    expect "exit status of $*" "$expected" "$status"
}

# play EXPECTED_STATUS RECORDING VERB...: without waiting
play() {
    local expected=$1 recording=$2 verb=$3
    shift 3
    call "$expected" "$rapl" "$verb" --speed max --replay "recordings/$recording.rec" "$@"
}

# Whatever is wrong with the machine that runs this: the page and the document say so alike.
test_doctor() {
    local status=0
    out=$("$rapl" doctor 2>&1) || status=$?
    expect_match "doctor" '^rapl doctor: (healthy|degraded|no energy)' "$out"
    expect_words "doctor" "CPU  " "Sources" "powercap "
    call "$status" "$rapl" doctor --json
    expect_schema doctor 1
    expect "health and exit status" \
        "$(sed -n "$((status + 1))p" <<<$'healthy\ndegraded\nno energy')" \
        "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["health"])' <<<"$out")"
    call 0 "$rapl" report
    expect_schema report 1
    call 0 "$rapl" report -o "$work/report.json"
    out=$err
    expect_words "report to a file" "Look at it before you share it"
    out=$(<"$work/report.json")
    expect_schema report 1
    call 73 "$rapl" report -o "$work/report.json"
    out=$err
    expect_words "a report that is there" "--overwrite"
    call 0 "$rapl" report --overwrite -o "$work/report.json"
}

# expect_schema [FORM] SCHEMA COUNT: $out is so many documents that fit
expect_schema() {
    local count=${*: -1}
    set -- "${@:1:$#-1}"
    expect "documents of $*" "$count" "$(python3 tests/linux/schema.py "$@" <<<"$out" 2>&1)"
}

test_json() {
    local recording
    for recording in client-intel haswell-ep-2s zen-desktop epyc-2s coarse-client; do
        play 0 $recording read --json
        expect_schema --lines reading 1
        play 0 $recording read --json --cores -i 250ms -n 3
        expect_schema --lines reading 3
        play 0 $recording watch --json -n 2
        expect_schema --lines reading 3 # and the summary
        play 0 $recording log --json -n 2
        expect_schema --lines reading 2
        play 0 $recording log --format json -n 2
        expect_schema --array reading 2
        play 0 $recording info --json
        expect_schema info 1
        play 0 $recording list --json
        expect_schema list 1
    done
    call 65 "$rapl" decode --cpu 06_9E --json 0x606=0xA0E03 0x611=0x2FE2B74E 0x10=0x1
    expect_schema decode 1
    call 0 "$rapl" decode --cpu 19_61 --json 0xC0010299=0xA1000 0xC001029B=0x123456789
    expect_schema decode 1
    play 69 guest-no-rapl info --json # what is known is there even so
    expect_schema info 1
    play 69 guest-no-rapl list --json
    expect_schema list 1
}

test_simulated_is_said() {
    local verb
    for verb in "read" "read -i 1s" "watch -n 1" "list" "info" "log -n 1" "read --json" \
        "watch -n 1 --json" "log -n 1 --json" "list --json" "info --json"; do
        # shellcheck disable=SC2086 # words
        play 0 client-intel $verb
        expect_match "$verb says simulated" 'simulated|,true,' "$out"
    done
    for verb in gmt joularjx energibridge; do
        play 78 client-intel log -n 1 --format $verb
        expect "nothing is written as $verb" "" "$out"
    done
    call 78 "$bin/PowerMonitor" -n 1 --speed max --replay recordings/client-intel.rec
    call 1 "$bin/metric-provider-binary" -c --speed max --replay recordings/client-intel.rec
    expect_match "the provider says why" 'RAPL_SIMULATED=1' "$err"
}

test_real_time() {
    local begin end
    begin=$(date +%s%N)
    call 0 "$rapl" replay recordings/haswell-ep-2s.rec read -i 300ms --json
    end=$(date +%s%N)
    expect "300 ms took (ms): $(((end - begin) / 1000000))" yes \
        "$([[ $((end - begin)) -ge 300000000 && $((end - begin)) -lt 2000000000 ]] && echo yes)"
    expect_schema --lines reading 1
    call 0 "$rapl" replay recordings/haswell-ep-2s.rec read -i 10s --speed 100
}

# What ends a program leaves a summary, and a log that is whole. (A background job ignores SIGINT.)
test_interrupt() {
    local status=0
    "$rapl" replay recordings/client-intel.rec watch -i 100ms >"$work/watch" &
    sleep 0.6
    kill -TERM $! && wait $! || status=$?
    expect "exit status of an interrupted watch" 0 $status
    expect_match "a summary" 's in all' "$(<"$work/watch")"
    "$rapl" replay recordings/client-intel.rec log -i 100ms --format json >"$work/log" &
    sleep 0.6
    kill -TERM $! && wait $! || status=$?
    expect "exit status of an interrupted log" 0 $status
    expect_true "the array is closed" python3 -m json.tool "$work/log" /dev/null
}

# A killed program loses at most the row that it was writing.
test_killed() {
    "$rapl" replay recordings/client-intel.rec log -i 50ms -o "$work/killed.csv" &
    sleep 0.6
    kill -KILL $!
    wait $! 2>/dev/null || true
    expect_match "rows in the file of a killed log" '^[5-9]$|^1[0-3]$' \
        "$(wc -l <"$work/killed.csv")"
    expect "it ends with a whole row" "" "$(tail -c 1 "$work/killed.csv")"
}

test_pipes_and_disks() {
    local status=0
    set +o pipefail
    out=$({ "$rapl" replay recordings/client-intel.rec log -n 100000 --speed max 2>"$work/err" ||
        echo "status $?" >"$work/status"; } | head -n 1)
    set -o pipefail
    expect "status when nobody reads" "status 74" "$(<"$work/status")"
    expect "and no complaint" "" "$(<"$work/err")"
    "$rapl" replay recordings/client-intel.rec read --speed max >&- 2>"$work/err" || status=$?
    expect "status without standard output" 74 $status
    expect_match "said on standard error" 'could not be written' "$(<"$work/err")"
    status=0
    "$rapl" replay recordings/client-intel.rec log -n 3 --speed max >/dev/full 2>"$work/err" ||
        status=$?
    expect "status of a full disk" 74 $status
    expect_match "said on standard error" 'the disk is full' "$(<"$work/err")"
    status=0
    (
        ulimit -f 1 # 1024 bytes; the signal would end the program
        trap '' XFSZ
        exec "$rapl" replay recordings/client-intel.rec log -n 100 --speed max -o "$work/small.csv"
    ) 2>"$work/err" || status=$?
    expect "status when the file may not grow" 74 $status
    expect "what was written ends with a whole row" "" "$(tail -c 1 "$work/small.csv")"
}

test_files() {
    printf 'rapl-recording 1\nsource a composed "x"\ntitle "x" @b\nend\n' >"$work/bad.rec"
    call 65 "$rapl" read --replay "$work/bad.rec"
    expect_match "line and column" 'bad\.rec:3:[0-9]+: ' "$err"
    expect_match "the next step" 'Next: ' "$err"
    call 65 "$rapl" read --replay "$work/none.rec"
    call 65 "$rapl" read --replay "$work"
    call 65 "$rapl" read --replay /dev/null
    if [[ $(id -u) -ne 0 ]]; then
        cp recordings/client-intel.rec "$work/secret.rec"
        chmod 0 "$work/secret.rec"
        call 65 "$rapl" read --replay "$work/secret.rec"
    fi
    play 73 client-intel log -n 1 -o "$work/no/folder/x.csv"
    expect_match "why" 'No such file or directory' "$err"
}

test_usage() {
    call 64 "$rapl" read -i 0s
    expect_match "what to write instead" 'write at least 1ms' "$err"
    call 64 "$rapl" read -i -1s
    call 64 "$rapl" read -i 5
    expect_match "the unit that is missing" 'write 5ms, 5s or 5m' "$err"
    call 64 "$rapl" read --source replay
    expect_match "which file" '\-\-replay FILE' "$err"
    call 64 "$rapl" read --source nosuch
    expect_match "which sources there are" 'powercap' "$err"
    call 64 "$rapl" replay recordings/client-intel.rec decode
}

test_programs() {
    export RAPL_SIMULATED=1
    call 0 "$bin/PowerMonitor" -n 2 --speed max --replay recordings/client-intel.rec
    expect "PowerMonitor" $'14.242\n14.256' "$out"
    call 0 "$bin/metric-provider-binary" -i 99 -n 20 -x cpu_gpu --speed max \
        --replay recordings/client-intel.rec
    expect "the provider's lines" 60 "$(grep -cE '^1[0-9]{15} [1-9][0-9]+ [a-z_]+$' <<<"$out")"
    expect "its times are unique" 60 "$(cut -d' ' -f1 <<<"$out" | sort -u | wc -l)"
    expect "it says nothing" "" "$err"
    call 1 "$bin/metric-provider-binary" -x gpu
    unset RAPL_SIMULATED
}

# What comes from the option table: a page and a completion for every verb.
test_table() {
    local verb shell
    for verb in $("$rapl" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
        call 0 "$rapl" "$verb" --help
        expect_match "examples come first in $verb --help" "^Examples:"$'\n'"  rapl $verb" "$out"
        expect "no line of $verb --help over 80 columns" "" "$(grep -E '^.{81}' <<<"$out")"
        call 0 "$rapl" man "$verb"
        expect_match "page of $verb" '^\.TH RAPL' "$out"
        ! command -v groff >/dev/null || expect "groff on the page of $verb" "" \
            "$(groff -man -Tascii -ww -z <<<"$out" 2>&1)"
    done
    for shell in bash zsh fish powershell; do
        call 0 "$rapl" completion $shell
        expect_match "$shell knows --interval" 'interval' "$out"
        ! command -v $shell >/dev/null || [[ $shell == powershell ]] ||
            expect_true "$shell reads it" $shell -n <(printf '%s\n' "$out")
    done
    call 0 "$rapl" completion bash
    # shellcheck source=/dev/null
    words=$(. <(printf '%s\n' "$out"); COMP_WORDS=(rapl log --fo); COMP_CWORD=2; _rapl
        echo "${COMPREPLY[*]}"; COMP_WORDS=(rapl log --format g); COMP_CWORD=3; _rapl
        echo "${COMPREPLY[*]}"; COMP_WORDS=(rapl re); COMP_CWORD=1; _rapl; echo "${COMPREPLY[*]}")
    expect "what bash completes" $'--format\ngmt\nread report record replay' "$words"
}

# Without a source: what was tried, why not, the next step.
test_no_source() {
    mkdir "$work/empty"
    call 69 "$rapl" read --source powercap --path "$work/empty"
    expect_match "why" 'the source powercap cannot be read: ' "$err"
    call 69 "$rapl" info --source powercap --path "$work/empty"
    expect_match "the CPU is known even so" '^cpu  ' "$out"
}

test_json
test_simulated_is_said
test_real_time
test_interrupt
test_killed
test_pipes_and_disks
test_files
test_usage
test_programs
test_table
test_no_source
test_doctor
finish

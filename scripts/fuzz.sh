#!/usr/bin/env bash
# Runs every fuzzer for a while.
#
#   FUZZ_SECONDS=60 scripts/fuzz.sh [SUBJECT...]      needs the preset fuzz built (make fuzz)
#
# The committed corpus is only read. New inputs go to build/fuzz/corpus/SUBJECT and are used again
# the next time; one that breaks something goes to build/fuzz/crashes/SUBJECT-*. Exit status: 0 when
# no fuzzer found anything.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
    echo "fuzz: FUZZ_SECONDS must be a number of seconds, not '$seconds'" >&2
    exit 2
}

shopt -s nullglob
programs=(build/fuzz/tests/fuzz/*_fuzz)
if [[ $# -gt 0 ]]; then
    programs=("${@/#/build/fuzz/tests/fuzz/}")
    programs=("${programs[@]/%/_fuzz}")
fi
if [[ ${#programs[@]} -eq 0 ]]; then
    echo "fuzz: no fuzzer in build/fuzz/tests/fuzz; run: make fuzz" >&2
    exit 2
fi

mkdir -p build/fuzz/crashes
failed=0
for program in "${programs[@]}"; do
    subject=$(basename "$program" _fuzz)
    seeds=tests/fuzz/corpus/$subject
    found=build/fuzz/corpus/$subject
    log=build/fuzz/$subject.log
    if [[ ! -x $program || ! -d $seeds ]]; then
        echo "fuzz: $program or its corpus $seeds is missing" >&2
        exit 2
    fi
    mkdir -p "$found"
    echo "== $subject: $seconds s"
    # The first folder is where new inputs go; the committed one comes second and is left as it is.
    if "$program" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/crashes/$subject-" "$found" "$seeds" >"$log" 2>&1; then
        stats='number_of_executed_units|average_exec_per_sec|new_units_added|peak_rss_mb'
        grep -E "^stat::($stats)" "$log"
    else
        failed=1
        tail -n 40 "$log"
        # libFuzzer says where it put the input; without that line it did not come to one.
        sed -n 's/.*Test unit written to //p' "$log" | while read -r crash; do
            echo "fuzz: input: $crash   again with: $program $crash"
        done
        echo "fuzz: the log: $log"
    fi
done
exit "$failed"

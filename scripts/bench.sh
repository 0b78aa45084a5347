#!/usr/bin/env bash
# `make bench`: what reading all energy costs by legacy requests, and by one snapshot; what a sample
# and a start of rapl cost on Linux; and how wrong the energy of a command is.
#
#   scripts/bench.sh [ROUNDS]                   rounds in each of the 5 runs under Wine (200)
#   scripts/bench.sh accuracy [TRIALS [SEED]]   the last of these only (60; docs/accuracy.md)
#
# Tables on stdout. What cannot be measured here is said, not left out. Exit status: 0, or another
# when a part failed. docs/performance.md says what the numbers mean.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

if [[ ${1:-} == accuracy ]]; then
    exec build/linux/bench/bench_accuracy "${@:2}"
fi

rounds=${1:-200}
# A request wakes three programs of Wine in turn. On several processors its time doubles or halves
# with where the scheduler has put them, which the way before decides too; on one it does not.
processor=$(taskset -pc $$ | sed -E 's/.*: ([0-9]+).*/\1/')
core=build/linux/bench/bench_core
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# Instructions of one run of bench_core, in user mode, by the tool chosen below.
count_instructions() {
    if [[ $tool == callgrind ]]; then
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$core" "$@" 2>&1 |
            awk '/Collected :/ { print $NF; found = 1 } END { exit !found }'
    else
        perf stat -x, -e instructions:u "$core" "$@" 2>&1 |
            awk -F, '/instructions/ { print $1; found = 1 } END { exit !found }'
    fi
}

# What `times` repetitions take: a run with them less one with none.
repetitions() {
    local begin end
    begin=$(count_instructions "$1" "$2" 0)
    end=$(count_instructions "$1" "$2" "$times")
    echo $((end - begin))
}

tool=
times=1000
if command -v valgrind >/dev/null; then
    tool=callgrind
elif perf stat -x, -e instructions:u true 2>&1 | grep -q '^[0-9]'; then
    tool=perf
fi

{
    "$core" counts
    "$core" sizes
    if [[ -z $tool ]]; then
        echo "not-measured name=needs valgrind, or perf with hardware counters"
    fi
    for way in ${tool:+snapshot legacy}; do
        for packages in 2 8; do
            all=$(repetitions "$way" "$packages")
            platform=$(repetitions "$way-platform" "$packages")
            echo "instructions tool=$tool way=$way packages=$packages times=$times" \
                "all=$all platform=$platform"
        done
    done
    taskset -c "$processor" scripts/with-wine.sh -t 500 scripts/bench-in-wine.sh "$rounds"
} >"$lines"

echo "$(nproc) processors, $(wine --version 2>/dev/null), load $(cut -d' ' -f1 /proc/loadavg)"
echo
python3 -B bench/table.py <"$lines"
build/linux/bench/bench_cost build/linux/cli/rapl
echo
build/linux/bench/bench_accuracy 20

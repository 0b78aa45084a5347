#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# gmt2rec from outside: exit codes, what goes to stdout and stderr, and that the shipped recording
# is what the shipped log converts to. Arguments: the program, the source folder.
set -u
gmt2rec=$1
source=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# expect CODE TEXT ARGUMENT...: exit code, and a text that stderr must hold (- for silence)
expect() {
    code=$1
    text=$2
    shift 2
    "$gmt2rec" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" -ne "$code" ]; then
        echo "exit code $got, not $code: gmt2rec $*"
        failed=1
    elif [ "$text" = - ] && [ -s "$work/err" ]; then
        echo "not silent: gmt2rec $*: $(cat "$work/err")"
        failed=1
    elif [ "$text" != - ] && ! grep -qF -- "$text" "$work/err"; then
        echo "stderr lacks '$text': gmt2rec $*: $(cat "$work/err")"
        failed=1
    fi
}

check() {
    if ! "$@"; then
        echo "failed: $*"
        failed=1
    fi
}

log=tests/data/intel-package-99ms.log
cd "$source" || exit 1

# The command in docs/recording-format.md.
samples="200 samples of one Intel package"
expect 0 - --cpu 06_9E_A --unit 0xA0E03 --start-raw 4294267296 --speed 20 \
    --title "An Intel package, 19.9 s, recorded with Green Metrics Tool" \
    --source "$samples, recorded with Green Metrics Tool's RAPL provider: $log" \
    -o "$work/trace.rec" "$log"
check test ! -s "$work/out"
check cmp "$work/trace.rec" recordings/intel-package-99ms.rec

expect 0 - "$log"
check grep -q '^at 19868994 18241225 @log$' "$work/out"
expect 0 - --help
check grep -q 'Exit codes: 0 done' "$work/out"

printf '1 1 Package_0\n2 oops Package_0\n' >"$work/bad.log"
expect 1 "bad.log:2:3: an energy in microjoules" "$work/bad.log"
check test ! -s "$work/out"
expect 1 "the log is empty" -
expect 1 "no RAPL is known for this CPU" --cpu 05_01 "$log"
expect 1 "the log names a domain" --cpu 13_01 "$log"

expect 2 "give one LOG"
expect 2 "give one LOG" "$log" "$log"
expect 2 "unrecognized option" --frequency 3 "$log"
expect 2 "requires an argument" "$log" --speed
for pair in --cpu=9E --cpu=06_9E_ --cpu=06_9E_10 --cpu=xx_yy --unit=x --unit=-1 --start-raw=1x \
    --speed=0 --speed=1001 --cores=0 --cores=257 --threads=9 --title= '--title=a"b' --source=; do
    expect 2 "gmt2rec --help says what fits" "$pair" "$log"
done

expect 3 "cannot read $work/none" "$work/none"
expect 3 "cannot write $work/none/x" -o "$work/none/x" "$log"
expect 3 "cannot read $work" "$work"

[ "$failed" -eq 0 ] && echo "gmt2rec: all as expected"
exit "$failed"

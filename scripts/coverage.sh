#!/usr/bin/env bash
# Line coverage of core and recording by the unit tests, from clang's source-based counters.
#
#   scripts/coverage.sh       needs the preset asan built (make coverage)
#
# Exit status: 0 when the tests pass and every line of core is executed. The report by line:
# build/asan/coverage/lines.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/asan
out=$build/coverage
rm -rf "$out"
mkdir -p "$out"

# %m: one file for each program, however often and from wherever it runs.
if ! LLVM_PROFILE_FILE=$PWD/$out/%m.profraw ctest --test-dir "$build" -L '^unit$' \
        --no-tests=error --output-on-failure --timeout 300 >"$out/tests.log" 2>&1; then
    tail -n 40 "$out/tests.log" >&2
    echo "coverage: unit tests fail; the log: $out/tests.log" >&2
    exit 1
fi

# The programs ctest runs, not those of removed tests that an older build left behind.
ctest --test-dir "$build" -L '^unit$' --show-only=json-v1 >"$out/tests.json"
mapfile -t programs < <(python3 - "$out/tests.json" "$PWD/$build/tests/unit/" <<'EOF_PYTHON'
import json
import sys

for test in json.load(open(sys.argv[1], encoding="utf-8"))["tests"]:
    if test["command"][0].startswith(sys.argv[2]):
        print(test["command"][0])
EOF_PYTHON
)
objects=()
for program in "${programs[@]:1}"; do
    objects+=(-object "$program")
done
llvm-profdata-19 merge -sparse -o "$out/all.profdata" "$out"/*.profraw
cov() {
    local what=$1
    shift
    llvm-cov-19 "$what" "${programs[0]}" "${objects[@]}" -instr-profile="$out/all.profdata" "$@"
}

cov show -show-line-counts-or-regions core recording >"$out/lines.txt"
cov report -show-region-summary=false core recording
cov export -summary-only core >"$out/core.json"
python3 - "$out/core.json" "$out/lines.txt" <<'EOF_PYTHON'
import glob
import json
import sys

report = json.load(open(sys.argv[1], encoding="utf-8"))["data"][0]
total = report["totals"]["lines"]
seen = {entry["filename"].rsplit("/", 1)[1] for entry in report["files"]}
for path in glob.glob("core/*.c"):
    if path.rsplit("/", 1)[1] not in seen:
        sys.exit(f"coverage: no unit test has {path} in it")
print(f"\ncore: {total['covered']} of {total['count']} lines executed, {total['percent']:.2f} %")
if total["count"] == 0 or total["covered"] < total["count"]:
    print(f"core must be at 100 %; the lines: grep -n '|      0|' {sys.argv[2]}", file=sys.stderr)
    sys.exit(1)
EOF_PYTHON

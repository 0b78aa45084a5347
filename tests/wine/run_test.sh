#!/usr/bin/env bash
# `rapl run` under Wine, on the simulated driver: the command's exit code and streams, a child of a
# child in the job, what cannot be run, and both ends on an update of the counter.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

rapl=dist/windows/rapl.exe

play jitter-1ms

run 7 $rapl run -o 'c:\result.jsonl' -j -- cmd /c "echo from the command & exit 7"
expect_match "the command's own output" '^from the command ?$' "$out"
result=$WINEPREFIX/drive_c/result.jsonl
expect_true "each line is as the schema says" python3 -B - "$result" <<'PYTHON'
import json
import sys

import jsonschema

schema = json.load(open("docs/schemas/run.json"))
lines = [json.loads(line) for line in open(sys.argv[1])]
for line in lines:
    jsonschema.Draft202012Validator(schema).validate(line)
first, summary = lines
assert summary["simulated"] and summary["exit_code"] == 7, summary
package = first["domains"][0]
assert package["domain"] == "package-0" and package["status"] == "ok", package
# 45 W, whatever the time was; a busy machine may hold a reading up
error = package["energy_j"] / (45 * first["time_s"]) - 1
assert not package["aligned"] or abs(error) < 0.05, (error, package)
PYTHON

# A grandchild that outlives the command by two seconds: started without waiting, in the same job.
printf 'dist\\windows\\rapl.exe read -i 2s >c:\\read.txt\r\n' >"$WINEPREFIX/drive_c/slow.cmd"
run 4 $rapl run -x , -- cmd /c 'start /b cmd /c c:\slow.cmd & exit 4'
expect_true "it had its say" grep -q package "$WINEPREFIX/drive_c/read.txt"
fields='[0-9.]+,Joules,package-0,([2-9]|[0-9]{2,})[0-9]{9},100.00,,'
fields+='[0-9.]+,Watts,,,[0-9.]+,,,simulated'
expect_match "perf's fields, and two seconds" $'(^|\n)'"$fields" "$out"

run 0 $rapl run -r 3 -- cmd /c exit 0
expect_words "three runs" "3 runs of cmd" "+- 95 %" "simulated"
run 127 $rapl run -- no-such-command-here
expect_words "not found" "there is no such command"
printf 'exit 0\r\n' >"$WINEPREFIX/drive_c/batch.bat"
run 126 $rapl run -- 'c:\batch.bat'
expect_words "a batch file" "cmd /c"
printf 'no program' >"$WINEPREFIX/drive_c/text.exe"
run 126 $rapl run -- 'c:\text.exe'
run 64 $rapl run
loader 0 stop

run 69 $rapl run --source driver -- cmd /c exit 0
expect_nothing_left
finish

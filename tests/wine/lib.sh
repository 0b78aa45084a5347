# shellcheck shell=bash
# Shared by the end-to-end scripts, which run under scripts/with-wine.sh from the source folder.
# A script ends with `finish`; a failed check says what was expected and what came.

# shellcheck disable=SC2034 # used by the scripts
SIM=dist/sim
# shellcheck disable=SC2034
CLIENT=build/windows/tests/wine/legacy_client.exe
failures=0
checks=0

fail() {
    failures=$((failures + 1))
    echo "FAILED: $*" >&2
}

# expect WHAT EXPECTED ACTUAL: equal strings.
expect() {
    checks=$((checks + 1))
    [[ $2 == "$3" ]] || fail "$1: expected '$2', got '$3'"
}

# expect_match WHAT REGEX ACTUAL
expect_match() {
    checks=$((checks + 1))
    [[ $3 =~ $2 ]] || fail "$1: expected a match of '$2', got: $3"
}

# expect_words WHAT WORDS...: $out has each of them.
expect_words() {
    local what=$1 words
    shift
    for words in "$@"; do
        checks=$((checks + 1))
        [[ $out == *"$words"* ]] || fail "$what: expected '$words' in: $out"
    done
}

# expect_true WHAT COMMAND...: the command succeeds.
expect_true() {
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$what: not so: $*"
}

# once PROGRAM ARGUMENT...: output in $out, without Wine's carriage returns; the program's status.
out=
once() {
    out=$(wine "$@" 2>&1 | tr -d '\r' | grep -v -e 'wine32 is missing' -e 'multiarch needs' \
            -e 'execute "dpkg' -e 'apt-get install wine32'; exit "${PIPESTATUS[0]}")
}

# run EXPECTED_STATUS PROGRAM ARGUMENT...: as once, and the status is checked. No program of this
# project fails without a word: one that did was not started by Wine (scripts/with-wine.sh says why,
# and prevents it where it may). It is said, and tried again, once in a script.
silent_starts=0
run() {
    local expected=$1 status=0
    shift
    checks=$((checks + 1))
    once "$@" || status=$?
    if [[ $status != "$expected" && -z $out && $silent_starts == 0 ]]; then
        silent_starts=1
        echo "wine: $* ended with $status and no word; trying again" >&2
        status=0
        once "$@" || status=$?
    fi
    [[ $status == "$expected" ]] ||
        fail "$*: expected exit status $expected, got $status, saying: $out"
}

loader() {
    local expected=$1
    shift
    run "$expected" "$SIM/DriverLoader.exe" "$@"
}

client() {
    run 0 "$CLIENT" "$@"
}

# play RECORDING: the simulated driver, installed and started on recordings/RECORDING.rec.
play() {
    loader 0 install --simulated "--recording=$SIM/recordings/$1.rec"
    loader 0 start
}

# Everything the loader made is gone.
expect_nothing_left() {
    loader 0 remove
    loader 6 status
    checks=$((checks + 1))
    [[ ! -e $WINEPREFIX/drive_c/windows/system32/drivers/ScaphandreDrv.sys ]] ||
        fail "the driver's file is still in the drivers folder"
    run 1 reg query 'HKLM\System\CurrentControlSet\Services\ScaphandreDrv'
}

finish() {
    echo "$checks checks, $failures failed"
    [[ $checks -gt 0 && $failures -eq 0 ]]
}

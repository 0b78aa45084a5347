#!/usr/bin/env bash
# Runs the tests of one kind, or all of them; `make test-KIND` builds what they need first.
#
#   scripts/test.sh all|unit|race|fuzz|layers|library|linux|harness|wine|image|package
#
# Every kind is a set of ctest tests with that label. Logs: build/PRESET/Testing/Temporary/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

# scripts/coverage.sh reads these; without a name each test would write one where it runs
export LLVM_PROFILE_FILE=$PWD/build/asan/profiles/%p-%m.profraw

declare -A preset_of=([unit]=asan [race]=tsan [fuzz]=asan [layers]=linux [library]=linux
                      [linux]=linux [harness]=windows [wine]=windows [image]=windows
                      [package]=linux)
order=(layers library unit race fuzz linux image package harness wine)

not_tested() {
    cat <<'EOF'
Not tested here, because there is no Windows on this machine:
  - the driver on a real Windows kernel: scheduler, interrupts, real tokens and access checks
  - HVCI, Secure Boot and code signing: what they look at is checked, that they accept it is not
  - installing on Windows: the INF by PnP, the catalog by Windows, the MSI by Windows Installer
  - Driver Verifier, Static Driver Verifier, CodeQL and the HLK
  - a real processor's RAPL registers: every value comes from a recording
  - the driver under Wine is the simulated one: Wine enforces no access control and no affinity
EOF
}

kinds=("$@")
[[ ${1:-} != all ]] || kinds=("${order[@]}")
passed=0
failed=0
for kind in "${kinds[@]}"; do
    preset=${preset_of[$kind]:?unknown kind of test: $kind}
    log=build/$preset/test-$kind.log
    echo "== $kind"
    ctest --test-dir "build/$preset" -L "^$kind\$" --no-tests=error --output-on-failure \
        --timeout 600 --parallel 2 >"$log" 2>&1
    status=$?
    total=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$log")
    good=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.* Passed ' "$log")
    passed=$((passed + good))
    failed=$((failed + total - good))
    if [[ $status -eq 0 && $total -gt 0 ]]; then
        grep -E '^ *[0-9]+/[0-9]+ Test +#' "$log"
    else
        [[ $total -gt $good ]] || failed=$((failed + 1))
        cat "$log"
        echo "the log of these tests: $log"
    fi
done

echo
[[ ${1:-} != all ]] || not_tested
echo
echo "tests: $passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]

#!/usr/bin/env bash
# Formatting, static analysis and the house's own rules.
#
#   scripts/lint.sh           all of it; needs the presets linux and windows configured (make lint)
#   scripts/lint.sh format    rewrites the C sources with clang-format
#
# Exit status: 0 when nothing was found.
#
# shellcheck disable=SC2317 # `tidy` is called, by step
set -euo pipefail
cd "$(dirname "$0")/.."

# Every file of the project, whether git knows it yet or not.
mapfile -t files < <(git ls-files --cached --others --exclude-standard |
    while read -r file; do [[ ! -f $file ]] || echo "$file"; done)
sources=()
scripts=()
for file in "${files[@]}"; do
    case $file in
    *.[ch]) sources+=("$file") ;;
    *.sh) scripts+=("$file") ;;
    *) [[ $(head -c 32 "$file" | tr -d '\0') != '#!'*bash* ]] || scripts+=("$file") ;;
    esac
done

if [[ ${1:-} == format ]]; then
    exec clang-format-19 -i "${sources[@]}"
fi

# Every C file once, with the command of the first preset that builds it.
tidy() {
    local list=build/lint/files log=build/lint/clang-tidy.log status=0 file
    mkdir -p build/lint
    cmake --preset asan --log-level=WARNING >/dev/null || return 1
    scripts/lint_commands.py build/lint build/linux build/windows build/asan >"$list" || return 1
    xargs -P "$(nproc)" -n 1 clang-tidy-19 --quiet -p build/lint <"$list" >"$log" 2>&1 || status=1
    # The rest counts what was found in headers that are not ours.
    grep -vE '^[0-9]+ (warnings?|errors?)( and .*)? (generated|treated)|^Suppressed|^Use -h' \
        "$log" || true
    for file in "${sources[@]}"; do
        if [[ $file == *.c ]] && ! grep -qxF "$file" "$list"; then
            echo "$file: no preset builds it"
            status=1
        fi
    done
    return "$status"
}

failed=0

# step NAME COMMAND...: the command prints what it finds
step() {
    local name=$1 begin=$SECONDS
    shift
    if "$@"; then
        echo "ok      $name ($((SECONDS - begin)) s)"
    else
        echo "FAILED  $name"
        failed=1
    fi
}

step "clang-format (${#sources[@]} files)" clang-format-19 --dry-run -Werror "${sources[@]}"
step "shellcheck (${#scripts[@]} files)" shellcheck -x "${scripts[@]}"
step "sizes and notes (${#files[@]} files)" python3 -B scripts/lint_sizes.py "${files[@]}"
step "clang-tidy" tidy
exit "$failed"

#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says which.
#
#   scripts/deps.sh build         compilers, Wine, cmocka
#   scripts/deps.sh build lint    and the linters
#   scripts/deps.sh bench         what counts instructions
#   scripts/deps.sh build package and what makes and checks packages: signatures, cabinets, MSI
#
# NO_INSTALL=1: only say what is missing. Exit 2 if something is missing and was not installed.
set -euo pipefail

declare -A groups=(
    [build]="gcc libc6-dev cmake ninja-build clang-19 lld-19 llvm-19 libclang-rt-19-dev
             mingw-w64-x86-64-dev gcc-mingw-w64-x86-64-win32 wine64 wine libcmocka-dev libssl-dev
             pkgconf openssl python3 python3-jsonschema"
    [lint]="clang-format-19 clang-tidy-19 shellcheck"
    [bench]="valgrind"
    [package]="osslsigncode openssl gcab msitools python3-asn1crypto"
)

missing=()
for group in "$@"; do
    # shellcheck disable=SC2086 # the lists are words
    for package in ${groups[$group]}; do
        status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
        [[ $status == "install ok installed" ]] || missing+=("$package")
    done
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [[ ${NO_INSTALL:-} == 1 ]]; then
    echo "missing packages: ${missing[*]}" >&2
    echo "install them with: sudo $install" >&2
    exit 2
fi

sudo=()
if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
        echo "missing packages, and neither root nor sudo to install them." >&2
        echo "run as root: $install" >&2
        exit 2
    fi
    sudo=(sudo)
fi
echo "installing: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "the packages above could not be installed. This project is built on Debian 12; with" >&2
    echo "network access, try: sudo $install" >&2
    exit 2
fi

#!/usr/bin/env bash
# `make sign`: signed copies of what is in dist/windows and dist/package, in dist/signed.
#
#   scripts/sign.sh [OUT]        OUT: the folder to make (dist/signed)
#
# SIGN_SCRIPT names a program that signs; without it a certificate is made on the spot that nobody
# trusts (package/sign_test.sh, which is also the example of one). It is called as
#   SIGN_SCRIPT begin FOLDER     once, first; a public certificate may be put into FOLDER
#   SIGN_SCRIPT sign IN OUT TEXT for each file: sign a copy of IN as OUT; TEXT describes it
#   SIGN_SCRIPT end              once, last
# Order: the driver, the catalog of the signed driver, the programs, and the MSI made of them all.
# dist/windows itself stays as it was built.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-dist/signed}
signer=${SIGN_SCRIPT:-package/sign_test.sh}
python=/usr/bin/python3

fail() {
    echo "sign: $*" >&2
    exit 1
}

SIGN_WORK=$(mktemp -d)
export SIGN_WORK
began=0
cleanup() {
    [[ $began -eq 0 ]] || "$signer" end || true
    rm -rf "$SIGN_WORK"
}
trap cleanup EXIT

# sign IN OUT TEXT
sign() {
    "$python" -B package/refuse_simulated.py "$1" || fail "$1 was not signed"
    rm -f "$2"
    "$signer" sign "$1" "$2" "$3" || fail "$signer could not sign $1"
    [[ -s $2 ]] || fail "$signer said it signed $1 and made no $2"
}

[[ -f dist/package/driver/ScaphandreDrv.inf ]] || fail "nothing to sign yet; run: make package"
[[ $(command -v "$signer") ]] || fail "SIGN_SCRIPT $signer is not a program that can be run"
rm -rf "$out"
mkdir -p "$out/windows" "$out/driver"
began=1
"$signer" begin "$out" || fail "$signer could not begin"

find dist/windows -type f -printf '%P\n' | LC_ALL=C sort >"$SIGN_WORK/files"
while read -r file; do
    mkdir -p "$(dirname "$out/windows/$file")"
    case $file in
    *.sys) sign "dist/windows/$file" "$out/windows/$file" "RAPL energy counter driver" ;;
    *.exe | *.dll) sign "dist/windows/$file" "$out/windows/$file" "windows-rapl-driver" ;;
    *) cp "dist/windows/$file" "$out/windows/$file" ;;
    esac
done <"$SIGN_WORK/files"

# The catalog holds the hashes of what is signed, so it is made anew.
cp dist/package/driver/ScaphandreDrv.inf "$out/driver/"
cp "$out/windows/ScaphandreDrv.sys" "$out/driver/"
build/linux/tools/mkcat/mkcat "$out/driver/ScaphandreDrv.inf" "$SIGN_WORK/ScaphandreDrv.cat"
sign "$SIGN_WORK/ScaphandreDrv.cat" "$out/driver/ScaphandreDrv.cat" "RAPL energy counter driver"

name=windows-rapl-driver-$(cat VERSION).msi
sign build/windows/package/msi/rapl_msi.dll "$SIGN_WORK/rapl_msi.dll" "windows-rapl-driver"
"$python" -B package/make_msi.py --binaries "$out/windows" --driver "$out/driver" \
    --actions "$SIGN_WORK/rapl_msi.dll" --out "$SIGN_WORK/$name"
sign "$SIGN_WORK/$name" "$out/$name" "windows-rapl-driver"
echo "signed by $signer:"
find "$out" -type f | sort | sed 's/^/  /'

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The cabinet for Partner Center: exactly these files in one folder, with the bytes that were built;
# the same bytes each time; and a simulated driver or a missing symbol file is refused.
#
# shellcheck disable=SC2317 # `refuses` is called, by check
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
check() {
    local what=$1
    shift
    "$@" || {
        echo "FAILED: $what" >&2
        failed=1
    }
}
refuses() {
    ! "$@" >"$scratch/log" 2>&1
}

scripts/attestation.sh "$scratch/a.cab"
sleep 2 # a cabinet counts time in steps of two seconds
scripts/attestation.sh "$scratch/b.cab"
check "two cabinets differ" cmp "$scratch/a.cab" "$scratch/b.cab"

expected='ScaphandreDrv\ScaphandreDrv.cat
ScaphandreDrv\ScaphandreDrv.inf
ScaphandreDrv\ScaphandreDrv.pdb
ScaphandreDrv\ScaphandreDrv.sys'
check "the list of files" [ "$(gcab -t "$scratch/a.cab")" = "$expected" ]
mkdir "$scratch/x"
gcab -x -C "$scratch/x" "$scratch/a.cab"
for name in cat inf sys; do
    check ".$name is what was built" cmp "dist/package/driver/ScaphandreDrv.$name" \
        "$scratch/x/ScaphandreDrv/ScaphandreDrv.$name"
done
check ".pdb is what was built" cmp dist/windows/ScaphandreDrv.pdb \
    "$scratch/x/ScaphandreDrv/ScaphandreDrv.pdb"

mkdir -p "$scratch/tree/dist/package"
cp -r package scripts VERSION VERSION_DATE "$scratch/tree/"
cp -r dist/package/driver "$scratch/tree/dist/package/"
cp -r dist/windows "$scratch/tree/dist/"
cp dist/sim/ScaphandreDrv.sys "$scratch/tree/dist/package/driver/"
check "the simulated driver is refused" refuses "$scratch/tree/scripts/attestation.sh"
check "and said why" grep -q 'is simulated' "$scratch/log"
rm "$scratch/tree/dist/windows/ScaphandreDrv.pdb"
cp dist/windows/ScaphandreDrv.sys "$scratch/tree/dist/package/driver/"
check "a missing symbol file is noticed" refuses "$scratch/tree/scripts/attestation.sh"
check "no cabinet was made" [ ! -e "$scratch/tree/dist/package/attestation/ScaphandreDrv.cab" ]
exit "$failed"

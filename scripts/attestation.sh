#!/usr/bin/env bash
# `make attestation`: the cabinet that Microsoft's Partner Center takes for attestation signing.
#
#   scripts/attestation.sh [OUT.cab]     (dist/package/attestation/ScaphandreDrv.cab)
#
# One folder, nothing beside it, with the .inf, .sys, .pdb and .cat, as Microsoft's page
# "Attestation sign Windows drivers" asks. The cabinet itself has to be signed with the EV
# certificate of the Partner Center account before it is uploaded: SIGN_SCRIPT does it, if set.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-dist/package/attestation/ScaphandreDrv.cab}
out=$(realpath -m "$out")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

[[ -f dist/package/driver/ScaphandreDrv.cat ]] || {
    echo "attestation: dist/package/driver is not there; run: make package" >&2
    exit 1
}
mkdir "$scratch/ScaphandreDrv"
cp dist/package/driver/ScaphandreDrv.{inf,sys,cat} dist/windows/ScaphandreDrv.pdb \
    "$scratch/ScaphandreDrv/"
/usr/bin/python3 -B package/refuse_simulated.py "$scratch"/ScaphandreDrv/*
# The cabinet holds the files' times: the same files, the same cabinet.
find "$scratch" -exec touch -d "$(cat VERSION_DATE) 00:00:00 UTC" {} +
mkdir -p "$(dirname "$out")"
rm -f "$out"
(cd "$scratch" && TZ=UTC gcab -c -z unsigned.cab ScaphandreDrv/ScaphandreDrv.{cat,inf,pdb,sys})
if [[ -n ${SIGN_SCRIPT:-} ]]; then
    mkdir "$scratch/public"
    SIGN_WORK=$scratch "$SIGN_SCRIPT" begin "$scratch/public"
    SIGN_WORK=$scratch "$SIGN_SCRIPT" sign "$scratch/unsigned.cab" "$out" "ScaphandreDrv"
    SIGN_WORK=$scratch "$SIGN_SCRIPT" end
    echo "$out, signed by $SIGN_SCRIPT"
else
    mv "$scratch/unsigned.cab" "$out"
    echo "$out, not signed: sign it with the account's EV certificate before the upload"
fi

#!/usr/bin/env bash
# tools/compat sees what a client does, and says so when one does not come near the device.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp build/windows/tests/wine/legacy_client.exe "$folder/"
echo 'legacy_client.exe green-metrics-tool' >"$folder/arguments"

table=$(tools/compat "$folder")
echo "$table"
grep -q "sha256    $(sha256sum "$folder/legacy_client.exe" | cut -d' ' -f1)" <<<"$table"
grep -q 'opened    1 times; access 0xC0100080 share 0' <<<"$table"
grep -q 'requests       7 x 0x222000 8->8 bytes' <<<"$table"
grep -q 'ended     exit 0' <<<"$table"

echo 'legacy_client.exe list' >"$folder/arguments"
if table=$(tools/compat "$folder"); then
    echo "FAILED: a program that never opened the device was passed" >&2
    exit 1
fi
grep -q 'opened    never' <<<"$table"

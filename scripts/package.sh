#!/usr/bin/env bash
# `make package`: what is released, unsigned and reproducible, in dist/package.
#
#   driver/          the driver package: INF, catalog, driver
#   *.msi, *.zip     the installer; the same files without one
#   *.spdx.json      the bill of materials
#   SHA256SUMS       of all of these
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3
out=dist/package
driver=$out/driver
name=$out/windows-rapl-driver-$(cat VERSION)

rm -rf $out
mkdir -p $driver
cp dist/windows/ScaphandreDrv.sys $driver/
$python -B package/refuse_simulated.py $driver/ScaphandreDrv.sys
$python -B package/make_inf.py $driver/ScaphandreDrv.inf
build/linux/tools/mkcat/mkcat $driver/ScaphandreDrv.inf $driver/ScaphandreDrv.cat
$python -B package/make_msi.py --binaries dist/windows --driver $driver \
    --actions build/windows/package/msi/rapl_msi.dll --out "$name.msi"
$python -B package/make_zip.py "$name.zip" dist/windows $driver
$python -B package/make_sbom.py "$name.spdx.json" dist/windows $driver
(cd $out && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs sha256sum >"$OLDPWD/$out/SHA256SUMS")
cat $out/SHA256SUMS

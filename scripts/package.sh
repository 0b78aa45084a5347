#!/usr/bin/env bash
# `make package`: what is released, unsigned and reproducible, in dist/package.
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3
driver=dist/package/driver

rm -rf dist/package
mkdir -p $driver
cp dist/windows/ScaphandreDrv.sys $driver/
$python -B package/refuse_simulated.py $driver/ScaphandreDrv.sys
$python -B package/make_inf.py $driver/ScaphandreDrv.inf
build/linux/tools/mkcat/mkcat $driver/ScaphandreDrv.inf $driver/ScaphandreDrv.cat

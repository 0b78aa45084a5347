#!/usr/bin/env bash
# Puts what a user would take away into dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
mkdir -p dist/linux dist/windows dist/sim
cp build/linux/cli/rapl build/linux/tools/gmt2rec/gmt2rec dist/linux/
cp build/windows/driver/ScaphandreDrv.{sys,pdb} build/windows/loader/DriverLoader.exe \
   build/windows/cli/rapl.exe dist/windows/
cp build/windows/sim/ScaphandreDrv.{sys,pdb} build/windows/loader/DriverLoader.exe dist/sim/
cp -r recordings dist/sim/recordings

#!/usr/bin/env bash
# Puts what a user would take away into dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf dist
mkdir -p dist/linux dist/windows dist/sim
cp build/linux/cli/{rapl,PowerMonitor,metric-provider-binary} build/linux/tools/gmt2rec/gmt2rec \
   dist/linux/
cp build/windows/driver/ScaphandreDrv.{sys,pdb} build/windows/loader/DriverLoader.exe \
   build/windows/cli/{rapl,PowerMonitor,metric-provider-binary}.exe dist/windows/
cp build/windows/sim/ScaphandreDrv.{sys,pdb} build/windows/loader/DriverLoader.exe dist/sim/
cp -r recordings dist/sim/recordings

# The library, for programs of others: headers, both ways of linking, CMake package, pkg-config.
for system in linux windows; do
    cmake --install build/$system --component library --prefix dist/$system --strip >/dev/null
done

# The manual pages, from the tables that parse the options.
mkdir -p dist/linux/man/man1
rapl=dist/linux/rapl
"$rapl" man >dist/linux/man/man1/rapl.1
"$rapl" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | while read -r verb; do
    "$rapl" man "$verb" >"dist/linux/man/man1/rapl-$verb.1"
done

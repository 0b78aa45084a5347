#!/usr/bin/env bash
# The example, built for Windows as docs/library.md says: against the import library with rapl-1.dll
# beside it, and against the static library. Both read the simulated driver and a recording.
set -euo pipefail
# shellcheck source=tests/wine/lib.sh
. tests/wine/lib.sh

built=$WINEPREFIX/drive_c/example
compile=(clang-19 --target=x86_64-w64-mingw32 -fuse-ld=lld -std=c11 -Wall -Wextra -Werror
         examples/energy.c -Idist/windows/include -Ldist/windows/lib)

mkdir -p "$built"
expect_true "import library" "${compile[@]}" -DRAPL_DLL -lrapl -o "$built/shared.exe"
expect_true "static" "${compile[@]}" -Wl,-Bstatic -lrapl -Wl,-Bdynamic -ladvapi32 -lsetupapi \
    -o "$built/static.exe"
cp dist/windows/bin/rapl-1.dll "$built/"
checks=$((checks + 1))
[[ $(llvm-objdump-19 -p "$built/static.exe") != *rapl-1.dll* ]] || fail "static needs the DLL"

for kind in shared static; do
    run 0 "$built/$kind.exe" recordings/zen-desktop.rec
    expect "$kind, a recording" 'package of package 0: 78.500000 J, 78.500 W (simulated)' "$out"
    run 1 "$built/$kind.exe"
    expect "$kind, no driver" 'no source of energy could be opened on this machine' "$out"
done

play zen-desktop
for kind in shared static; do
    run 0 "$built/$kind.exe"
    expect_match "$kind, the driver" \
        '^package of package 0: [0-9]+\.[0-9]{6} J, 7[789]\.[0-9]{3} W \(simulated\)$' "$out"
done
loader 0 stop
expect_nothing_left
finish

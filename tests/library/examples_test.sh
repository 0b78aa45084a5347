#!/usr/bin/env bash
# The examples build against dist/linux as docs/library.md says, with pkg-config and with CMake,
# both ways of linking, also when the folder was moved; and give the numbers of a recording.
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r dist/linux "$scratch/moved"
export PKG_CONFIG_PATH=$scratch/moved/lib/pkgconfig
warnings=(-std=c11 -Wall -Wextra -Wpedantic -Werror)
recording=recordings/zen-desktop.rec
failures=0

# expect WHAT EXPECTED ACTUAL
expect() {
    if [[ $2 != "$3" ]]; then
        echo "FAILED: $1: expected '$2', got '$3'" >&2
        failures=$((failures + 1))
    fi
}

joules='package of package 0: 78.500000 J, 78.500 W (simulated)'

# shellcheck disable=SC2046 # pkg-config gives words
cc "${warnings[@]}" examples/energy.c $(pkg-config --cflags --libs rapl) -o "$scratch/shared"
expect "shared" "$joules" "$(LD_LIBRARY_PATH=$scratch/moved/lib "$scratch/shared" $recording)"

# shellcheck disable=SC2046
cc "${warnings[@]}" examples/energy.c $(pkg-config --cflags rapl) \
    -Wl,-Bstatic $(pkg-config --static --libs rapl) -Wl,-Bdynamic -o "$scratch/static"
expect "static" "$joules" "$("$scratch/static" $recording)"
expect "static needs no librapl" 0 "$(readelf -d "$scratch/static" | grep -c librapl || true)"

# As C++, which the header allows.
if command -v c++ >/dev/null; then
    printf '#include <rapl/rapl.h>\nint main() { return rapl_library_version() < 0x10000; }\n' \
        >"$scratch/version.cpp"
    # shellcheck disable=SC2046
    c++ -Wall -Werror "$scratch/version.cpp" $(pkg-config --cflags --libs rapl) -o "$scratch/cpp"
    LD_LIBRARY_PATH=$scratch/moved/lib "$scratch/cpp" || expect "C++" 0 $?
fi

mkdir "$scratch/project"
cat >"$scratch/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(example C)
find_package(rapl 1 REQUIRED)
foreach(kind rapl static)
    add_executable(\${kind} "$PWD/examples/energy.c")
    target_link_libraries(\${kind} PRIVATE rapl::\${kind})
endforeach()
END
if ! { cmake -S "$scratch/project" -B "$scratch/project/build" -G Ninja --log-level=WARNING \
           -DCMAKE_PREFIX_PATH="$scratch/moved" &&
       cmake --build "$scratch/project/build"; } >"$scratch/log" 2>&1; then
    cat "$scratch/log"
    exit 1
fi
for kind in rapl static; do
    expect "CMake, $kind" "$joules" "$("$scratch/project/build/$kind" $recording)"
done

# shellcheck disable=SC2046
cc "${warnings[@]}" -Iexamples -Itests/library/stand_in tests/library/energymon_test.c \
    examples/energymon-rapl.c $(pkg-config --cflags --libs rapl) -o "$scratch/energymon"
LD_LIBRARY_PATH=$scratch/moved/lib RAPL_RECORDING=$recording "$scratch/energymon" ||
    expect "energymon" 0 $?

[[ $failures -eq 0 ]]

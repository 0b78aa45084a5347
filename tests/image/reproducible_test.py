#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same sources give the same driver images, PDBs and programs, byte for byte, wherever they are
built.

usage: reproducible_test.py SOURCE_DIR BUILD_DIR

Builds the drivers in two folders whose paths differ in length, the programs in the longer one, with
other library folders in the environment, and compares them with each other and with those already
in BUILD_DIR, which the other tests looked at.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TARGETS = ["ScaphandreDrv", "ScaphandreDrvSimulated"]
PROGRAMS = ["DriverLoader", "rapl", "rapl_msi"]
FILES = ["driver/ScaphandreDrv.sys", "driver/ScaphandreDrv.pdb",
         "sim/ScaphandreDrv.sys", "sim/ScaphandreDrv.pdb"]
PROGRAM_FILES = ["loader/DriverLoader.exe", "cli/rapl.exe", "package/msi/rapl_msi.dll"]
PRESET = "windows"


def build(source, folder, targets, **variables):
    """The build folder of a copy of `source` in `folder`, built with these variables set."""
    not_sources = shutil.ignore_patterns(".git", "build", "dist", "__pycache__")
    shutil.copytree(source, folder, ignore=not_sources)
    # Nothing of the surrounding ctest or make may leak into the second build.
    environment = {name: value for name, value in os.environ.items()
                   if name in ("PATH", "HOME", "TMPDIR", "LANG")} | variables
    for command in (["cmake", "--preset", PRESET, "--log-level=WARNING"],
                    ["cmake", "--build", "--preset", PRESET, "--target", *targets]):
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True,
                                text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)} in {folder} failed:\n{result.stdout}{result.stderr}")
    return folder / "build" / PRESET


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, here = Path(sys.argv[1]), Path(sys.argv[2])
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        short = build(source, Path(scratch) / "a", TARGETS)
        long = build(source, Path(scratch) / "a-much-longer-name/with/folders",
                     TARGETS + PROGRAMS, LIBRARY_PATH="/nonexistent")
        for name in FILES:
            content = (short / name).read_bytes()
            if (long / name).read_bytes() != content:
                problems.append(f"{name} is not the same in {short} and {long}")
            elif (here / name).read_bytes() != content:
                problems.append(f"{name} in {here} is not what the sources give: out of date?")
            print(f"{name}: {len(content)} bytes, 3 builds")
        for name in PROGRAM_FILES:
            content = (long / name).read_bytes()
            if (here / name).read_bytes() != content:
                problems.append(f"{name} in {here} and in {long} differ")
            print(f"{name}: {len(content)} bytes, 2 builds")
    for problem in problems:
        print(f"problem: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The harness holds each import to the rules that were reviewed for it.

usage: imports_agree_test.py IMPORTS.TXT HARNESS_FOLDER

Each function of imports.txt has a row in the harness with the same DLL, first Windows and highest
IRQL. Reading the sources needs neither image.
"""
import re
import sys
from pathlib import Path

BUILDS = re.compile(r"#define (BUILD_\w+) +(\d+)u")
ROW = re.compile(r"IMPORT_FUNCTION\((\w+),\s*IMPORT_(\w+),\s*(BUILD_\w+),\s*(\d+),\s*(\d+),")
DATA = re.compile(r'\.name = "(\w+)",\s*\.dll = IMPORT_(\w+),\s*\.first_build = (BUILD_\w+),')
DLLS = {"KERNEL": "ntoskrnl.exe", "HAL": "HAL.dll"}
IRQLS = {"PASSIVE": 0, "APC": 1, "DISPATCH": 2, "DIRQL": 15, "any": 15}


def harness_rows(folder):
    """name: (dll, first build, highest IRQL or None for data)"""
    sources = [path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("*.[ch]"))]
    builds = {name: int(value) for text in sources for name, value in BUILDS.findall(text)}
    rows = {}
    for text in sources:
        for name, dll, build, _, highest in ROW.findall(text):
            rows[name] = (DLLS[dll], builds[build], int(highest))
        for name, dll, build in DATA.findall(text):
            rows[name] = (DLLS[dll], builds[build], None)
    return rows


def reviewed_rows(path):
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, image, dll, since, irql = line.split()[:5]
            yield name, image, (dll, int(since.split(".")[2]), IRQLS[irql])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = harness_rows(sys.argv[2])
    count = 0
    problems = []
    for name, image, reviewed in reviewed_rows(sys.argv[1]):
        count += 1
        if name not in rows:
            if image != "simulated":  # the harness runs the production image
                problems.append(f"{name}: the harness has no row")
            continue
        row = rows[name] if rows[name][2] is not None else (*rows[name][:2], reviewed[2])
        if row != reviewed:
            problems.append(f"{name}: harness {row}, reviewed {reviewed}")
    for problem in problems:
        print(f"problem: {problem}")
    print(f"{count} imports compared, {len(problems)} problems")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())

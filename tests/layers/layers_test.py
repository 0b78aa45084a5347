#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include what, and what core and recording may need.

usage: layers_test.py SOURCE_DIR LIBRARY...

LIBRARY is librapl_core.a or librapl_recording.a; the linker symbols they leave undefined must be
each other's, or one of memcpy, memset, memmove, memcmp. The rules are ARCHITECTURE.md's picture.
"""
import re
import subprocess
import sys
from pathlib import Path

FREESTANDING = {"stdint.h", "stdbool.h", "stddef.h", "stdalign.h", "stdnoreturn.h", "limits.h"}
# <string.h> for the four functions below, which the kernel exports as well.
PURE_SYSTEM = FREESTANDING | {"string.h"}
MEMORY = {"memcpy", "memset", "memmove", "memcmp"}
# Made by whoever links position-independent code, into librapl.so.
LINKER = {"_GLOBAL_OFFSET_TABLE_"}

# folder: (project folders it may include, system headers it may include or None for any)
RULES = {
    "include/rapl": ({"rapl"}, FREESTANDING),
    "core": ({"core", "rapl"}, PURE_SYSTEM),
    "recording": ({"recording", "core", "rapl"}, PURE_SYSTEM),
    "driver": ({"driver", "core", "rapl"}, FREESTANDING | {"ntddk.h", "ntifs.h", "intrin.h"}),
    "sim": ({"sim", "driver", "recording", "core", "rapl"}, FREESTANDING | {"ntddk.h"}),
    "lib": ({"lib", "recording", "core", "rapl"}, None),
    "cli": ({"cli", "lib", "core", "rapl"}, None),
    "loader": ({"loader", "lib", "recording", "core", "rapl"}, None),
}
GENERATED = {"rapl_version.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def check_text(root, name, text, folders, system):
    problems = []
    for kind, header in INCLUDE.findall(text):
        top = header.split("/")[0]
        if header in GENERATED:
            continue
        if top == "rapl" or "/" in header and (root / top).is_dir():
            if top not in folders:
                problems.append(f"{name}: may not include {header}")
        elif kind == '"' and "/" not in header:
            problems.append(f'{name}: write "{header}" from the source folder up')
        elif system is not None and header not in system:
            problems.append(f"{name}: may not include <{header}>")
    return problems


def check_includes(root):
    problems = []
    for folder, (folders, system) in RULES.items():
        files = sorted(p for p in (root / folder).rglob("*") if p.suffix in {".c", ".h", ".def"})
        if not files:
            problems.append(f"{folder}: no source there; has it moved?")
        for path in files:
            problems += check_text(root, path.relative_to(root), path.read_text(), folders, system)
    return problems


def check_rules(root):
    """The rules refuse what they are for."""
    forbidden = ["#include <windows.h>", '#include "driver/hw.h"', '#include "cpu.h"',
                 "#  include <stdio.h>"]
    return [f"the layer rules let {line} into core" for line in forbidden
            if not check_text(root, "example", line, *RULES["core"])]


def symbols(library, kind):
    output = subprocess.run(["nm", "-P", f"--{kind}", library], check=True, capture_output=True,
                            text=True).stdout
    return {line.split()[0] for line in output.splitlines() if len(line.split()) > 1}


def check_symbols(libraries):
    defined = set()
    needed = set()
    for library in libraries:
        defined |= symbols(library, "defined-only")
        needed |= symbols(library, "undefined-only")
    return [f"core or recording needs {name}, which a kernel may not have"
            for name in sorted(needed - defined - MEMORY - LINKER)]


def main():
    root = Path(sys.argv[1])
    problems = check_rules(root) + check_includes(root) + check_symbols(sys.argv[2:])
    for problem in problems:
        print(problem)
    print(f"{len(RULES)} folders, {len(sys.argv) - 2} libraries: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

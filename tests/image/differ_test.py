#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Only the platform table differs between the two driver images, and the comparison can tell.

usage: differ_test.py PRODUCTION SIMULATED
"""
import shutil
import sys
import tempfile
from pathlib import Path

from differ import Side, compare, platform_table


def spoilt(path, scratch, place, change):
    """A copy of the image, its PDB beside it, with one byte changed at an RVA of `place(side)`."""
    copy = Path(scratch) / "ScaphandreDrv.sys"
    shutil.copy(path, copy)
    shutil.copy(Path(path).with_suffix(".pdb"), copy.with_suffix(".pdb"))
    side = Side(copy, platform_table())
    data = bytearray(side.image.data)
    data[side.image.offset_of(place(side))] ^= change
    copy.write_bytes(data)
    return copy


def in_function(name):
    """The first byte of a function's code."""
    return lambda side: side.symbols.function(name).begin


def in_data(name):
    """The first byte of a variable."""
    return lambda side: next(rva for rva, data in side.symbols.data.items() if data == name)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    production, simulated = sys.argv[1:]
    lines, problems = compare(production, simulated)
    print("\n".join(lines))

    faults = {
        "a change in core's code": (in_function("rapl_register_find"), "rapl_register_find of"),
        "a change in the dispatch code": (in_function("dispatch_create"), "dispatch_create of"),
        "a change in INIT code": (in_function("settings_read"), "settings_read of driver"),
        "a change in a table of core's": (in_data("registers"), ".rdata of core/msr.c"),
    }
    with tempfile.TemporaryDirectory() as scratch:
        for what, (place, expected) in faults.items():
            found = compare(production, spoilt(simulated, scratch, place, 1))[1]
            if len(found) != 1 or not found[0].startswith(expected):
                problems.append(f"{what} was reported as {found}")
        found = compare(production, spoilt(simulated, scratch, in_function("hw_protect"), 1))[1]
        if found:
            problems.append(f"a change in the platform table was reported as {found}")
    if not compare(simulated, production)[1]:
        problems.append("the two images the wrong way round were not reported")
    for problem in problems:
        print(f"problem: {problem}")
    print(f"{len(faults) + 3} expectations, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: refuse_simulated.py FILE...

Exit 1 when a file is the simulated driver, or a file whose numbers are not a machine's: such a file
is never signed and is in no package. It is known by the version resource that every simulated image
carries, which DriverLoader goes by as well.
"""
import sys
from pathlib import Path

MARKS = ["SpecialBuild", "(SIMULATED)"]


def is_simulated(path):
    """True for a .sys with either mark; programs may name the simulated driver in their texts."""
    path = Path(path)
    if path.suffix.lower() == ".rec":
        return True
    content = path.read_bytes()
    is_driver = path.suffix.lower() == ".sys" or content[:2] == b"MZ" and _subsystem(content) == 1
    return is_driver and any(mark.encode("utf-16-le") in content for mark in MARKS)


def _subsystem(content):
    """IMAGE_SUBSYSTEM_*: 1 is a driver's. 0 when the file is too short to have one."""
    pe = int.from_bytes(content[0x3C:0x40], "little")
    return int.from_bytes(content[pe + 24 + 68:pe + 24 + 70], "little")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    found = [path for path in sys.argv[1:] if is_simulated(path)]
    for path in found:
        print(f"{path} is simulated: it is never signed or packaged. Use the file of dist/windows.",
              file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No program or driver that leaves this project can write a register.

usage: binaries_test.py FOLDER

Decodes every PE and ELF file below FOLDER and looks for wrmsr and its relatives.
"""
import sys
from pathlib import Path

from code_checks import WRITES_REGISTERS, bytes_inside_instructions
from disassembly import disassemble

MAGIC = (b"MZ", b"\x7fELF")


def register_writes(path):
    """(instructions, problems, notes)"""
    instructions = disassemble(path)
    problems = [f"{path}: {instruction.text} at {instruction.address:#x}"
                for instruction in instructions
                if WRITES_REGISTERS.intersection(instruction.words)]
    if not instructions:
        problems.append(f"{path}: no code could be decoded")
    notes = [f"{path}: {note}" for note in bytes_inside_instructions(instructions, b"\x0f\x30")]
    return len(instructions), problems, notes


def binaries(folder):
    found = []
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        with open(path, "rb") as file:
            if file.read(4).startswith(MAGIC):
                found.append(path)
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    paths = binaries(sys.argv[1])
    # What a complete build leaves there; less means that it was not built, not that it is clean.
    names = {path.name for path in paths}
    problems = [f"{name} is not in {sys.argv[1]}: run make first"
                for name in ("ScaphandreDrv.sys", "DriverLoader.exe", "rapl.exe", "rapl")
                if name not in names]
    for path in paths:
        count, found, notes = register_writes(path)
        problems += found
        print(f"{path}: {count} instructions, {len(found)} that write a register")
        print("".join(f"note: {note}\n" for note in notes), end="")
    for problem in problems:
        print(f"problem: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

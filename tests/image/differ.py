#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What differs between two driver images, function by function.

usage: differ.py PRODUCTION SIMULATED

Each image has its PDB beside it. Addresses are replaced by what they mean (function, import, place
in an object's data) before the code of both is compared, and so is the data. What the two linked
from the same object must be the same; the rest must be the platform table of driver/hw.h and what
each side puts behind it. Exit status: 0 when that is so.
"""
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # called by hand too, and this is a source folder

from disassembly import Symbols, disassemble  # noqa: E402 pylint: disable=wrong-import-position
from pe import Image  # noqa: E402 pylint: disable=wrong-import-position

HEADER = Path(__file__).parents[2] / "driver" / "hw.h"
# Whose functions may be in one image only: source prefix.
PRODUCTION_ONLY = ("driver/hw_",)
SIMULATED_ONLY = ("sim/", "recording/")
# Its data are the linker's: tables and their lengths. guard_checks.py looks at them.
LINKER_FILLS = "driver/load_config.c"
LINK_TIME = ("libntoskrnl", "libhal", "* Linker *", "version.rc")  # no code of this project


def platform_table():
    """What driver/hw.h declares: the names of the functions and variables."""
    return set(re.findall(r"\b(hw_\w+)[(\[]", HEADER.read_text(encoding="utf-8")))


class Side:
    """One image, seen as {(source, function): normalised code} and {(source, section): data}."""

    def __init__(self, path, platform):
        self.path = Path(path)
        self.platform = platform
        self.image = Image.load(path)
        self.symbols = Symbols(self.image, self.path.with_suffix(".pdb"))
        self.imports = {entry.slot: entry.name for entry in self.image.imports()}
        self.instructions = disassemble(path, self.image.base)
        self.thunks = {instruction.address: self.imports[instruction.reference]
                       for instruction in self.instructions
                       if instruction.mnemonic.startswith("jmp") and
                       instruction.reference in self.imports}
        self.functions = {(function.source, function.name): [] for function in
                          self.symbols.functions}
        for instruction in self.instructions:
            function = self.symbols.function_at(instruction.address)
            if function is not None:
                self.functions[function.source, function.name].append(
                    self._normalised(instruction, function))

    def _normalised(self, instruction, function):
        meant = instruction.target if instruction.target is not None else instruction.reference
        if meant is None:
            return instruction.text
        operands = re.sub(r"-?0x[0-9a-f]+(\(%rip\))?$|-?0x[0-9a-f]+\(%rip\)", "@",
                          instruction.operands)
        return " ".join(instruction.words + [operands, self.meaning(meant, function)])

    def meaning(self, rva, function=None):
        """What an address means, in words that do not depend on where things lie."""
        if function is not None and function.begin <= rva < function.end:
            return f"+{rva - function.begin:#x}"
        if rva in self.imports or rva in self.thunks:
            return "import " + (self.imports.get(rva) or self.thunks[rva])
        if self.symbols.publics.get(rva) in self.platform:
            return "platform table " + self.symbols.publics[rva]
        place = self.symbols.function_at(rva)
        if place is not None:
            return f"{place.source} {place.name}+{rva - place.begin:#x}"
        place = self.symbols.contribution_at(rva)
        if place is not None and not place.source.startswith(LINK_TIME):
            return f"{place.source} {place.section}[{place.index}]+{rva - place.begin:#x}"
        return self.symbols.name_of(rva)

    def data(self):
        """{(source, section, index): contribution} of everything that is not code.

        Not .pdata: the linker sorts it when all is in place, so its parts are no longer where the
        PDB has them; the unwind data it points to are compared.
        """
        return {(place.source, place.section, place.index): place
                for place in self.symbols.contributions
                if not place.source.startswith(LINK_TIME) and place.section != ".pdata" and
                not self.image.section_at(place.begin).executable}


def same_data(left, right, key, places):
    """The two contributions hold the same, or addresses that mean the same."""
    first, second = places
    if first.end - first.begin != second.end - second.begin:
        return False
    pointers = [set(side.image.relocations()) for side in (left, right)]
    moved = _distances(left, right, key, first, second)
    offset = 0
    while offset < first.end - first.begin:
        at = first.begin + offset, second.begin + offset
        if at[0] in pointers[0] or at[1] in pointers[1]:
            meanings = [side.meaning(side.image.read("<Q", rva)[0] - side.image.base)
                        for side, rva in zip((left, right), at)]
            if at[0] not in pointers[0] or at[1] not in pointers[1] or len(set(meanings)) != 1:
                return False
            offset += 8
            continue
        length = min(4, first.end - at[0])
        words = [int.from_bytes(side.image.data[side.image.offset_of(rva):][:length], "little")
                 for side, rva in zip((left, right), at)]
        if words[0] != words[1] and (words[1] - words[0]) % 2**32 not in moved:
            return False
        offset += length
    return True


def _distances(left, right, key, first, second):
    """How far 32-bit words may differ: RVAs of this object's parts (unwind data), and offsets from
    a switch's table to code, move with those parts and with the table."""
    parts = [{(place.section, place.index): place.begin for place in side.symbols.contributions
              if place.source == key[0]} for side in (left, right)]
    moves = {parts[1][place] - parts[0][place] for place in parts[0].keys() & parts[1].keys()}
    table = second.begin - first.begin
    return {move % 2**32 for move in moves} | {(move - table) % 2**32 for move in moves}


def compare(production, simulated):
    """(report lines, problems)"""
    platform = platform_table()
    left, right = Side(production, platform), Side(simulated, platform)
    shared = left.functions.keys() & right.functions.keys()
    problems = [f"{name} of {source} is not the same in both" for source, name in sorted(shared)
                if left.functions[source, name] != right.functions[source, name]]
    problems += compare_data(left, right)
    lines = []
    for side, prefixes in ((left, PRODUCTION_ONLY), (right, SIMULATED_ONLY)):
        only = side.functions.keys() - shared
        lines.append(f"only in {side.path}:")
        for source in sorted({source for source, _ in only}):
            names = sorted(name for where, name in only if where == source)
            lines.append(f"  {source}: {', '.join(names)}")
            if not source.startswith(prefixes):
                problems.append(f"{', '.join(names)} of {source} only in {side.path}")
        missing = platform - set(side.symbols.publics.values())
        problems += [f"{side.path} does not have {name} of hw.h" for name in sorted(missing)]
    instructions = sum(len(left.functions[key]) for key in shared)
    lines.append(f"the same in both: {len(shared)} functions, {instructions} instructions, from "
                 f"{len({source for source, _ in shared})} sources")
    lines.append(f"in both, each its own: {', '.join(sorted(platform))} (driver/hw.h)")
    return lines, problems


def compare_data(left, right):
    data = left.data(), right.data()
    problems = [f"{key[1]} of {key[0]} is not the same in both"
                for key in sorted(data[0].keys() & data[1].keys())
                if key[0] != LINKER_FILLS and
                not same_data(left, right, key, (data[0][key], data[1][key]))]
    return problems + [f"{key[1]} of {key[0]} is in one of the two only"
                       for key in sorted(data[0].keys() ^ data[1].keys())
                       if not key[0].startswith(PRODUCTION_ONLY + SIMULATED_ONLY)]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    lines, problems = compare(*sys.argv[1:])
    print("\n".join(lines))
    for problem in problems:
        print(f"problem: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

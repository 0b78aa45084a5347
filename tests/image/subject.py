# SPDX-License-Identifier: Apache-2.0
"""What the checks look at: one driver image with its code and its names, and how checks report."""
from disassembly import Symbols, disassemble
from pe import Image, PeError

CHECKS = []


def check(function):
    """Registers a check: a generator of problems, one sentence each."""
    CHECKS.append(function)
    return function


class Subject:
    def __init__(self, path, pdb, simulated, version, folders=(), symbols=None):
        self.path = path
        self.simulated = simulated
        self.version = version
        self.folders = [str(folder) for folder in folders]  # that must not be named in the file
        self.image = Image.load(path)
        self.symbols = symbols or Symbols(self.image, pdb)
        self.instructions = disassemble(path, self.image.base)
        self.notes = []

    def where(self, rva):
        """An address as a reader wants it: name and offset, section, address."""
        section = self.image.section_at(rva)
        return f"{self.symbols.name_of(rva)} ({section.name if section else 'no section'} {rva:#x})"

    def problems(self):
        """[(name of the check, problem)]"""
        found = []
        for function in CHECKS:
            try:
                found += [(function.__name__, problem) for problem in function(self)]
            except PeError as error:
                found.append((function.__name__, f"unreadable: {error}"))
        return found

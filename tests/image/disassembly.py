# SPDX-License-Identifier: Apache-2.0
"""The code of an image: instructions from llvm-objdump, names from its PDB through llvm-pdbutil."""
import bisect
import os
import posixpath
import re
import subprocess
from dataclasses import dataclass

OBJDUMP = os.environ.get("LLVM_OBJDUMP", "llvm-objdump-19")
PDBUTIL = os.environ.get("LLVM_PDBUTIL", "llvm-pdbutil-19")

LINE = re.compile(r"^ *([0-9a-f]+): ([0-9a-f ]+)\t(.*)$")
PREFIXES = {"lock", "rep", "repe", "repz", "repne", "repnz", "data16", "addr32", "notrack", "bnd",
            "xacquire", "xrelease", "cs", "ds", "es", "ss", "fs", "gs", "rex64"}
RIP_RELATIVE = re.compile(r"(-?0x[0-9a-f]+)\(%rip\)")
BRANCHES = ("j", "call", "loop", "xbegin")


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]} failed on {command[-1]}: {result.stderr.strip()}")
    return result.stdout


@dataclass
class Instruction:
    address: int
    raw: bytes
    words: list  # prefixes and mnemonic
    operands: str
    target: int = None  # where a direct branch goes
    reference: int = None  # the address that a RIP-relative operand means

    @property
    def end(self):
        return self.address + len(self.raw)

    @property
    def mnemonic(self):
        return self.words[-1]

    @property
    def text(self):
        return " ".join(self.words + [self.operands]).strip()


def disassemble(path, base=0):
    """Every instruction of every executable section, in order; addresses less `base`.

    What cannot be decoded is an instruction called "<unknown>".
    """
    instructions = []
    for line in run(OBJDUMP, "-d", "-z", str(path)).splitlines():
        if match := LINE.match(line):
            address, raw, text = match.groups()
            instructions.append(_instruction(int(address, 16) - base, bytes.fromhex(raw), text,
                                             base))
    return instructions


def _instruction(address, raw, text, base):
    words = re.sub(r" +#.*| <[^>]*>$", "", text).split()
    count = 1
    while count < len(words) and words[count - 1] in PREFIXES:
        count += 1
    instruction = Instruction(address, raw, words[:count], " ".join(words[count:]))
    if instruction.mnemonic.startswith(BRANCHES) and instruction.operands.startswith("0x"):
        instruction.target = int(instruction.operands, 16) - base
    elif match := RIP_RELATIVE.search(instruction.operands):
        instruction.reference = instruction.end + int(match.group(1), 16)
    return instruction


@dataclass
class Function:
    name: str
    source: str  # "driver/irp.c"
    begin: int
    end: int


@dataclass
class Contribution:
    """What one object put into one section."""
    source: str
    section: str
    begin: int
    end: int
    index: int  # among this source's in this section


class Symbols:
    """Names in the PDB beside an image."""

    def __init__(self, image, pdb):
        starts = [section.address for section in image.sections]
        names = [section.name for section in image.sections]
        self.functions = []
        self.data = {}  # RVA: name
        self.publics = {}
        self.contributions = []
        self.guid, self.age = self._identity(pdb)
        sources = self._symbols(run(PDBUTIL, "dump", "--symbols", str(pdb)), starts)
        self._publics(run(PDBUTIL, "dump", "--publics", str(pdb)), starts)
        self._contributions(run(PDBUTIL, "dump", "--section-contribs", str(pdb)), starts, names,
                            sources)
        self.functions.sort(key=lambda function: function.begin)
        self._begins = [function.begin for function in self.functions]

    @staticmethod
    def _identity(pdb):
        text = run(PDBUTIL, "dump", "--summary", str(pdb))
        guid = re.search(r"GUID: \{([0-9A-F-]+)\}", text).group(1)
        return guid, int(re.search(r"Age: (\d+)", text).group(1))

    def _symbols(self, text, starts):
        sources = {}
        source = pending = None
        for line in text.splitlines():
            if match := re.search(r"Mod (\d+) \| `(.*)`", line):
                source = sources[int(match.group(1))] = _source_of(match.group(2))
            elif match := re.search(r"S_([GL])(PROC|DATA)32 \[size = \d+\] `(.*)`", line):
                pending = match.group(2), match.group(3)
            elif pending and (match := re.search(r"addr = (\d+):(\d+)", line)):
                kind, name = pending
                begin = starts[int(match.group(1)) - 1] + int(match.group(2))
                if kind == "PROC":
                    size = int(re.search(r"code size = (\d+)", line).group(1))
                    self.functions.append(Function(name, source, begin, begin + size))
                else:
                    self.data[begin] = name
                pending = None
        return sources

    def _publics(self, text, starts):
        name = None
        for line in text.splitlines():
            if match := re.search(r"S_PUB32 \[size = \d+\] `(.*)`", line):
                name = match.group(1)
            elif name and (match := re.search(r"addr = (\d+):(\d+)", line)):
                section = int(match.group(1))
                if section <= len(starts):
                    self.publics[starts[section - 1] + int(match.group(2))] = name
                name = None

    def _contributions(self, text, starts, names, sources):
        seen = {}
        pattern = re.compile(r"mod = (\d+), (\d+):(\d+), size = (\d+)")
        for match in pattern.finditer(text):
            module, section, offset, size = (int(group) for group in match.groups())
            if size == 0:
                continue
            key = sources.get(module, ""), names[section - 1]
            begin = starts[section - 1] + offset
            self.contributions.append(Contribution(*key, begin, begin + size, seen.get(key, 0)))
            seen[key] = seen.get(key, 0) + 1

    def function_at(self, rva):
        index = bisect.bisect_right(self._begins, rva) - 1
        if index >= 0 and rva < self.functions[index].end:
            return self.functions[index]
        return None

    def function(self, name):
        for function in self.functions:
            if function.name == name:
                return function
        return None

    def contribution_at(self, rva):
        for contribution in self.contributions:
            if contribution.begin <= rva < contribution.end:
                return contribution
        return None

    def variable_at(self, rva):
        """The addresses of the variable there; of the object's whole data, if it has no name."""
        place = self.contribution_at(rva)
        inside = sorted(start for start in self.data if place.begin <= start < place.end)
        begin = max((start for start in inside if start <= rva), default=place.begin)
        return range(begin, min((start for start in inside if start > rva), default=place.end))

    def name_of(self, rva):
        """The name of exactly this address, else 'name+0x..', else the address."""
        function = self.function_at(rva)
        if function is not None:
            offset = rva - function.begin
            return function.name + (f"+{offset:#x}" if offset else "")
        return self.data.get(rva) or self.publics.get(rva) or f"{rva:#x}"


def _source_of(module):
    """driver/CMakeFiles/x.dir/__/core/cpu.c.obj, wherever it was built: core/cpu.c."""
    match = re.search(r"([^/\\]+)[/\\]CMakeFiles[/\\][^/\\]+\.dir[/\\](.*)\.obj$", module)
    if not match:
        return posixpath.basename(module.replace("\\", "/"))
    inside = match.group(2).replace("\\", "/").replace("__", "..")
    return posixpath.normpath(posixpath.join(match.group(1), inside))

# SPDX-License-Identifier: Apache-2.0
"""Reads a PE32+ image with nothing but struct: the parts a driver image has.

Addresses in this module are RVAs. Malformed input raises PeError, so that a checker that is handed
rubbish says so instead of finding nothing. Layouts: Microsoft's "PE Format" and "x64 exception
handling" pages.
"""
import struct
from dataclasses import dataclass, field

EXPORT, IMPORT, RESOURCE, EXCEPTION, SECURITY, RELOCATION, DEBUG = range(7)
LOAD_CONFIG, IAT = 10, 12

SCN_DISCARDABLE, SCN_EXECUTE, SCN_WRITE = 0x02000000, 0x20000000, 0x80000000

RT_VERSION = 16


class PeError(Exception):
    """The file is not the image it should be."""


@dataclass
class Section:
    name: str
    address: int
    size: int
    file_offset: int
    file_size: int
    flags: int
    header_offset: int  # of its header in the file

    def __contains__(self, rva):
        return self.address <= rva < self.address + self.size

    executable = property(lambda self: bool(self.flags & SCN_EXECUTE))
    writable = property(lambda self: bool(self.flags & SCN_WRITE))
    discardable = property(lambda self: bool(self.flags & SCN_DISCARDABLE))


@dataclass
class Import:
    dll: str
    name: str
    slot: int  # RVA of its entry in the import address table


@dataclass
class Debug:
    kind: int
    time: int
    data: bytes

    CODEVIEW, REPRO = 2, 16


@dataclass
class Unwind:
    """One RUNTIME_FUNCTION with its UNWIND_INFO."""
    begin: int
    end: int
    frame_size: int  # bytes the prologue takes off the stack
    handler: int = 0  # 0: none
    scopes: list = field(default_factory=list)  # C scope table: (begin, end, filter, target)


@dataclass
class LoadConfig:
    size: int
    cookie: int
    guard_check: int
    guard_dispatch: int
    guard_table: int
    guard_count: int
    guard_flags: int


class Image:
    def __init__(self, data):
        self.data = bytes(data)
        if self.data[:2] != b"MZ":
            raise PeError("no MZ signature")
        self.pe_offset = self.u32_at(0x3C)
        if self.data[self.pe_offset:self.pe_offset + 4] != b"PE\0\0":
            raise PeError("no PE signature")
        coff = self.pe_offset + 4
        (self.machine, section_count, self.time, _, _, optional_size,
         self.characteristics) = self.unpack("<HHIIIHH", coff)
        self.optional_offset = optional = coff + 20
        if self.u16_at(optional) != 0x20B:
            raise PeError("not PE32+")
        self.entry = self.u32_at(optional + 16)
        self.base = self.u64_at(optional + 24)
        self.section_alignment, self.file_alignment = self.unpack("<II", optional + 32)
        self.os_version = self.unpack("<HH", optional + 40)
        self.subsystem_version = self.unpack("<HH", optional + 48)
        self.image_size, self.headers_size, self.checksum = self.unpack("<III", optional + 56)
        self.subsystem, self.dll_characteristics = self.unpack("<HH", optional + 68)
        directory_count = self.u32_at(optional + 108)
        self.directories = [self.unpack("<II", optional + 112 + 8 * i)
                            for i in range(min(directory_count, 16))]
        table = optional + optional_size
        self.sections = [self._section(table + 40 * i) for i in range(section_count)]

    @classmethod
    def load(cls, path):
        with open(path, "rb") as file:
            return cls(file.read())

    # The file as bytes

    def unpack(self, form, offset):
        try:
            return struct.unpack_from(form, self.data, offset)
        except struct.error as error:
            raise PeError(f"truncated at file offset {offset:#x}") from error

    def u16_at(self, offset):
        return self.unpack("<H", offset)[0]

    def u32_at(self, offset):
        return self.unpack("<I", offset)[0]

    def u64_at(self, offset):
        return self.unpack("<Q", offset)[0]

    @property
    def checksum_offset(self):
        return self.optional_offset + 64

    def computed_checksum(self):
        """ImageHlp's sum: 16-bit words with end-around carry, without the field, plus the size."""
        data = bytearray(self.data)
        data[self.checksum_offset:self.checksum_offset + 4] = bytes(4)
        if len(data) % 2:
            data.append(0)
        total = sum(struct.unpack(f"<{len(data) // 2}H", data))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return total + len(self.data)

    def _section(self, offset):
        name, size, address, raw_size, raw = self.unpack("<8sIIII", offset)
        return Section(name.rstrip(b"\0").decode("ascii", "replace"), address, size, raw, raw_size,
                       self.u32_at(offset + 36), offset)

    # The image as it will lie in memory

    def section_at(self, rva):
        for section in self.sections:
            if rva in section:
                return section
        return None

    def section(self, name):
        for section in self.sections:
            if section.name == name:
                return section
        return None

    def offset_of(self, rva):
        """The file offset of an RVA."""
        section = self.section_at(rva)
        if section is None:
            if rva < self.headers_size:
                return rva
            raise PeError(f"RVA {rva:#x} lies in no section")
        if rva - section.address >= section.file_size:
            raise PeError(f"RVA {rva:#x} has no bytes in the file")
        return section.file_offset + rva - section.address

    def bytes_of(self, section):
        size = min(section.size, section.file_size)
        return self.data[section.file_offset:section.file_offset + size]

    def read(self, form, rva):
        return self.unpack(form, self.offset_of(rva))

    def string(self, rva):
        start = self.offset_of(rva)
        end = self.data.find(b"\0", start)
        if end < 0:
            raise PeError(f"unterminated string at {rva:#x}")
        return self.data[start:end].decode("ascii", "replace")

    def directory(self, index):
        return self.directories[index] if index < len(self.directories) else (0, 0)

    # Directories

    def imports(self):
        found = []
        descriptor = self.directory(IMPORT)[0]
        while descriptor:
            lookup, _, _, name, slots = self.read("<IIIII", descriptor)
            if name == 0:
                break
            index = 0
            while entry := self.read("<Q", lookup + 8 * index)[0]:
                if entry >> 63:
                    raise PeError(f"{self.string(name)}: import by ordinal {entry & 0xFFFF}")
                found.append(Import(self.string(name), self.string(entry + 2), slots + 8 * index))
                index += 1
            descriptor += 20
        return found

    def exports(self):
        """{name: RVA}; a forwarder is a string 'dll.name' instead."""
        start, size = self.directory(EXPORT)
        if not start:
            return {}
        count, functions, names, ordinals = self.read("<IIII", start + 24)
        found = {}
        for i in range(count):
            name = self.string(self.read("<I", names + 4 * i)[0])
            ordinal = self.read("<H", ordinals + 2 * i)[0]
            target = self.read("<I", functions + 4 * ordinal)[0]
            found[name] = self.string(target) if start <= target < start + size else target
        return found

    def relocations(self):
        """RVAs of the 64-bit words that hold an address."""
        found = []
        block, size = self.directory(RELOCATION)
        end = block + size
        while block < end:
            page, length = self.read("<II", block)
            if length < 8:
                raise PeError("relocation block without a length")
            for i in range((length - 8) // 2):
                entry = self.read("<H", block + 8 + 2 * i)[0]
                kind, offset = entry >> 12, entry & 0xFFF
                if kind == 10:
                    found.append(page + offset)
                elif kind != 0:
                    raise PeError(f"relocation of kind {kind} at {page + offset:#x}")
            block += length
        return found

    def debug(self):
        start, size = self.directory(DEBUG)
        found = []
        for entry in range(start, start + size, 28):
            _, time, _, _, kind, length, rva, offset = self.read("<IIHHIIII", entry)
            data = self.data[offset:offset + length] if rva else b""
            found.append(Debug(kind, time, data))
        return found

    def load_config(self):
        start, _ = self.directory(LOAD_CONFIG)
        if not start:
            return None
        cookie = self.read("<Q", start + 0x58)[0]
        check, dispatch, table, count, flags = self.read("<QQQQI", start + 0x70)
        return LoadConfig(self.read("<I", start)[0], cookie - self.base, check - self.base,
                          dispatch - self.base, table - self.base, count, flags)

    def guard_functions(self):
        """The RVAs of the Control Flow Guard function table, in its order."""
        config = self.load_config()
        if config is None:
            return []
        stride = 4 + (config.guard_flags >> 28)
        return [self.read("<I", config.guard_table + stride * i)[0]
                for i in range(config.guard_count)]

    def unwinds(self):
        start, size = self.directory(EXCEPTION)
        return [self._unwind(*self.read("<III", rva)) for rva in range(start, start + size, 12)]

    def _unwind(self, begin, end, info):
        head, _, count, _ = self.read("<BBBB", info)
        flags = head >> 3
        if head & 7 not in (1, 2) or flags & 4:
            raise PeError(f"unwind info of {begin:#x}: version or chaining not understood")
        unwind = Unwind(begin, end, self._frame_size(info + 4, count, begin))
        if flags & 3:
            tail = info + 4 + 2 * (count + count % 2)
            unwind.handler, scope_count = self.read("<II", tail)
            if scope_count > 64:
                raise PeError(f"{begin:#x}: {scope_count} scopes; not a C scope table")
            unwind.scopes = [self.read("<IIII", tail + 8 + 16 * i) for i in range(scope_count)]
        return unwind

    def _frame_size(self, codes, count, begin):
        size = 0
        i = 0
        while i < count:
            _, code = self.read("<BB", codes + 2 * i)
            operation, info = code & 15, code >> 4
            if operation == 0:  # push a register
                size, slots = size + 8, 1
            elif operation == 1 and info == 0:
                size, slots = size + 8 * self.read("<H", codes + 2 * i + 2)[0], 2
            elif operation == 1:
                size, slots = size + self.read("<I", codes + 2 * i + 2)[0], 3
            elif operation == 2:
                size, slots = size + 8 * info + 8, 1
            elif operation in (3, 4, 5, 8, 9):  # frame pointer; registers saved by moves
                slots = {3: 1, 4: 2, 5: 3, 8: 2, 9: 3}[operation]
            else:
                raise PeError(f"{begin:#x}: unwind code {operation} not expected in a driver")
            i += slots
        return size

    # Version resource

    def version(self):
        """(fixed, strings): VS_FIXEDFILEINFO as 13 words, and {name: value}; (None, {}) if none."""
        root, _ = self.directory(RESOURCE)
        if not root:
            return None, {}
        node = 0
        for wanted in (RT_VERSION, None, None):  # type, name, language: the first of each
            node = self._resource_child(root, node, wanted)
            if node is None:
                return None, {}
        rva, size = self.read("<II", root + node)
        start = self.offset_of(rva)
        return _parse_version(self.data[start:start + size])

    def _resource_child(self, root, node, wanted):
        named, numbered = self.read("<HH", root + node + 12)
        for i in range(named + numbered):
            identity, child = self.read("<II", root + node + 16 + 8 * i)
            if wanted is None or identity == wanted:
                return child & 0x7FFFFFFF
        return None


def _version_node(data, offset):
    """(key, value bytes, [(offset of child)], end) of the node at `offset`."""
    length, value_length, is_text = struct.unpack_from("<HHH", data, offset)
    if length < 6:
        raise PeError("version resource: node without a length")
    key_end = offset + 6
    while data[key_end:key_end + 2] != b"\0\0":
        key_end += 2
    key = data[offset + 6:key_end].decode("utf-16le")
    value = (key_end + 2 + 3) & ~3
    value_size = 2 * value_length if is_text else value_length
    children = []
    child = (value + value_size + 3) & ~3
    while child < offset + length:
        children.append(child)
        child = (child + struct.unpack_from("<H", data, child)[0] + 3) & ~3
    return key, data[value:value + value_size], children


def _parse_version(data):
    _, value, children = _version_node(data, 0)
    fixed = struct.unpack("<13I", value[:52])
    strings = {}
    for info in children:
        key, _, tables = _version_node(data, info)
        if key != "StringFileInfo":
            continue
        for table in tables:
            for entry in _version_node(data, table)[2]:
                name, text, _ = _version_node(data, entry)
                strings[name] = text.decode("utf-16le").rstrip("\0")
    return fixed, strings

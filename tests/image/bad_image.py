# SPDX-License-Identifier: Apache-2.0
"""A good image, to be spoilt in one way: what the checks must find is written here, as bytes."""
import struct

import pe


class BadImage:
    """Edits a copy of the image in `subject`; places are found by name, not by number."""

    def __init__(self, subject):
        self.subject = subject
        self.good = subject.image
        self.data = bytearray(subject.image.data)

    def bytes(self):
        """The spoilt file, with a checksum that fits: one fault at a time."""
        image = pe.Image(self.data)
        struct.pack_into("<I", self.data, image.checksum_offset, image.computed_checksum())
        return bytes(self.data)

    # Writing

    def put(self, form, offset, *values):
        struct.pack_into(form, self.data, offset, *values)

    def put_at(self, form, rva, *values):
        self.put(form, self.good.offset_of(rva), *values)

    def code(self, rva, code):
        offset = self.good.offset_of(rva)
        self.data[offset:offset + len(code)] = code

    def replace(self, old, new):
        """Changes the first `old`, text in either encoding, to `new` of the same length."""
        for encoding in ("ascii", "utf-16le"):
            at = self.data.find(old.encode(encoding))
            if at >= 0:
                self.data[at:at + len(new.encode(encoding))] = new.encode(encoding)
                return
        raise ValueError(f"{old!r} is not in the image")

    def leave(self, content, odd=0):
        """Puts bytes where the file has room that nobody looks at: behind the debug data."""
        section = self.good.section(".buildid")
        start = section.file_offset + (section.size + 15 & ~15) + odd
        if start + len(content) > section.file_offset + section.file_size:
            raise ValueError("no room behind the debug data")
        self.data[start:start + len(content)] = content

    # Fields of the headers

    def coff(self, offset):
        return self.good.pe_offset + 4 + offset

    def optional(self, offset):
        return self.good.optional_offset + offset

    def directory(self, index):
        return self.optional(112 + 8 * index)

    def section_flags(self, name, on=0, off=0):
        section = self.good.section(name)
        self.put("<I", section.header_offset + 36, section.flags & ~off | on)

    def config(self, offset):
        return self.good.offset_of(self.good.directory(pe.LOAD_CONFIG)[0] + offset)

    # Places in the code

    def instruction(self, mnemonic, operands=None, function=None):
        """The first such instruction."""
        for entry in self.subject.instructions:
            if entry.mnemonic == mnemonic and operands in (None, entry.operands) and \
                    (function is None or self._name(entry) == function):
                return entry
        raise ValueError(f"no {mnemonic} {operands or ''} in {function or 'the image'}")

    def call_of(self, name):
        """The first direct call of a function."""
        begin = self.subject.symbols.function(name).begin
        return next(entry for entry in self.subject.instructions
                    if entry.target == begin and entry.mnemonic.startswith("call"))

    def padding(self, length):
        """Where that many int3 lie between two functions."""
        section = self.good.section(".text")
        at = self.good.bytes_of(section).find(b"\xcc" * length)
        if at < 0:
            raise ValueError(f"no padding of {length} bytes")
        return section.address + at

    def _name(self, instruction):
        function = self.subject.symbols.function_at(instruction.address)
        return function.name if function else None

    # Unwind data

    def unwind_of(self, name):
        """(RVA of the RUNTIME_FUNCTION, RVA of its UNWIND_INFO) of a function."""
        begin = self.subject.symbols.function(name).begin
        start, size = self.good.directory(pe.EXCEPTION)
        for rva in range(start, start + size, 12):
            first, _, info = self.good.read("<III", rva)
            if first == begin:
                return rva, info
        raise ValueError(f"{name} has no unwind data")

    def scope_of(self, name):
        """RVA of the length of the function's scope table; the first scope is 4 bytes further."""
        info = self.unwind_of(name)[1]
        count = self.good.read("<B", info + 2)[0]
        return info + 4 + 2 * (count + count % 2) + 4

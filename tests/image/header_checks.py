# SPDX-License-Identifier: Apache-2.0
"""What a loader reads first: headers, sections, directories, debug data."""
import re

import pe
from subject import check

MACHINE_AMD64 = 0x8664
EXECUTABLE_LARGE_ADDRESS_AWARE = 0x22  # and not 0x2000, which would make it a DLL
SUBSYSTEM_NATIVE = 1
WINDOWS_10 = (10, 0)
# The simulated image carries the recordings' parser and is for tests.
SIZE_MAX = {False: 64 * 1024, True: 128 * 1024}
PAGE = 4096

# name: (bit, wanted). Every bit is reviewed: one that is set and not wanted here is a finding.
DLL_CHARACTERISTICS = {
    "HIGH_ENTROPY_VA": (0x20, True),
    "DYNAMIC_BASE": (0x40, True),
    "FORCE_INTEGRITY": (0x80, False),  # it would keep the harness from mapping the file on Windows
    "NX_COMPAT": (0x100, True),
    "NO_ISOLATION": (0x200, False),
    "NO_SEH": (0x400, False),
    "NO_BIND": (0x800, False),
    "APPCONTAINER": (0x1000, False),
    "WDM_DRIVER": (0x2000, False),
    "GUARD_CF": (0x4000, True),
    "TERMINAL_SERVER_AWARE": (0x8000, False),  # it means programs
}

# name: (executable, writable, discardable)
SECTIONS = {
    ".text": (True, False, False),
    ".rdata": (False, False, False),
    ".buildid": (False, False, False),
    ".data": (False, True, False),
    ".pdata": (False, False, False),
    "INIT": (True, False, True),
    ".rsrc": (False, False, False),
    ".reloc": (False, False, True),
}

DIRECTORIES = {pe.IMPORT: "import", pe.RESOURCE: "resource", pe.EXCEPTION: "exception",
               pe.RELOCATION: "relocation", pe.DEBUG: "debug", pe.LOAD_CONFIG: "load config",
               pe.IAT: "import address table"}

# A path of the machine it was built on; \Device, \DosDevices and \?? are none of these.
PATHS = re.compile(rb"(?:[A-Za-z]:[/\\]|/)(?:home|work|tmp|usr|root|build|builds|mnt|opt|var|src|"
                   rb"Users)[/\\][ -~]*")


@check
def headers(subject):
    image = subject.image
    for what, value, wanted in (
            ("machine", image.machine, MACHINE_AMD64),
            ("characteristics", image.characteristics, EXECUTABLE_LARGE_ADDRESS_AWARE),
            ("subsystem", image.subsystem, SUBSYSTEM_NATIVE),
            ("section alignment", image.section_alignment, PAGE)):
        if value != wanted:
            yield f"{what} is {value:#x}, not {wanted:#x}"
    for what, value in (("OS", image.os_version), ("subsystem", image.subsystem_version)):
        if value != WINDOWS_10:
            yield f"{what} version is {value[0]}.{value[1]}, not 10.0"


@check
def dll_characteristics(subject):
    for name, (bit, wanted) in DLL_CHARACTERISTICS.items():
        if bool(subject.image.dll_characteristics & bit) != wanted:
            yield f"{name} is {'clear' if wanted else 'set'}"


@check
def checksum(subject):
    image = subject.image
    if image.checksum == 0:
        yield "the checksum is 0"
    elif image.checksum != image.computed_checksum():
        yield f"the checksum is {image.checksum:#x}; it should be {image.computed_checksum():#x}"


@check
def size(subject):
    length = len(subject.image.data)
    limit = SIZE_MAX[subject.simulated]
    if length > limit:
        yield f"{length} bytes; the limit is {limit}"
    end = max(section.file_offset + section.file_size for section in subject.image.sections)
    if length != end:
        yield f"{length - end} bytes behind the last section"


@check
def sections(subject):
    image = subject.image
    for section in image.sections:
        wanted = SECTIONS.get(section.name)
        if section.executable and section.writable:
            yield f"{section.name} is writable and executable"
        if section.address % PAGE != 0:
            yield f"{section.name} begins at {section.address:#x}, not on a page"
        if wanted is None:
            yield f"unexpected section {section.name}"
            continue
        found = section.executable, section.writable, section.discardable
        for what, is_set, should in zip(("executable", "writable", "discardable"), found, wanted):
            if is_set != should:
                yield f"{section.name} is {'' if is_set else 'not '}{what}"
    for name in sorted(SECTIONS.keys() - {section.name for section in image.sections}):
        yield f"no section {name}"


@check
def directories(subject):
    image = subject.image
    for index in range(16):
        present = image.directory(index) != (0, 0)
        if index in DIRECTORIES and not present:
            yield f"no {DIRECTORIES[index]} directory"
        elif index not in DIRECTORIES and present:
            yield f"unexpected directory {index}"


@check
def import_table_place(subject):
    """HVCI refuses an image whose import address table lies among code."""
    image = subject.image
    start, length = image.directory(pe.IAT)
    for slot in image.imports():
        if not start <= slot.slot < start + length:
            yield f"the import of {slot.name} lies outside the import address table"
        section = image.section_at(slot.slot)
        if section is None or section.executable:
            yield f"the import of {slot.name} lies in an executable section"


@check
def relocations(subject):
    """HVCI does not let the loader write to code, and ASLR needs relocations."""
    found = subject.image.relocations()
    if not found:
        yield "no relocations, so the image cannot move"
    for rva in found:
        section = subject.image.section_at(rva)
        if section is None or section.executable:
            yield f"relocation in code at {subject.where(rva)}"


@check
def debug_data(subject):
    """A PDB by name only, this one; and a time stamp that is a hash of the content."""
    entries = subject.image.debug()
    kinds = [entry.kind for entry in entries]
    if kinds != [pe.Debug.CODEVIEW, pe.Debug.REPRO]:
        yield f"debug entries are of kinds {kinds}, not [CODEVIEW, REPRO]"
        return
    for entry in entries:
        if entry.time != subject.image.time:
            yield "the debug entries' time stamp is not the header's: one is not the hash"
    data = entries[0].data
    guid, age = "-".join((data[7:3:-1].hex(), data[9:7:-1].hex(), data[11:9:-1].hex(),
                          data[12:14].hex(), data[14:20].hex())).upper(), data[20]
    name = data[24:].rstrip(b"\0").decode("ascii", "replace")
    if name != "ScaphandreDrv.pdb":
        yield f"the PDB's name is {name!r}"
    if (guid, age) != (subject.symbols.guid, subject.symbols.age):
        yield f"the image is of PDB {guid}, the one beside it is {subject.symbols.guid}"


@check
def build_paths(subject):
    data = subject.image.data
    narrow = data[::2], data[1::2]  # UTF-16 seen as its low bytes, at either alignment
    for view in (data, *narrow):
        for match in PATHS.findall(view):
            yield f"a path of the build machine: {match.decode('ascii')}"
        for folder in subject.folders:
            if folder.encode() in view:
                yield f"the folder it was built in: {folder}"


@check
def version(subject):
    """The file says whose it is and what it is, and the simulated one that it is simulated."""
    fixed, strings = subject.image.version()
    if fixed is None:
        yield "no version resource"
        return
    major, minor, patch = (int(part) for part in subject.version.split("."))
    number = major << 16 | minor, patch << 16
    if fixed[2:4] != number or fixed[4:6] != number:
        yield f"the fixed version is not {subject.version}"
    label = " (SIMULATED)" if subject.simulated else ""
    special_build, driver, system_driver = 0x20, 3, 7
    if fixed[7] != (special_build if subject.simulated else 0):
        yield f"file flags are {fixed[7]:#x}"
    if fixed[9:11] != (driver, system_driver):
        yield f"file type is {fixed[9:11]}, not a system driver"
    wanted = {
        "CompanyName": "windows-rapl-driver project",
        "FileDescription": "RAPL energy counter driver" + label,
        "FileVersion": subject.version,
        "InternalName": "ScaphandreDrv",
        "OriginalFilename": "ScaphandreDrv.sys",
        "ProductName": "windows-rapl-driver" + label,
        "ProductVersion": subject.version,
        "SpecialBuild": "SIMULATED" if subject.simulated else None,
    }
    for name, value in wanted.items():
        if strings.get(name) != value:
            yield f"{name} is {strings.get(name)!r}, not {value!r}"
    for name, value in strings.items():
        if "hubblo" in value.lower():
            yield f"{name} names the predecessor's maker: {value!r}"

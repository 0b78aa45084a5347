# SPDX-License-Identifier: Apache-2.0
"""The load configuration: the stack cookie and Control Flow Guard."""
import re

from subject import check

COOKIE_DEFAULT = 0x2B992DDFA232  # the value a loader takes as "not set yet"
CF_INSTRUMENTED, CF_FUNCTION_TABLE_PRESENT = 0x100, 0x400

# What the dispatch pointer leads to until a loader that enforces Control Flow Guard replaces it.
GUARD_JUMP = "guard_just_jump"

# Called by Windows, or through core's platform table: Control Flow Guard must know each of them.
# (source, names, how many at least)
CALLED_BY_ADDRESS = [
    ("driver/irp.c", r"dispatch_\w+", 4),
    ("driver/main.c", r"driver_unload", 1),
    ("driver/machine.c", r"platform_\w+", 5),
    ("driver/accumulate.c", r"timer_(dpc|work)", 2),
    ("driver/machine.c", r"\w+_here|cpuid_on", 1),
]


@check
def load_config(subject):
    image = subject.image
    config = image.load_config()
    if config is None:
        yield "no load configuration"
        return
    if config.guard_flags & CF_INSTRUMENTED == 0 or \
            config.guard_flags & CF_FUNCTION_TABLE_PRESENT == 0:
        yield f"guard flags are {config.guard_flags:#x}"

    home = image.section_at(config.cookie)
    if home is None or not home.writable or home.discardable or home.executable:
        yield f"the security cookie at {config.cookie:#x} is not in a data section that stays"
    elif image.read("<Q", config.cookie)[0] != COOKIE_DEFAULT:
        yield f"the security cookie's initial value is {image.read('<Q', config.cookie)[0]:#x}"

    for name, rva in (("check", config.guard_check), ("dispatch", config.guard_dispatch)):
        home = image.section_at(rva)
        if home is None or home.writable or home.executable or home.discardable:
            yield f"the guard {name} pointer at {rva:#x} is not in a read-only data section"
            continue
        target = image.read("<Q", rva)[0] - image.base
        function = subject.symbols.function_at(target)
        if function is None or function.begin != target:
            yield f"the guard {name} pointer leads to {subject.where(target)}"


@check
def guard_table(subject):
    """Sorted, true, and complete: whatever has its address taken may be called through it."""
    if subject.image.load_config() is None:
        return  # load_config says so
    table = subject.image.guard_functions()
    if not table:
        yield "the guard function table is empty"
    if table != sorted(set(table)):
        yield "the guard function table is not sorted"
    for rva in table:
        function = subject.symbols.function_at(rva)
        if function is None and rva not in subject.symbols.publics or \
                function is not None and function.begin != rva:
            yield f"the guard function table holds {subject.where(rva)}, no function's beginning"
    called = addresses_taken(subject) | {subject.image.entry}
    for rva in sorted(called - set(table)):
        yield f"{subject.where(rva)} has its address taken and is not in the guard function table"
    for source, names, count in CALLED_BY_ADDRESS:
        found = [function for function in subject.symbols.functions
                 if function.source == source and re.fullmatch(names, function.name)]
        if len(found) < count:
            yield f"{len(found)} functions {names} in {source}, not {count}: have they new names?"
        for function in found:
            if function.begin not in table:
                yield f"{function.name} is not in the guard function table"


def addresses_taken(subject):
    """RVAs in code that a pointer in the data, or an lea in the code, holds."""
    image = subject.image
    found = {instruction.reference for instruction in subject.instructions
             if instruction.mnemonic == "leaq" and instruction.reference is not None}
    for rva in image.relocations():
        found.add(image.read("<Q", rva)[0] - image.base)
    # What the two guard pointers lead to is called through them and by nobody else.
    config = image.load_config()
    own = {image.read("<Q", rva)[0] - image.base
           for rva in (config.guard_check, config.guard_dispatch)}
    return {rva for rva in found - own
            if (section := image.section_at(rva)) is not None and section.executable}


@check
def indirect_calls(subject):
    """Every call through a pointer goes to an import or through Control Flow Guard."""
    config = subject.image.load_config()
    if config is None:
        return  # load_config says so
    slots = {entry.slot for entry in subject.image.imports()}
    allowed = slots | {config.guard_dispatch, config.guard_check}
    for index, instruction in enumerate(subject.instructions):
        if not instruction.operands.startswith("*") or instruction.reference in allowed or \
                subject.symbols.name_of(instruction.address) == GUARD_JUMP:
            continue
        source = _register_source(subject, index)
        is_import = source is not None and source.mnemonic == "movq" and source.reference in slots
        is_switch = source is not None and source.mnemonic == "addq" and \
            instruction.mnemonic == "jmpq"  # the base of a table added to the offset from it
        if not is_import and not is_switch:
            yield f"unguarded {instruction.text} at {subject.where(instruction.address)}"


def _register_source(subject, index):
    """The instruction above that gave its value to the register which this one jumps through."""
    register = subject.instructions[index].operands.lstrip("*")
    function = subject.symbols.function_at(subject.instructions[index].address)
    for instruction in reversed(subject.instructions[:index]):
        if function is None or instruction.address < function.begin:
            return None
        source, _, target = instruction.operands.rpartition(", ")
        if target != register:
            continue
        if instruction.mnemonic != "movq" or not source.startswith("%"):
            return instruction
        register = source  # a copy: go on with what was copied
    return None


@check
def stack_protector(subject):
    failure = subject.symbols.function("__stack_chk_fail")
    if failure is None:
        yield "no __stack_chk_fail"
        return
    users = {subject.symbols.function_at(instruction.address).name
             for instruction in subject.instructions if instruction.target == failure.begin}
    if not users:
        yield "no function is protected"
    subject.notes.append(f"stack protector: {len(users)} functions")

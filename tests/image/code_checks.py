# SPDX-License-Identifier: Apache-2.0
"""The instructions: what may not be there, and what must surround the one rdmsr."""
import re

from subject import check

# Where the only two may be. The simulated driver has neither: it reads a recording.
SINGLE = {"rdmsr": "driver/hw_processor.c", "cpuid": "driver/hw_processor.c"}

WRITES_REGISTERS = {"wrmsr", "wrmsrns", "wrmsrlist", "xsetbv"}
PRIVILEGED = WRITES_REGISTERS | {
    "rdmsrlist", "rdpmc", "rdpmcl", "lgdtq", "lidtq", "lgdt", "lidt", "lldtw", "ltrw", "lmsww",
    "clts", "invd", "wbinvd", "wbnoinvd", "invlpg", "invpcid", "hlt", "cli", "sti", "swapgs",
    "sysretq", "sysretl", "sysexitl", "sysexitq", "iretq", "iretl", "syscall", "sysenter", "rsm",
    "vmcall", "vmmcall", "vmlaunch", "vmresume", "vmrun", "vmxon", "vmxoff", "monitor", "mwait",
    "encls", "inb", "inw", "inl", "outb", "outw", "outl", "insb", "insw", "insl", "outsb", "outsw",
    "outsl", "wrfsbaseq", "wrgsbaseq", "wrfsbasel", "wrgsbasel"}
CONTROL_REGISTER = re.compile(r"%(cr\d+|dr\d+)")
IRQL_READ = re.compile(r"%cr8, %r\w+")  # KeGetCurrentIrql, which MinGW-w64 has inline

FLOAT_REGISTER = re.compile(r"%([xyz]?mm\d+|st\b|k[0-7]\b|tmm\d)")
FLOAT_STATE = re.compile(r"f\w+|emms|(ld|st)mxcsr|v?zero(all|upper)|xsave\w*|xrstor\w*")
SEGMENT = re.compile(r"%[fg]s:")

PADDING = {"int3", "nop", "nopl", "nopw"}
FRAME_MAX = 1024
NONVOLATILE = re.compile(r"%([re]?(bx|bp|si|di|sp)|bl|bh|bpl|sil|dil|spl|r1[2-5][dwb]?)")
READS_ONLY = ("cmp", "test", "bt", "jmp", "call", "nop", "push", "int")


@check
def decoded(subject):
    """The disassembly is the code, all of it."""
    length = sum(len(instruction.raw) for instruction in subject.instructions)
    expected = sum(section.size for section in subject.image.sections if section.executable)
    if length != expected:
        yield f"{length} of {expected} bytes of code were disassembled"
    for instruction in subject.instructions:
        if "<unknown>" in instruction.words:
            yield f"undecodable {instruction.raw.hex()} at {subject.where(instruction.address)}"


@check
def named_code(subject):
    """Between the functions there is padding, and jumps to imports, and nothing else."""
    slots = {entry.slot for entry in subject.image.imports()}
    for instruction in subject.instructions:
        if subject.symbols.function_at(instruction.address) is None and \
                instruction.mnemonic not in PADDING and instruction.reference not in slots:
            yield f"{instruction.text} at {subject.where(instruction.address)} in no function"


@check
def privileged(subject):
    for instruction in subject.instructions:
        place = f"{instruction.text} at {subject.where(instruction.address)}"
        if PRIVILEGED.intersection(instruction.words):
            yield place
        elif CONTROL_REGISTER.search(instruction.operands) and \
                not IRQL_READ.fullmatch(instruction.operands):
            yield place
    subject.notes += bytes_inside_instructions(subject.instructions, b"\x0f\x30", subject.where)


def bytes_inside_instructions(instructions, pattern, where=hex):
    """Says where `pattern` occurs in the code although no instruction begins with it."""
    notes = []
    code = b"".join(instruction.raw for instruction in instructions)
    starts = {}
    offset = 0
    for instruction in instructions:
        starts[offset] = instruction
        offset += len(instruction.raw)
    position = code.find(pattern)
    while position >= 0:
        begin = max(start for start in range(max(0, position - 15), position + 1)
                    if start in starts)
        if begin != position:
            notes.append(f"bytes {pattern.hex(' ')} at {where(starts[begin].address)} are inside "
                         f"'{starts[begin].text}'")
        position = code.find(pattern, position + 1)
    return notes


@check
def register_reads(subject):
    for mnemonic, source in SINGLE.items():
        sites = [instruction for instruction in subject.instructions
                 if instruction.mnemonic == mnemonic]
        wanted = 0 if subject.simulated else 1
        if len(sites) != wanted:
            yield f"{len(sites)} {mnemonic} sites, not {wanted}"
        for site in sites:
            function = subject.symbols.function_at(site.address)
            if function is None or function.source != source:
                yield f"{mnemonic} at {subject.where(site.address)}, outside {source}"


@check
def floating_point(subject):
    for instruction in subject.instructions:
        if FLOAT_REGISTER.search(instruction.operands) or \
                any(FLOAT_STATE.fullmatch(word) for word in instruction.words):
            yield f"{instruction.text} at {subject.where(instruction.address)}"


@check
def segments(subject):
    """KeGetCurrentThread and its like, inlined, would read rubbish in the harness."""
    for instruction in subject.instructions:
        if SEGMENT.search(instruction.text) or {"fs", "gs"}.intersection(instruction.words):
            yield f"{instruction.text} at {subject.where(instruction.address)}"


@check
def rdmsr_handler(subject):
    """Whoever calls the function that holds rdmsr catches what it raises."""
    for site in subject.instructions:
        if site.mnemonic != "rdmsr":
            continue
        reader = subject.symbols.function_at(site.address)
        if reader is None:
            yield f"rdmsr at {subject.where(site.address)} in no function"
            continue
        inside = range(reader.begin, reader.end)
        callers = [instruction for instruction in subject.instructions
                   if instruction.target == reader.begin and instruction.address not in inside]
        if not callers:
            yield f"nobody calls {reader.name}"
        if reader.begin in subject.image.guard_functions():
            yield f"{reader.name} can be called through a pointer"
        for caller in callers:
            yield from _unguarded(subject, caller)


def _unguarded(subject, caller):
    place = f"{caller.text} at {subject.where(caller.address)}"
    image = subject.image
    if not caller.mnemonic.startswith("call"):
        yield f"{place}: a jump leaves the handler behind"
        return
    unwind = next((entry for entry in image.unwinds()
                   if entry.begin <= caller.address < entry.end), None)
    if unwind is None or unwind.handler == 0:
        yield f"{place}: its function has no handler"
        return
    slots = {entry.slot for entry in image.imports() if entry.name == "__C_specific_handler"}
    thunk = next((instruction for instruction in subject.instructions
                  if instruction.address == unwind.handler), None)
    if thunk is None or not thunk.mnemonic.startswith("jmp") or thunk.reference not in slots:
        yield f"{place}: the handler is not __C_specific_handler"
    # A fault in the callee unwinds to the return address, which must be inside as well.
    execute_handler = 1
    if not any(begin <= caller.address and caller.end < end and choice == execute_handler and
               unwind.begin <= target < unwind.end
               for begin, end, choice, target in unwind.scopes):
        yield f"{place}: no __except (EXCEPTION_EXECUTE_HANDLER) around it"


@check
def discarded_code(subject):
    """INIT is gone after DriverEntry: what stays must not lead there."""
    image = subject.image
    init = image.section("INIT")
    if init is None:
        return  # sections says so
    stays = [instruction for instruction in subject.instructions
             if instruction.address not in init]
    for instruction in stays:
        for rva in (instruction.target, instruction.reference):
            if rva is not None and rva in init:
                yield f"{subject.where(instruction.address)} refers to {subject.where(rva)}"
    for rva in image.relocations():
        target = image.read("<Q", rva)[0] - image.base
        if rva in init or target not in init:
            continue
        # A constant that only INIT itself uses may stay behind: nobody reads it any more.
        for instruction in stays:
            if instruction.reference in subject.symbols.variable_at(rva):
                yield f"{subject.where(instruction.address)} uses a pointer at " \
                      f"{subject.where(rva)} to {subject.where(target)}"
    if image.entry not in init or subject.symbols.name_of(image.entry) != "DriverEntry":
        yield f"the entry point is {subject.where(image.entry)}"


@check
def unwind_data(subject):
    """Without an entry in .pdata a function is a leaf: no call, no stack, no saved register."""
    image = subject.image
    covered = {entry.begin: entry for entry in image.unwinds()}
    entries = sorted(covered.values(), key=lambda entry: entry.begin)
    if [entry.begin for entry in image.unwinds()] != [entry.begin for entry in entries]:
        yield ".pdata is not sorted"
    for function in subject.symbols.functions:
        entry = covered.get(function.begin)
        if entry is not None:
            if entry.end != function.end:
                yield f".pdata of {function.name} ends at {entry.end:#x}, not {function.end:#x}"
            continue
        for instruction in subject.instructions:
            if instruction.address not in range(function.begin, function.end):
                continue
            if _needs_unwinding(instruction):
                yield f"{function.name} has no .pdata entry, yet: {instruction.text}"


def _needs_unwinding(instruction):
    mnemonic = instruction.mnemonic
    if mnemonic.startswith(("call", "push", "pop", "enter", "leave")):
        return True
    if mnemonic.startswith(READS_ONLY):
        return False
    return NONVOLATILE.fullmatch(instruction.operands.rsplit(", ", 1)[-1]) is not None


@check
def frames(subject):
    largest = max(subject.image.unwinds(), key=lambda entry: entry.frame_size)
    for entry in subject.image.unwinds():
        if entry.frame_size > FRAME_MAX:
            yield f"{subject.where(entry.begin)} takes {entry.frame_size} bytes of stack"
    subject.notes.append(f"largest frame: {largest.frame_size} bytes, "
                         f"{subject.symbols.name_of(largest.begin)}")

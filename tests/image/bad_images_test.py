#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it is for: the production image, spoilt in one way at a time.

usage: bad_images_test.py IMAGE PDB VERSION
"""
import re
import sys
import tempfile
from pathlib import Path

import import_checks
import pe
from bad_image import BadImage
from binaries_test import register_writes
from image_test import Subject
from subject import CHECKS

CALL_POINTER = b"\xff\xd0\x90\x90\x90\x90"  # call *%rax, and nops to the length of call *x(%rip)


def spoil_cookie(bad):
    bad.put_at("<Q", bad.good.load_config().cookie, 1)


def spoil_dispatch(bad):
    config = bad.good.load_config()
    bad.put("<Q", bad.config(0x78), bad.good.base + config.cookie)


def unsort_guard_table(bad):
    table = bad.good.load_config().guard_table
    first, second = bad.good.read("<II", table)
    bad.put_at("<II", table, second, first)


def guard_inside_function(bad):
    table = bad.good.load_config().guard_table
    bad.put_at("<I", table, bad.good.read("<I", table)[0] + 1)


def forget_guarded_function(bad):
    bad.put("<Q", bad.config(0x88), bad.good.load_config().guard_count - 1)


def forget_call_of_stack_check(bad):
    failure = bad.subject.symbols.function("__stack_chk_fail").begin
    for instruction in bad.subject.instructions:
        if instruction.target == failure:
            bad.code(instruction.address, b"\xcc" * len(instruction.raw))


def relocate_code(bad):
    bad.put_at("<I", bad.good.directory(pe.RELOCATION)[0], bad.good.section(".text").address)


def call_init(bad):
    call = bad.call_of("rapl_legacy_answer")
    bad.put_at("<i", call.address + 1, bad.good.entry - call.end)


def point_to_init(bad):
    """A pointer that code outside INIT calls through leads there."""
    bad.put_at("<Q", bad.good.load_config().guard_dispatch, bad.good.base + bad.good.entry)


def unsort_pdata(bad):
    start = bad.good.directory(pe.EXCEPTION)[0]
    pair = bad.good.read("<6I", start)
    bad.put_at("<6I", start, *pair[3:], *pair[:3])


def drop_pdata(bad):
    entry = bad.unwind_of("rapl_legacy_answer")[0]
    bad.put_at("<I", entry, bad.good.read("<I", entry)[0] + 1)


def enlarge_frame(bad):
    info = bad.unwind_of("rapl_legacy_answer")[1]
    if bad.good.read("<B", info + 5)[0] & 15 != 1:
        raise ValueError("the frame of rapl_legacy_answer is no longer a large one")
    bad.put_at("<H", info + 6, 0x1000 // 8)


def no_handler(bad):
    info = bad.unwind_of("hw_read")[1]
    bad.put_at("<B", info, 1)


def short_scope(bad):
    scope = bad.scope_of("hw_read") + 4
    begin = bad.good.read("<I", scope)[0]
    bad.put_at("<I", scope + 4, begin + 2)


def other_handler(bad):
    bad.put_at("<I", bad.scope_of("hw_read") - 4, bad.subject.symbols.function("hw_read").begin)


def hidden_wrmsr(bad):
    load = bad.instruction("movl", f"${0x6C706152:#x}, %edx")
    bad.put_at("<I", load.address + 1, 0x300F)


# what: (how, the checks that find it, and only they)
FAULTS = {
    "a DLL": (lambda bad: bad.put("<H", bad.coff(18), 0x2022), {"headers"}),
    "sections of 8 KiB": (lambda bad: bad.put("<I", bad.optional(32), 0x2000), {"headers"}),
    "a console program": (lambda bad: bad.put("<H", bad.optional(68), 3), {"headers"}),
    "subsystem 6.0": (lambda bad: bad.put("<HH", bad.optional(48), 6, 0), {"headers"}),
    "OS 6.0": (lambda bad: bad.put("<HH", bad.optional(40), 6, 0), {"headers"}),
    "no NX": (lambda bad: bad.put("<H", bad.optional(70), 0x4060), {"dll_characteristics"}),
    "no ASLR": (lambda bad: bad.put("<H", bad.optional(70), 0x4120), {"dll_characteristics"}),
    "no CFG": (lambda bad: bad.put("<H", bad.optional(70), 0x0160), {"dll_characteristics"}),
    "forced integrity": (lambda bad: bad.put("<H", bad.optional(70), 0x41E0),
                         {"dll_characteristics"}),
    "too large": (lambda bad: bad.data.extend(bytes(0x10000)), {"size"}),
    "a byte behind the end": (lambda bad: bad.data.append(0), {"size"}),
    "writable INIT": (lambda bad: bad.section_flags("INIT", on=pe.SCN_WRITE), {"sections"}),
    "INIT that stays": (lambda bad: bad.section_flags("INIT", off=pe.SCN_DISCARDABLE),
                        {"sections"}),
    "writable code": (lambda bad: bad.section_flags(".text", on=pe.SCN_WRITE), {"sections"}),
    "code that goes": (lambda bad: bad.section_flags(".text", on=pe.SCN_DISCARDABLE),
                       {"sections"}),
    "unknown section": (lambda bad: bad.put("<8s", bad.good.section(".buildid").header_offset,
                                            b"PAGE"), {"sections"}),
    "section off its page": (lambda bad: bad.put(
        "<I", bad.good.section(".rsrc").header_offset + 12,
        bad.good.section(".rsrc").address + 0x200), {"sections", "version"}),
    "imports among code": (lambda bad: bad.section_flags(".rdata", on=pe.SCN_EXECUTE),
                           {"sections", "import_table_place", "relocations", "load_config",
                            "guard_table", "decoded"}),
    "thread-local storage": (lambda bad: bad.put("<II", bad.directory(9), 0x4000, 40),
                             {"directories"}),
    "no relocations": (lambda bad: bad.put("<II", bad.directory(pe.RELOCATION), 0, 0),
                       {"directories", "relocations"}),
    "relocated code": (relocate_code, {"relocations"}),
    "a path to the PDB": (lambda bad: bad.replace("ScaphandreDrv.pdb", "c/phandreDrv.pdb\0"),
                          {"debug_data"}),
    "another time stamp": (lambda bad: bad.put("<I", bad.coff(4), 0x5F000000), {"debug_data"}),
    "another PDB": (lambda bad: bad.replace("RSDS", "RSDS\1\2\3\4"), {"debug_data"}),
    "a build path": (lambda bad: bad.leave(b"/home/me/x.c"), {"build_paths"}),
    "a wide build path": (lambda bad: bad.leave("C:\\Users\\me".encode("utf-16le"), odd=1),
                          {"build_paths"}),
    "the build folder": (lambda bad: bad.leave(b"/secret"), {"build_paths"}),
    "another version": (lambda bad: bad.replace("ScaphandreDrv.sys", "ScaphandreDrv.old"),
                        {"version"}),
    "the predecessor's name": (lambda bad: bad.replace("windows-rapl-driver project",
                                                       "Hubblo-rapl-driver project\0"),
                               {"version"}),
    "no load configuration": (lambda bad: bad.put("<II", bad.directory(pe.LOAD_CONFIG), 0, 0),
                              {"directories", "load_config"}),
    "a used cookie": (spoil_cookie, {"load_config"}),
    "a writable guard pointer": (spoil_dispatch, {"load_config", "indirect_calls"}),
    "not instrumented": (lambda bad: bad.put("<I", bad.config(0x90), 0x400), {"load_config"}),
    "an unsorted guard table": (unsort_guard_table, {"guard_table"}),
    "a guard table that errs": (guard_inside_function, {"guard_table"}),
    "a short guard table": (forget_guarded_function, {"guard_table"}),
    "an unguarded call": (lambda bad: bad.code(bad.instruction("callq", function="rapl_cpu_identify"
                                                               ).address, CALL_POINTER),
                          {"indirect_calls"}),
    "no stack protector": (forget_call_of_stack_check, {"stack_protector"}),
    "what no processor knows": (lambda bad: bad.code(bad.padding(4), b"\x06"),
                                {"decoded", "named_code"}),
    "code of nobody": (lambda bad: bad.code(bad.padding(4), b"\x31\xc0\xc3"), {"named_code"}),
    "wrmsr": (lambda bad: bad.code(bad.instruction("rdmsr").address, b"\x0f\x30"),
              {"privileged", "register_reads"}),
    "a raised IRQL": (lambda bad: bad.code(bad.instruction("movq", "%cr8, %rax").address,
                                           b"\x44\x0f\x22\xc0"), {"privileged"}),
    "cli": (lambda bad: bad.code(bad.padding(4), b"\xfa"), {"privileged", "named_code"}),
    "a second cpuid": (lambda bad: bad.code(bad.instruction("rdtsc").address, b"\x0f\xa2"),
                       {"register_reads"}),
    "no cpuid": (lambda bad: bad.code(bad.instruction("cpuid").address, b"\x66\x90"),
                 {"register_reads"}),
    "SSE": (lambda bad: bad.code(bad.instruction("shlq", function="rdmsr_here").address,
                                 b"\x0f\x57\xc0\x90"), {"floating_point"}),
    "x87": (lambda bad: bad.code(bad.instruction("shlq", function="rdmsr_here").address,
                                 b"\xd9\xe8\xd9\xe8"), {"floating_point"}),
    "the current thread": (lambda bad: bad.code(bad.instruction("shlq", function="rdmsr_here"
                                                                ).address, b"\x65\x48\x8b\x00"),
                           {"segments"}),
    "no handler": (no_handler, {"rdmsr_handler"}),
    "another handler": (other_handler, {"rdmsr_handler"}),
    "no scope": (lambda bad: bad.put_at("<I", bad.scope_of("hw_read"), 0), {"rdmsr_handler"}),
    "a scope that ends too soon": (short_scope, {"rdmsr_handler"}),
    "a scope with a filter": (lambda bad: bad.put_at("<I", bad.scope_of("hw_read") + 12, 0),
                              {"rdmsr_handler"}),
    "a jump past the handler": (lambda bad: bad.code(bad.call_of("rdmsr_here").address, b"\xe9"),
                                {"rdmsr_handler"}),
    "a call into INIT": (call_init, {"discarded_code"}),
    "a pointer into INIT": (point_to_init, {"discarded_code"}),
    "another entry point": (lambda bad: bad.put("<I", bad.optional(16), bad.good.load_config(
        ).guard_check), {"discarded_code", "guard_table"}),
    "a function without unwind data": (drop_pdata, {"unwind_data"}),
    "unsorted unwind data": (unsort_pdata, {"unwind_data"}),
    "a frame of a page": (enlarge_frame, {"frames"}),
    "an unknown import": (lambda bad: bad.replace("ZwClose", "ZwClosf"), {"imports"}),
    "an import from elsewhere": (lambda bad: bad.replace("ntoskrnl.exe", "ntoskrnk.exe"),
                                 {"imports"}),
}


class Tests:
    def __init__(self, image, pdb, version):
        self.version = version
        self.pdb = pdb
        self.good = Subject(image, pdb, False, version, ["/secret"])
        self.scratch = tempfile.TemporaryDirectory()
        self.failures = []
        self.count = 0

    def expect(self, what, condition, found):
        self.count += 1
        if not condition:
            self.failures.append(f"{what}: {found}")

    def subject(self, data, simulated=False):
        path = Path(self.scratch.name) / "bad.sys"
        path.write_bytes(data)
        return Subject(path, self.pdb, simulated, self.version, ["/secret"], self.good.symbols)

    def faults(self):
        covered = {"checksum"}
        for what, (spoil, expected) in FAULTS.items():
            bad = BadImage(self.good)
            spoil(bad)
            problems = self.subject(bad.bytes()).problems()
            found = {name for name, _ in problems}
            self.expect(what, found == expected, f"found by {sorted(found)}, not by "
                                                 f"{sorted(expected)}: {problems[:4]}")
            covered |= expected
        self.expect("every check is seen to fail", covered == {entry.__name__ for entry in CHECKS},
                    {entry.__name__ for entry in CHECKS} ^ covered)

    def checksum(self):
        for value in (0, self.good.image.checksum ^ 1):
            bad = BadImage(self.good)
            bad.put("<I", bad.good.checksum_offset, value)
            found = {name for name, _ in self.subject(bytes(bad.data)).problems()}
            self.expect(f"checksum {value:#x}", found == {"checksum"}, found)

    def simulated(self):
        """The production image does not pass for the simulated one."""
        found = {name for name, _ in self.subject(self.good.image.data, True).problems()}
        self.expect("not simulated", found == {"version", "register_reads", "imports"}, found)

    def hidden(self):
        """The bytes of wrmsr inside another instruction are explained, and no fault."""
        bad = BadImage(self.good)
        hidden_wrmsr(bad)
        subject = self.subject(bad.bytes())
        self.expect("bytes of wrmsr in a constant", not subject.problems(), subject.problems())
        self.expect("their explanation", any("0f 30" in note for note in subject.notes),
                    subject.notes)

    def reviewed_list(self):
        good = import_checks.LIST.read_text(encoding="utf-8")
        listed = Path(self.scratch.name) / "imports.txt"
        before, import_checks.LIST = import_checks.LIST, listed
        for what, text in {
                "later than our Windows": good.replace("5.0.2195 ", "10.0.15063 ", 1),
                "listed, not imported": good + "NtClose both ntoskrnl.exe 5.2.3790 any -\n",
                "imported, not listed": good.replace("memset ", "# memset "),
                "for the other image": re.sub(r"(SeAccessCheck +)production", r"\1simulated", good),
        }.items():
            listed.write_text(text, encoding="utf-8")
            found = list(import_checks.imports(self.good))
            self.expect(what, text != good and len(found) == 1, found)
        import_checks.LIST = before
        for text in ("ZwClose both\n", good + "memset both ntoskrnl.exe 5.2.3790 any x\n",
                     "memset both ntdll.dll 5.2.3790 any x\n", "memset both HAL.dll 5 any x\n"):
            try:
                import_checks.read_list(text)
                self.expect("a list that is none", False, text)
            except ValueError:
                self.count += 1

    def binaries(self):
        """wrmsr in any kind of file is seen."""
        path = Path(self.scratch.name) / "binary"
        bad = BadImage(self.good)
        bad.code(bad.instruction("rdmsr").address, b"\x0f\x30")
        for what, data, wanted in (("no wrmsr", self.good.image.data, 0),
                                   ("a wrmsr", bad.bytes(), 1)):
            path.write_bytes(data)
            _, problems, _ = register_writes(path)
            self.expect(what, len(problems) == wanted, problems)

    def rubbish(self):
        for data in (b"", b"MZ", b"MZ" + bytes(400), self.good.image.data[:0x200]):
            try:
                pe.Image(data).imports()
                self.expect("rubbish", False, data[:8])
            except pe.PeError:
                self.count += 1


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    tests = Tests(*sys.argv[1:])
    if tests.good.problems():
        print(f"problem: {sys.argv[1]} is not clean to begin with; image_test.py says why")
        return 1
    for run in (tests.faults, tests.checksum, tests.simulated, tests.hidden, tests.reviewed_list,
                tests.binaries, tests.rubbish):
        run()
    for failure in tests.failures:
        print(f"problem: {failure}")
    print(f"{tests.count} expectations, {len(tests.failures)} not met")
    return 1 if tests.failures else 0


if __name__ == "__main__":
    sys.exit(main())

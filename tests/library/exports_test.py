#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the library exports is what its header declares, on every system.

usage: exports_test.py DIST

rapl.h, lib/exports.txt, librapl.so.1, librapl.a and rapl-1.dll must name the same functions. The
shared ones need nothing but the system, and are named by their major version.
"""
import re
import subprocess
import sys
from pathlib import Path

FUNCTION = re.compile(r"^RAPL_API [^;(]*?\b(rapl_\w+)\(", re.M)
WINDOWS = {"advapi32.dll", "kernel32.dll", "msvcrt.dll", "setupapi.dll"}
LINUX = {"libc.so.6", "ld-linux-x86-64.so.2"}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def declared():
    return set(FUNCTION.findall(Path("include/rapl/rapl.h").read_text(encoding="utf-8")))


def listed():
    return Path("lib/exports.txt").read_text(encoding="utf-8").split()


def elf_exports(path, *options):
    lines = output("nm", "-P", "--defined-only", "--extern-only", *options, path).splitlines()
    # A version's own name is an absolute symbol.
    return {line.split()[0].split("@")[0] for line in lines if re.match(r"\S+ [^A] ", line)}


def dll_exports(path):
    table = output("llvm-objdump-19", "--private-headers", path).split("Export Table:")[1]
    return set(re.findall(r"^\s+\d+\s+0x[0-9a-f]+\s+(\S+)$", table, re.M))


def compare(what, names, expected):
    return ([f"{what} also has {name}" for name in sorted(names - expected)] +
            [f"{what} has no {name}" for name in sorted(expected - names)])


def check_linux(dist, expected):
    shared = dist / "linux/lib/librapl.so.1"
    dynamic = output("readelf", "--dynamic", "--wide", shared)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    problems = compare("librapl.so.1", elf_exports(shared, "--dynamic"), expected)
    problems += compare("librapl.a", elf_exports(dist / "linux/lib/librapl.a"), expected)
    problems += [f"librapl.so.1 needs {name}" for name in sorted(needed - LINUX)]
    if "[librapl.so.1]" not in dynamic:
        problems.append("librapl.so.1 has another SONAME")
    return problems


def check_windows(dist, expected):
    dll = dist / "windows/bin/rapl-1.dll"
    headers = output("llvm-objdump-19", "--private-headers", dll)
    needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", headers)} - {"rapl-1.dll"}
    problems = compare("rapl-1.dll", dll_exports(dll), expected)
    problems += [f"rapl-1.dll needs {name}" for name in sorted(needed - WINDOWS)]
    if not re.search(r"DLL name: rapl-1\.dll", headers):
        problems.append("rapl-1.dll calls itself otherwise")
    return problems


def main():
    dist = Path(sys.argv[1])
    expected = declared()
    problems = compare("lib/exports.txt", set(listed()), expected)
    if listed() != sorted(listed()):
        problems.append("lib/exports.txt is not sorted")
    problems += check_linux(dist, expected) + check_windows(dist, expected)
    for problem in problems:
        print(problem)
    print(f"{len(expected)} functions, {len(problems)} problems")
    return 1 if problems or not expected else 0


if __name__ == "__main__":
    sys.exit(main())

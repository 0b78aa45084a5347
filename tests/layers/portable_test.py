#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing in the sources of the driver and the programs is one compiler's alone.

usage: portable_test.py SOURCE_DIR CLANG

Microsoft's compiler is not here. What can be shown without it: its spellings and gcc's are in one
header only, and clang, speaking as that compiler does, takes core and recording without a warning.
"""
import re
import subprocess
import sys
from pathlib import Path

FOLDERS = ["include/rapl", "core", "recording", "driver", "sim", "lib", "cli", "loader"]
# The second two are for the MinGW image; with Microsoft's compiler its own libraries do that.
OWN_SPELLING = {"core/compiler.h", "driver/cookie.c", "driver/load_config.c", "include/rapl/rapl.h",
                "driver/hw_processor.c"}
GNU = re.compile(r"__attribute__|__asm|\basm\b|__builtin_|__atomic_|__int128|__extension__|\(\{|"
                 r"#\s*pragma\s+(GCC|clang)|\b__thread\b|\bcase\s+\w+\s*\.\.\.")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"", re.S)
PURE = ["core", "recording"]
AS_MICROSOFT = ["--target=x86_64-pc-windows-msvc", "-fms-compatibility-version=19.40",
                "-fsyntax-only", "-std=c11", "-Wall", "-Wextra", "-Wgnu", "-Werror",
                # headers of C only; those of MinGW are for any compiler as far as these go
                "-isystem", "/usr/x86_64-w64-mingw32/include"]


def spellings(text):
    return sorted({match.group(0) for match in GNU.finditer(COMMENT.sub(" ", text))})


def main():
    root, clang = Path(sys.argv[1]), sys.argv[2]
    problems = []
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.[ch]"))
    for path in files:
        name = path.relative_to(root).as_posix()
        if name not in OWN_SPELLING:
            problems += [f"{name}: '{found}' is gcc's and clang's: core/compiler.h has the words "
                         "for both" for found in spellings(path.read_text(encoding="utf-8"))]
    if not spellings("int x = ({ 1; });") or spellings('/* __asm__ */ char *s = "({";'):
        problems.append("the search itself is wrong")

    pure = [path for path in files if path.suffix == ".c" and
            path.relative_to(root).parts[0] in PURE]
    for path in pure:
        result = subprocess.run([clang, *AS_MICROSOFT, "-I", root, "-I", root / "include", path],
                                capture_output=True, text=True, check=False)
        if result.returncode != 0:
            problems.append(result.stderr)
    for problem in problems:
        print(problem)
    print(f"{len(files)} files searched, {len(pure)} compiled: {len(problems)} problems")
    return 1 if problems or not pure else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that no linter knows: sizes and left-over notes.

usage: lint_sizes.py FILE...

No function over 70 lines, no file over 400, no line over 100 columns, no note to finish something
later. A C or shell function runs from its opening line to the closing brace in column 0. The
fuzzers' inputs are bytes, not text: nobody wrote or reads them.
"""
import ast
import re
import sys
from pathlib import Path

CORPUS = Path("tests/fuzz/corpus")
FUNCTION_MAX = 70
FILE_MAX = 400
LINE_MAX = 100
NOTES = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
SHELL_FUNCTION = re.compile(r"^(?:function )?(\w+) ?\(\) ?\{$")
C_NAME = re.compile(r"(\w+)\(")


def kind_of(path, text):
    if path.suffix in {".c", ".h"}:
        return "c"
    if path.suffix == ".py" or text.startswith("#!/usr/bin/env python3"):
        return "python"
    if path.suffix == ".sh" or re.match(r"#!.*\b(bash|sh)\b", text):
        return "shell"
    return None


def c_functions(lines):
    """(name, first line, length) of each; lines count from 1."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line.startswith("}") and begin is not None:
            heading = " ".join(lines[max(0, begin - 4):begin - 1])
            names = C_NAME.findall(heading)
            yield names[-1] if names else "?", begin, number - begin + 1
            begin = None


def shell_functions(lines):
    name = begin = None
    for number, line in enumerate(lines, 1):
        if match := SHELL_FUNCTION.match(line):
            name, begin = match.group(1), number
        elif line == "}" and begin is not None:
            yield name, begin, number - begin + 1
            begin = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def problems_of(path):
    if CORPUS in path.parents:
        return
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if NOTES.search(line):
            yield f"{path}:{number}: a note instead of the thing: {line.strip()}"
    kind = kind_of(path, text)
    if kind is None:
        return
    if len(lines) > FILE_MAX:
        yield f"{path}: {len(lines)} lines; the limit is {FILE_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            yield f"{path}:{number}: {len(line)} columns; the limit is {LINE_MAX}"
    try:
        functions = {"c": lambda: c_functions(lines), "shell": lambda: shell_functions(lines),
                     "python": lambda: python_functions(text)}[kind]()
        for name, begin, length in functions:
            if length > FUNCTION_MAX:
                yield f"{path}:{begin}: {name} has {length} lines; the limit is {FUNCTION_MAX}"
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"


def main():
    count = 0
    for path in map(Path, sys.argv[1:]):
        for problem in problems_of(path):
            print(problem)
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())

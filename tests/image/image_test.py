#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every check on one driver image.

usage: image_test.py production|simulated IMAGE PDB VERSION [FOLDER...]

FOLDER: names that must not be in the file. Exit status: 0 when nothing was found.
"""
import sys

# The checks register themselves.
import code_checks  # noqa: F401 pylint: disable=unused-import
import guard_checks  # noqa: F401 pylint: disable=unused-import
import header_checks  # noqa: F401 pylint: disable=unused-import
import import_checks  # noqa: F401 pylint: disable=unused-import
from subject import CHECKS, Subject


def main():
    if len(sys.argv) < 5 or sys.argv[1] not in ("production", "simulated"):
        sys.exit(__doc__)
    kind, path, pdb, version = sys.argv[1:5]
    subject = Subject(path, pdb, kind == "simulated", version, sys.argv[5:])
    problems = subject.problems()
    for name, problem in problems:
        print(f"{name}: {problem}")
    for note in subject.notes:
        print(f"note: {note}")
    print(f"{path}: {len(subject.image.data)} bytes, {len(subject.symbols.functions)} functions, "
          f"{len(subject.instructions)} instructions; {len(CHECKS)} checks, "
          f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

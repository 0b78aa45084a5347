#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One compile command for each C file, from several build folders; the first that has it wins.

usage: lint_commands.py OUTPUT_DIR BUILD_DIR...

Writes OUTPUT_DIR/compile_commands.json and prints the files, those that take longest first.
"""
import json
import os
import sys
from pathlib import Path


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    commands = {}
    for folder in sys.argv[2:]:
        for entry in json.loads((Path(folder) / "compile_commands.json").read_text("utf-8")):
            if entry["file"].endswith(".c") and os.path.exists(entry["file"]):
                commands.setdefault(entry["file"], entry)
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    (output / "compile_commands.json").write_text(json.dumps(list(commands.values())), "utf-8")
    for file in sorted(commands, key=os.path.getsize, reverse=True):
        print(os.path.relpath(file))


if __name__ == "__main__":
    main()

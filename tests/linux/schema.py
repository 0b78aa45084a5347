#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks JSON on stdin against a schema of docs/schemas/.

usage: schema.py [--lines | --array] SCHEMA

--lines: one document a line. --array: one array of documents. Prints how many documents there were;
exit status 1 at the first that does not fit, saying where.
"""
import json
import sys
from pathlib import Path

import jsonschema

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def documents(form, text):
    if form == "--lines":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if form == "--array" else [json.loads(text)]


def main():
    form, name = (sys.argv[1:] if len(sys.argv) == 3 else ("", sys.argv[1]))
    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    found = documents(form, sys.stdin.read())
    for number, document in enumerate(found, 1):
        for error in validator.iter_errors(document):
            where = "/".join(str(part) for part in error.absolute_path)
            print(f"document {number}, {where or 'top'}: {error.message}")
            return 1
    print(len(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

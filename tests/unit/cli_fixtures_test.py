#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `rapl decode --json` on every published read-out in tests/data/fixtures.csv.

What a row must decode to is written in the row, as its source printed it; nothing is computed by
the code under test. Usage: cli_fixtures_test.py COMMAND..., where COMMAND runs rapl.
"""
import csv
import json
import pathlib
import re
import subprocess
import sys
from decimal import Decimal

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "data" / "fixtures.csv"

# Rows that come or go are a deliberate act.
ROWS, UNDECODABLE = 70, 6

UNIT_MSR = {"amd": "0xC0010299", "intel": "0x606"}
PACKAGE_ENERGY_MSR = {"amd": "0xC001029B", "intel": "0x611"}
EXIT_OK, EXIT_DATA = 0, 65


def vendor(msr):
    return "amd" if msr.startswith("0xC001") else "intel"


def decode(command, cpu, pairs):
    """The registers of one run, by number, and its exit code."""
    arguments = ["decode", "--json", "--cpu", cpu] + [f"{m}={v}" for m, v in pairs.items()]
    run = subprocess.run(command + arguments, capture_output=True, text=True, timeout=60)
    document = json.loads(run.stdout, parse_float=Decimal)
    registers = {int(register["msr"], 16): register for register in document["registers"]}
    return registers, run.returncode


def tolerance(key, expected):
    """Logs round: half of the last digit they print. Watts, bits and counts are exact."""
    if key in ("lasts_s", "range_s"):
        return Decimal(1)
    if re.search(r"_(s|us|uj|j)$", key) and "." in expected:
        return Decimal(5).scaleb(-len(expected.split(".")[1]) - 1)
    return Decimal(0)


def check_value(key, expected, fields):
    """None, or what is wrong with one `key=expected` of a row."""
    name, _, part = key.partition(".")
    if name not in fields:
        return f"{key}: not decoded"
    field = fields[name]
    if part == "raw":
        good = int(field["raw"], 16) == int(expected)
    elif expected == "none":
        good = field["value"] is None and int(field["raw"], 16) == 0
    elif isinstance(field["value"], bool):
        good = field["value"] == (expected == "1")
    elif field["value"] is None:
        good = False
    else:
        good = abs(Decimal(field["value"]) - Decimal(expected)) <= tolerance(key, expected)
    return None if good else f"{key}: {field} instead of {expected}"


def check_row(command, cpu, row):
    """What is wrong with one row on one CPU: a list."""
    msr = row["msr"]
    pairs = {msr: row["value"]}
    if row["unit"]:
        pairs[UNIT_MSR[vendor(msr)]] = row["unit"]
    # An empty counter, so that its range and how long it lasts are decoded too.
    counter = PACKAGE_ENERGY_MSR[vendor(msr)]
    pairs.setdefault(counter, "0x0")
    registers, code = decode(command, cpu, pairs)
    register = registers[int(msr, 16)]
    energy = registers[int(counter, 16)]["fields"]
    expected = dict(item.split("=") for item in row["expected"].split(";"))
    want_result = expected.pop("result", "ok")

    problems = []
    if register["result"] != want_result:
        problems.append(f"result: {register['result']} instead of {want_result}")
    if code != (EXIT_OK if want_result == "ok" else EXIT_DATA):
        problems.append(f"exit code {code}")
    for key, value in expected.items():
        at_power = re.fullmatch(r"range_s_at_(\d+)_w", key)
        if key == "lasts_s":
            problems.append(check_value(key, value, {key: energy["wrap_at_tdp_s"]}))
        elif at_power:
            seconds = {"value": Decimal(energy["range_j"]["value"]) / int(at_power[1])}
            problems.append(check_value("range_s", value, {"range_s": seconds}))
        else:
            problems.append(check_value(key, value, register["fields"]))
    return [problem for problem in problems if problem]


def check_undecodable(command, row):
    """A row that cannot be decoded has no value, or a register that rapl says it does not know."""
    if row["expected"]:
        return ["has expectations and is undecodable"]
    if not row["value"]:
        return []
    registers, code = decode(command, row["cpu_ids"].split()[0], {row["msr"]: row["value"]})
    result = registers[int(row["msr"], 16)]["result"]
    if result == "unknown register" and code == EXIT_DATA:
        return []
    return [f"decodes after all: {result}, exit code {code}"]


def main(command):
    with FIXTURES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    failures = 0
    checks = 0
    for number, row in enumerate(rows, 2):
        if row["undecodable"]:
            problems = check_undecodable(command, row)
        elif not row["expected"]:
            problems = ["expects nothing"]
        else:
            problems = []
            for cpu in row["cpu_ids"].split():
                problems += [f"--cpu {cpu}: {text}" for text in check_row(command, cpu, row)]
            checks += row["expected"].count("=") * len(row["cpu_ids"].split())
        for text in problems:
            print(f"fixtures.csv:{number}: {row['machine']}, {row['msr']}: {text}")
        failures += len(problems)

    undecodable = [row for row in rows if row["undecodable"]]
    for row in undecodable:
        print(f"not decodable: {row['machine']} {row['msr']}: {row['undecodable']}")
    if (len(rows), len(undecodable)) != (ROWS, UNDECODABLE):
        print(f"{len(rows)} rows, {len(undecodable)} undecodable: expected {ROWS}, {UNDECODABLE}")
        failures += 1
    print(f"{len(rows) - len(undecodable)} rows decoded, {checks} values checked, "
          f"{len(undecodable)} rows not decodable, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

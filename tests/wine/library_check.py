#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether counted ticks are, to one counter unit, what a recording's ramps say.

usage: library_check.py RECORDING SECONDS < OUTPUT

OUTPUT is `library_client ... total SECONDS`: PACKAGE DOMAIN CORE STATUS FLAGS TICKS RAW a line. A
ramp of `rate` counts a second that steps every `step` us can only have gained floor(rate * step *
k) for a whole k, within one count as both ends are rounded; and k steps must be about SECONDS long.
"""
import re
import sys

REGISTERS = {0x611: "package", 0x639: "pp0", 0x641: "pp1", 0x619: "dram", 0x64D: "psys",
             0xC001029A: "core", 0xC001029B: "package"}
RAMP = re.compile(r"register (0x[0-9A-Fa-f]+) package (\d+|all)(?: core (\d+))? ramp from \S+ "
                  r"rate (\d+) step-us (\d+)(?: jitter-us (\d+))?")
SLACK_S = 1.5  # a loaded machine


def ramps(path):
    found = {}
    with open(path, encoding="utf-8") as recording:
        for line in recording:
            match = RAMP.match(line)
            if match and int(match[1], 16) in REGISTERS:
                key = (match[2], REGISTERS[int(match[1], 16)], match[3] or "-1")
                found[key] = (int(match[4]), int(match[5]), int(match[6] or 0))
    return found


def problem_of(words, ramp, seconds):
    rate, step_us, jitter_us = ramp
    ticks = int(words[5])
    steps = round(ticks * 1e6 / (rate * step_us))
    gained_s = steps * step_us / 1e6
    if abs(ticks - rate * step_us * steps / 1e6) > 1:
        return f"{ticks} ticks are no whole number of steps"
    late_s = (step_us + jitter_us) / 1e6
    if not seconds - late_s <= gained_s <= seconds + late_s + SLACK_S:
        return f"{steps} steps of {step_us} us are not about {seconds} s"
    return None


def main():
    expected = ramps(sys.argv[1])
    seconds = float(sys.argv[2])
    seen = 0
    problems = []
    for line in sys.stdin:
        words = line.split()
        ramp = expected.get((words[0], words[1], words[2])) or expected.get(
            ("all", words[1], words[2]))
        if ramp is None:
            if words[3] == "RAPL_OK":
                problems.append(f"{line.strip()}: not in the recording")
            continue
        seen += 1
        problem = "not read" if words[3] != "RAPL_OK" else problem_of(words, ramp, seconds)
        if problem:
            problems.append(f"{line.strip()}: {problem}")
    if seen == 0:
        problems.append("no domain of the recording was read")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{seen} domains, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

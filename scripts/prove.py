#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the tests find bugs: seeds those of tests/mutants/ one by one and runs the tests.

usage: prove.py [--only PATTERN]... [--list] [--trust] [--jobs N] [--work FOLDER]

  --only PATTERN  only the mutants whose name or kind (unit, race, harness, wine) matches the shell
                  pattern; may be given again
  --list          print the mutants and end
  --trust         do not first show that all tests pass without a mutant
  --jobs N        how many are tried at the same time, each in a copy of its own (one a processor)
  --work FOLDER   where the copy of the sources is built (default build/prove)

The user's files are never changed: every bug is seeded in a copy. A mutant is caught only by a test
that fails and says so; one that hangs or does not build counts as not caught. A patch that does not
apply any more is an error before anything is tried. Tests under Wine that look at the time run one
at a time.
The table goes to stdout, progress to stderr, and what each test said to FOLDER/logs/.
Exit codes: 0 every mutant was caught, 1 some were not, 2 could not run.
"""
import argparse
import fnmatch
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from prove_shop import ROOT, CannotRun, Shops, talk

MUTANTS = ROOT / "tests" / "mutants"
HEADING = re.compile(r"# (unit|race|harness|wine) ([\w,-]+): (.+)")
TARGET = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)
WINE_TEXT_MAX = 56
# What is told from the output of each kind: the test, and what it said.
UNIT_FAILED = re.compile(r"^(?:\d+: )?\[  FAILED  \] (?:\w+: )?(\w+)", re.MULTILINE)
UNIT_STARTED = re.compile(r"^(?:\d+: )?\[ RUN      \] (\w+)", re.MULTILINE)
SANITIZER = re.compile(r"runtime error: .+|ERROR: AddressSanitizer: \S+|"
                       r"WARNING: ThreadSanitizer: [^(\n]+")
HARNESS_FAILED = re.compile(r"^FAILED ([\w-]+): (.+)$", re.MULTILINE)
WINE_FAILED = re.compile(r"^(?:\d+: )?FAILED: (.+)$", re.MULTILINE)
FOLDER = re.compile(r"\S*/(?=\S)")


class Mutant:
    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        heading = HEADING.fullmatch(text.partition("\n")[0])
        targets = TARGET.findall(text)
        if heading is None or len(targets) != 1:
            raise CannotRun(f"{path}: expected '# KIND TEST[,TEST]: what is broken' and one file")
        self.path = path
        self.name = path.stem
        self.kind = heading.group(1)
        self.tests = heading.group(2).split(",")
        self.breaks = heading.group(3)
        self.file = targets[0]


class Result:
    """What came of one mutant: `test` names what caught it, None if nothing did."""

    def __init__(self, test, said):
        self.test = test
        self.said = said


# ---- The kinds of test: each builds what a mutant can change, and runs some tests or all. -------

class Unit:
    label = "every unit test under ASan and UBSan"

    @staticmethod
    def build(shop, tests):
        return shop.build("asan", *tests)

    @staticmethod
    def check(shop, tests):
        choice = ["-R", f"^({'|'.join(tests)})$"] if tests else []
        failed, output = shop.ctest("asan", "-L", "^unit$", *choice)
        if not failed:
            return Result(None, output if failed is None else "")
        said = SANITIZER.search(output)
        inner = UNIT_FAILED.search(output)
        started = UNIT_STARTED.findall(output)
        name = inner.group(1) if inner else started[-1] if started else ""
        return Result(f"{failed[0]}: {name}" if name else failed[0],
                      said.group(0) if said else "")


class Race:
    label = "the race tests under ThreadSanitizer"

    @staticmethod
    def build(shop, tests):
        return shop.build("tsan", *tests)

    @staticmethod
    def check(shop, tests):
        choice = ["-R", f"^({'|'.join(tests)})$"] if tests else []
        failed, output = shop.ctest("tsan", "-L", "^race$", *choice)
        if not failed:
            return Result(None, output if failed is None else "")
        said = SANITIZER.search(output)
        return Result(f"{failed[0]} (tsan)", said.group(0).strip() if said else "")


class Harness:
    label = "every scenario of the harness"

    @staticmethod
    def build(shop, tests):
        return shop.build("windows", "ScaphandreDrv", "harness")

    @staticmethod
    def check(shop, tests):
        build = Path("build/windows")
        status, output = shop.wine(build / "tests/harness/harness.exe", "--driver",
                                   build / "driver/ScaphandreDrv.sys", *tests)
        failed = HARNESS_FAILED.search(output)
        if status == 1 and failed is not None:
            return Result(failed.group(1), failed.group(2))
        return Result(None, "" if status == 0 else f"the harness ended with {status}")


class Wine:
    label = "every end-to-end run under Wine"
    alone = threading.Lock() # some compare watts, or wait for a service

    @staticmethod
    def build(shop, tests):
        return (shop.build("linux") and shop.build("windows") and
                shop.run("scripts/dist.sh")[0] == 0)

    @staticmethod
    def check(shop, tests):
        choice = ["-R", f"^({'|'.join(tests)})$"] if tests else []
        with Wine.alone:
            failed, output = shop.ctest("windows", "-L", "^wine$", *choice)
        if not failed:
            return Result(None, output if failed is None else "")
        said = WINE_FAILED.search(output)
        text = FOLDER.sub("", said.group(1)) if said else ""
        return Result(f"{failed[0]}: {text[:WINE_TEXT_MAX]}" if said else failed[0], text)


KINDS = {"unit": Unit, "race": Race, "harness": Harness, "wine": Wine}


def prove_clean(shop, name):
    """A test that fails anyway would catch everything."""
    kind = KINDS[name]
    shop.begin_log(f"clean-{name}")
    begin = time.monotonic()
    if not kind.build(shop, []):
        raise CannotRun(f"it does not build without a mutant; see {shop.log}")
    result = kind.check(shop, [])
    if result.test is not None or result.said:
        raise CannotRun(f"not all pass without a mutant: {result.test} {result.said}; "
                        f"see {shop.log}")
    talk(f"without a mutant {kind.label}: passed ({time.monotonic() - begin:.1f} s)")


def check_patches(shop, mutants):
    """A patch that does not apply shows nothing, and must not look as if it did."""
    shop.begin_log("patches")
    stale = [mutant.name for mutant in mutants
             if shop.run("git", "apply", "--check", mutant.path)[0] != 0]
    if stale:
        raise CannotRun(f"{len(stale)} patches do not apply, renew them: {' '.join(stale)}; "
                        f"see {shop.log}")


def judge(shop, mutant):
    """Tries the expected tests, then all of their kind."""
    kind = KINDS[mutant.kind]
    if shop.run("git", "apply", mutant.path)[0] != 0:
        raise CannotRun(f"{mutant.name} does not apply; see {shop.log}")
    for tests in (mutant.tests, []):
        if not kind.build(shop, tests):
            return Result(None, "DOES NOT BUILD")
        result = kind.check(shop, tests)
        if result.test is not None or result.said:
            return result
        talk(f"     {mutant.name}: not caught by {','.join(tests) or 'any'}")
    return Result(None, "SURVIVED")


def prove_one(shop, mutant):
    shop.begin_log(mutant.name)
    begin = time.monotonic()
    try:
        result = judge(shop, mutant)
    finally:
        shop.restore(mutant.file)
    seconds = time.monotonic() - begin
    talk(f"{mutant.name}: {result.test or 'NOT CAUGHT'} {result.said} ({seconds:.1f} s)")
    return mutant, result, seconds


def print_table(rows):
    table = [("mutant", "what it breaks", "caught by", "seconds")]
    for mutant, result, seconds in rows:
        table.append((mutant.name, f"{mutant.file}: {mutant.breaks}",
                      result.test or f"NOT CAUGHT: {result.said}", f"{seconds:.1f}"))
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    for row in table:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)),
                         row[3].rjust(7)]))
    missed = sum(1 for _, result, _ in rows if result.test is None)
    print(f"\n{len(rows)} mutants, {len(rows) - missed} caught, {missed} not caught")
    return missed


def run(options, mutants):
    begin = time.monotonic()
    shops = Shops(options.work.resolve(), options.jobs)
    try:
        check_patches(shops.shops[0], mutants)
        if not options.trust:
            shops.map(prove_clean, list(dict.fromkeys(mutant.kind for mutant in mutants)))
        missed = print_table(shops.map(prove_one, mutants))
    finally:
        shops.close()
    print(f"{(time.monotonic() - begin) / 60:.1f} minutes, {options.jobs} at a time"
          f"{', tests not shown to pass without a mutant' if options.trust else ''}")
    return 1 if missed else 0


def chosen(patterns):
    mutants = [Mutant(path) for path in sorted(MUTANTS.glob("*.patch"))]
    order = list(KINDS)
    mutants.sort(key=lambda mutant: order.index(mutant.kind))
    wanted = [mutant for mutant in mutants
              if not patterns or any(fnmatch.fnmatch(word, pattern) for pattern in patterns
                                     for word in (mutant.name, mutant.kind))]
    if not wanted:
        raise CannotRun(f"no such mutant in {MUTANTS}")
    return wanted


def main():
    parser = argparse.ArgumentParser(add_help=False, usage=__doc__.split("\n\n")[1])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--trust", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1,
                        choices=range(1, 65), metavar="N")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "prove")
    options = parser.parse_args()
    try:
        mutants = chosen(options.only)
        if options.list:
            for mutant in mutants:
                print(f"{mutant.kind:8} {mutant.name:34} {mutant.breaks}")
            return 0
        return run(options, mutants)
    except (CannotRun, OSError, subprocess.SubprocessError) as error:
        talk(f"prove: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the tests find bugs: seeds those of tests/mutants/ one by one and runs the tests.

usage: prove.py [--only PATTERN]... [--list] [--trust] [--work FOLDER]

  --only PATTERN  only the mutants whose name or kind (unit, harness, wine) matches the shell
                  pattern; may be given again
  --list          print the mutants and end
  --trust         do not first show that all tests pass without a mutant
  --work FOLDER   where the copy of the sources is built (default build/prove)

The user's files are never changed: every bug is seeded in a copy. A mutant is caught only by a test
that fails and says so; one that hangs, does not apply or does not build counts as not caught.
The table goes to stdout, progress to stderr, and what each test said to FOLDER/logs/.
Exit codes: 0 every mutant was caught, 1 some were not, 2 could not run.
"""
import argparse
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "tests" / "mutants"
HEADING = re.compile(r"# (unit|harness|wine) ([\w,-]+): (.+)")
TARGET = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)
TEST_TIMEOUT_S = 300
WINE_TEXT_MAX = 56
# What is told from the output of each kind: the test, and what it said.
UNIT_FAILED = re.compile(r"^(?:\d+: )?\[  FAILED  \] (?:\w+: )?(\w+)", re.MULTILINE)
UNIT_STARTED = re.compile(r"^(?:\d+: )?\[ RUN      \] (\w+)", re.MULTILINE)
SANITIZER = re.compile(r"runtime error: .+|ERROR: AddressSanitizer: \S+")
HARNESS_FAILED = re.compile(r"^FAILED ([\w-]+): (.+)$", re.MULTILINE)
WINE_FAILED = re.compile(r"^(?:\d+: )?FAILED: (.+)$", re.MULTILINE)
FOLDER = re.compile(r"\S*/(?=\S)")
CTEST_RESULT = re.compile(r"^ *\d+/\d+ Test +#\d+: (\w+) \.*(.*?) +[\d.]+ sec", re.MULTILINE)


class CannotRun(Exception):
    """Something other than a mutant is wrong."""


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


def talk(text):
    print(text, file=sys.stderr, flush=True)


class Workshop:
    """A copy of the sources, and the presets built in it."""

    def __init__(self, folder):
        self.folder = folder
        self.tree = folder / "tree"
        self.logs = folder / "logs"
        self.environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(folder),
                                LLVM_PROFILE_FILE=str(folder / "profiles" / "%m.profraw"))
        self.logs.mkdir(parents=True, exist_ok=True)
        self.log = None

    def run(self, *command):
        """(exit status, output) of a command in the copy; the log gets it too."""
        done = subprocess.run([str(word) for word in command], cwd=self.tree, check=False,
                              env=self.environment, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}[{done.returncode}]\n")
        return done.returncode, done.stdout.replace("\r", "")

    def begin_log(self, name):
        self.log = self.logs / f"{name}.log"
        self.log.write_text("", encoding="utf-8")

    def copy_sources(self):
        """Writes what differs only, so that a second run builds little."""
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                                check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
        wanted = {name for name in listed if name and (ROOT / name).is_file()}
        for name in sorted(wanted):
            self.restore(name)
        for path in self.tree.rglob("*"):
            name = path.relative_to(self.tree)
            if name.parts[0] not in {"build", "dist"} and path.is_file() \
                    and name.as_posix() not in wanted:
                path.unlink()

    def restore(self, name):
        source, copy = ROOT / name, self.tree / name
        if copy.is_file() and copy.read_bytes() == source.read_bytes():
            return
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        shutil.copymode(source, copy)

    def build(self, preset, *targets):
        if not (self.tree / "build" / preset / "build.ninja").is_file() and \
                self.run("cmake", "--preset", preset, "--log-level=WARNING")[0] != 0:
            return False
        chosen = ["--target", *targets] if targets else []
        return self.run("cmake", "--build", "--preset", preset, *chosen)[0] == 0

    def ctest(self, preset, *choice):
        """(names of the tests that failed, output). Those that hung did not fail."""
        status, output = self.run("ctest", "--test-dir", f"build/{preset}", "--no-tests=error",
                                  "--output-on-failure", "--stop-on-failure", "--timeout",
                                  TEST_TIMEOUT_S, *choice)
        results = CTEST_RESULT.findall(output)
        if not results:
            return None, f"ctest ended with {status}"
        return [name for name, result in results if "Failed" in result
                or "Exception" in result], output


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


class Harness:
    label = "every scenario of the harness"

    @staticmethod
    def build(shop, tests):
        return shop.build("windows", "ScaphandreDrv", "harness")

    @staticmethod
    def check(shop, tests):
        build = Path("build/windows")
        status, output = shop.run("scripts/with-wine.sh", "-t", TEST_TIMEOUT_S, "wine",
                                  build / "tests/harness/harness.exe", "--driver",
                                  build / "driver/ScaphandreDrv.sys", *tests)
        failed = HARNESS_FAILED.search(output)
        if status == 1 and failed is not None:
            return Result(failed.group(1), failed.group(2))
        return Result(None, "" if status == 0 else f"the harness ended with {status}")


class Wine:
    label = "every end-to-end run under Wine"

    @staticmethod
    def build(shop, tests):
        return (shop.build("linux", "rapl", "gmt2rec") and shop.build("windows") and
                shop.run("scripts/dist.sh")[0] == 0)

    @staticmethod
    def check(shop, tests):
        choice = ["-R", f"^({'|'.join(tests)})$"] if tests else []
        failed, output = shop.ctest("windows", "-L", "^wine$", *choice)
        if not failed:
            return Result(None, output if failed is None else "")
        said = WINE_FAILED.search(output)
        text = FOLDER.sub("", said.group(1)) if said else ""
        return Result(f"{failed[0]}: {text[:WINE_TEXT_MAX]}" if said else failed[0], text)


KINDS = {"unit": Unit, "harness": Harness, "wine": Wine}


def prove_clean(shop, kinds):
    """A test that fails anyway would catch everything."""
    for name in kinds:
        kind = KINDS[name]
        talk(f"without a mutant: {kind.label}")
        shop.begin_log(f"clean-{name}")
        if not kind.build(shop, []):
            raise CannotRun(f"it does not build without a mutant; see {shop.log}")
        result = kind.check(shop, [])
        if result.test is not None or result.said:
            raise CannotRun(f"not all pass without a mutant: {result.test} {result.said}; "
                            f"see {shop.log}")


def judge(shop, mutant):
    """Tries the expected tests, then all of their kind."""
    kind = KINDS[mutant.kind]
    for check_only in ("--check", None):
        options = [check_only] if check_only else []
        if shop.run("git", "apply", *options, mutant.path)[0] != 0:
            return Result(None, "DOES NOT APPLY")
    for tests in (mutant.tests, []):
        if not kind.build(shop, tests):
            return Result(None, "DOES NOT BUILD")
        result = kind.check(shop, tests)
        if result.test is not None or result.said:
            return result
        talk(f"     {mutant.name}: not caught by {','.join(tests) or 'any'}")
    return Result(None, "SURVIVED")


def prove(shop, mutants):
    rows = []
    for number, mutant in enumerate(mutants, 1):
        shop.begin_log(mutant.name)
        begin = time.monotonic()
        try:
            result = judge(shop, mutant)
        finally:
            shop.restore(mutant.file)
        seconds = time.monotonic() - begin
        rows.append((mutant, result, seconds))
        talk(f"[{number}/{len(mutants)}] {mutant.name}: "
             f"{result.test or 'NOT CAUGHT'} {result.said} ({seconds:.1f} s)")
    return rows


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
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "prove")
    options = parser.parse_args()
    try:
        mutants = chosen(options.only)
        if options.list:
            for mutant in mutants:
                print(f"{mutant.kind:8} {mutant.name:34} {mutant.breaks}")
            return 0
        shop = Workshop(options.work.resolve())
        shop.copy_sources()
        if not options.trust:
            prove_clean(shop, list(dict.fromkeys(mutant.kind for mutant in mutants)))
        return 1 if print_table(prove(shop, mutants)) else 0
    except (CannotRun, OSError, subprocess.SubprocessError) as error:
        talk(f"prove: {error}")
        return 2


if __name__ == "__main__":
    sys.exit(main())

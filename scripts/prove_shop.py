# SPDX-License-Identifier: Apache-2.0
"""Copies of the sources for scripts/prove.py, in which programs are built and run."""
import concurrent.futures
import os
import queue
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST_TIMEOUT_S = 900
CTEST_RESULT = re.compile(r"^ *\d+/\d+ Test +#\d+: (\w+) \.*(.*?) +[\d.]+ sec", re.MULTILINE)


class CannotRun(Exception):
    """Something other than a mutant is wrong."""


def talk(text):
    print(text, file=sys.stderr, flush=True)


class Prefix:
    """A Wine prefix that scripts/with-wine.sh keeps until close(): making one takes seconds."""

    def __init__(self, shop):
        noted = shop.folder / "wine-environment"
        noted.unlink(missing_ok=True)
        self.keeper = subprocess.Popen(
            ["scripts/with-wine.sh", "-t", "86400", "bash", "-c",
             'env -0 >"$0.part" && mv "$0.part" "$0" && exec cat', str(noted)],
            cwd=shop.tree, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        while not noted.is_file():
            if self.keeper.poll() is not None:
                raise CannotRun("scripts/with-wine.sh made no Wine prefix")
            time.sleep(0.1)
        pairs = (entry.partition("=") for entry in noted.read_text("utf-8").split("\0") if entry)
        self.environment = {name: value for name, _, value in pairs}
        # As with-wine.sh starts its command, and for its reason.
        fixed = ["setarch", "-R"]
        self.starter = fixed if subprocess.run([*fixed, "true"], check=False,
                                               stderr=subprocess.DEVNULL).returncode == 0 else []

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()


class Workshop:
    """A copy of the sources, and the presets built in it."""

    def __init__(self, folder, logs):
        self.folder = folder
        self.tree = folder / "tree"
        self.logs = logs
        self.environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(folder),
                                LLVM_PROFILE_FILE=str(folder / "profiles" / "%m.profraw"))
        if shutil.which("ccache"):
            self.environment.setdefault("CMAKE_C_COMPILER_LAUNCHER", "ccache")
            self.environment.update(CCACHE_NOHASHDIR="1", CCACHE_BASEDIR=str(self.tree))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        self.log = None
        self.prefix = None

    def close(self):
        if self.prefix is not None:
            self.prefix.close()

    def run(self, *command, environment=None):
        """(exit status, output) of a command in the copy; the log gets it too."""
        done = subprocess.run([str(word) for word in command], cwd=self.tree, check=False,
                              env=environment or self.environment, stdin=subprocess.DEVNULL,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}[{done.returncode}]\n")
        return done.returncode, done.stdout.replace("\r", "")

    def wine(self, *command):
        """run() under Wine, in a prefix that is kept."""
        if self.prefix is None:
            self.prefix = Prefix(self)
        return self.run("timeout", TEST_TIMEOUT_S, *self.prefix.starter, "wine", *command,
                        environment=self.prefix.environment)

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


class Shops:
    """As many copies as work at the same time."""

    def __init__(self, folder, count):
        self.shops = [Workshop(folder / str(i), folder / "logs") for i in range(1, count + 1)]
        self.free = queue.SimpleQueue()
        for shop in self.shops:
            shop.copy_sources()
            self.free.put(shop)

    def map(self, work, items):
        """work(shop, item) of each, in order; the first error ends it when all have come back."""
        def with_shop(item):
            shop = self.free.get()
            try:
                return work(shop, item)
            finally:
                self.free.put(shop)

        with concurrent.futures.ThreadPoolExecutor(len(self.shops)) as pool:
            futures = [pool.submit(with_shop, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def close(self):
        for shop in self.shops:
            shop.close()

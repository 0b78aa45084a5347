#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rapl run` from end to end on Linux, over recordings in real time.

usage: cli_run_test.py RAPL SOURCE_DIR

What is checked does not depend on how busy the machine is: exit codes, what goes where, which
processes are waited for, the forms, and energy against time on recordings of constant power.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import jsonschema

RAPL, ROOT = sys.argv[1], Path(sys.argv[2])
JITTER = str(ROOT / "recordings/jitter-1ms.rec")
WATTS = {"package-0": 45, "pp0-0": 31, "pp1-0": 3}
failures = []
checks = 0


def check(what, good, seen=""):
    global checks
    checks += 1
    if not good:
        failures.append(what)
        print(f"FAILED: {what}: {seen}")


def equal(what, expected, actual):
    check(what, expected == actual, f"expected {expected!r}, got {actual!r}")


def run(*arguments, replay=JITTER, **settings):
    source = ["--replay", replay] if replay else []
    return subprocess.run([RAPL, "run", *source, *arguments], capture_output=True, text=True,
                          timeout=60, **settings)


def sh(script):
    return ["--", "sh", "-c", script]


def lines(result):
    schema = json.loads((ROOT / "docs/schemas/run.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    objects = [json.loads(line) for line in result.splitlines()]
    for item in objects:
        problems = [f"{list(error.absolute_path)}: {error.message[:200]}"
                    for error in validator.iter_errors(item)]
        check(f"a line of type {item.get('type')} is as the schema says", not problems, problems)
    return objects


def test_exit_codes():
    for script, code in (("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 128 + 15),
                         ("kill -KILL $$", 128 + 9)):
        equal(script, code, run(*sh(script)).returncode)
    result = run("--", "no-such-command-here")
    equal("not found", 127, result.returncode)
    check("not found says so", "there is no such command" in result.stderr, result.stderr)
    equal("nothing on stdout", "", result.stdout)
    result = run("--", "/etc/passwd")
    equal("not executable", 126, result.returncode)
    check("not executable says so", "cannot be run" in result.stderr, result.stderr)
    equal("no command", 64, run().returncode)
    equal("-j and -x", 64, run("-j", "-x", ",", "true").returncode)
    equal("-r 0", 64, run("-r", "0", "true").returncode)
    equal("-i -1s", 64, run("-i", "-1s", "true").returncode)
    equal("a recording that is not there", 65, run("true", replay="/no/such.rec").returncode)
    equal("not found comes before 5 s of baseline", 127,
          run("--baseline", "30s", "no-such-command-here").returncode)


def test_streams():
    result = run(*sh("cat; echo to-stderr >&2; printf 'a\\tb'"), input="from stdin\n")
    equal("stdout is the command's", "from stdin\na\tb", result.stdout)
    check("stderr has the command's, then ours",
          result.stderr.startswith("to-stderr\n1 run of sh"), result.stderr)
    check("simulated is said", "simulated" in result.stderr, result.stderr)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/out.txt"
        result = run("-o", path, *sh("echo to-stderr >&2"))
        equal("stderr is the command's alone", "to-stderr\n", result.stderr)
        check("the file has the results", "package-0" in Path(path).read_text())
        for wrong in (["./no-such-command"], ["/dev/null"], ["--source", "emi", "true"]):
            check(f"{wrong} fails", run("-o", path, *wrong).returncode in (127, 126, 64))
            check(f"{wrong}: what was there is left alone", "package-0" in Path(path).read_text())
        equal("-o to a folder", 74, run("-o", folder, "true").returncode)
    # the command gets none of our open files but the three streams
    result = run(*sh("ls /proc/self/fd | wc -l"))
    equal("open files", "4", result.stdout.strip())


def test_options_after_the_command_are_its_own():
    result = run("echo", "-r", "5", "-j")
    equal("echo's arguments", "-r 5 -j\n", result.stdout)


def test_energy():
    """Constant power: joules are watts times seconds, whatever the seconds were."""
    result = run("-j", "-r", "3", "--warmup", "1", *sh("sleep 0.1"))
    *runs, summary = lines(result.stderr)
    equal("runs", ["run"] * 3, [item["type"] for item in runs])
    for item in runs:
        for domain in item["domains"]:
            if domain["aligned"]:
                right = WATTS[domain["domain"]] * item["time_s"]
                check(f"{domain['domain']} energy", abs(domain["energy_j"] / right - 1) < 0.05,
                      (domain["energy_j"], right))
    equal("status", "ok", summary["status"])
    equal("simulated", True, summary["simulated"])
    equal("command", ["sh", "-c", "sleep 0.1"], summary["command"])
    energies = [item["domains"][0]["energy_j"] for item in runs]
    spread = summary["domains"][0]["energy_j"]
    mean = sum(energies) / 3
    deviation = (sum((e - mean) ** 2 for e in energies) / 2) ** 0.5
    check("mean", abs(spread["mean"] - mean) < 1e-6, spread)
    check("sd", abs(spread["sd"] - deviation) < 1e-6, spread)
    check("95 %: t(2) = 4.3027", abs(spread["ci95"] - 4.3027 * deviation / 3 ** 0.5) < 1e-5, spread)
    edp = summary["domains"][0]["edp_js"]["mean"]
    right = sum(item["domains"][0]["energy_j"] * item["time_s"] for item in runs) / 3
    check("energy-delay product", abs(edp - right) < 1e-6, (edp, right))


def test_baseline():
    result = run("-j", "-r", "2", "--baseline", "400ms", *sh("sleep 0.1"))
    domain = lines(result.stderr)[-1]["domains"][0]
    check("idle power", abs(domain["idle_w"]["mean"] / 45 - 1) < 0.3, domain["idle_w"])
    check("nothing is left of constant power", abs(domain["net_j"]["mean"]) < 2, domain["net_j"])
    check("the baseline's spread is in the interval",
          domain["net_j"]["ci95"] > 0 and domain["idle_w"]["count"] >= 2, domain)
    domain = lines(run("-j", "--baseline", "400ms", *sh("sleep 0.1")).stderr)[-1]["domains"][0]
    equal("one run has no interval", None, domain["net_j"]["ci95"])


def test_fields():
    result = run("-x", ";", "-r", "2", *sh("sleep 0.05"))
    rows = [line.split(";") for line in result.stderr.splitlines()]
    equal("rows", ["package-0", "pp0-0", "pp1-0", "duration_time"], [row[2] for row in rows])
    for row in rows:
        equal(f"{row[2]}: fields", 14, len(row))
    for row in rows[:3]:
        equal("unit", "Joules", row[1])
        equal("metric's unit", "Watts", row[7])
        check("watts", abs(float(row[6]) / WATTS[row[2]] - 1) < 0.2, row)
        equal("flags", "simulated", row[13])
        check("relative error", row[5].endswith("%"), row)
    equal("time", "ns", rows[3][1])
    first = run("-i", "20ms", "-x", ",", *sh("sleep 0.1")).stderr.splitlines()[0].split(",")
    check("interval rows begin with the time", 0.015 < float(first[0]) < 5, first)
    equal("then as the others", ["Joules", "package-0"], [first[2], first[3]])


def test_intervals():
    objects = lines(run("-i", "20ms", "-j", *sh("sleep 0.2")).stderr)
    parts = [item for item in objects if item["type"] == "interval"]
    check("intervals", 2 <= len(parts) <= parts[-1]["time_s"] / 0.02 + 1, len(parts))
    times = [item["time_s"] for item in parts]
    check("forward", times == sorted(times), times)


def test_too_short():
    result = run("-j", "true", replay=str(ROOT / "recordings/step-15ms.rec"))
    first, summary = lines(result.stderr)
    domain = first["domains"][0]
    if first["time_s"] < summary["resolution_s"]:
        equal("too short", (True, None), (domain["too_short"], domain["energy_j"]))
        equal("no sum of nothing", None, summary["domains"][0]["energy_j"])
    else:
        print(f"not shown here: `true` took {first['time_s']} s")
    check("the step", 0.005 < summary["domains"][0]["step_s"] < 0.1, summary["domains"][0])
    coarse = run(*sh("sleep 0.1"), replay=str(ROOT / "recordings/coarse-client.rec")).stderr
    check("coarse is said, and what helps", "Performance Log Users" in coarse, coarse)


def test_dead_is_not_zero():
    result = run("-j", "true", replay=str(ROOT / "recordings/haswell-ep-2s.rec"))
    once, summary = lines(result.stderr)
    status = {domain["domain"]: (domain["status"], domain["energy_j"])
              for domain in summary["domains"]}
    equal("pp0 of a Haswell-EP", ("dead", None), status["pp0-0"])
    dead = [domain for domain in once["domains"] if domain["status"] == "dead"]
    check("nothing of it was cut off", dead and not any(domain["cut"] for domain in dead), dead)
    check("both packages", {"package-0", "package-1", "dram-0", "dram-1"} <= set(status), status)


class Tree(threading.Thread):
    """A powercap tree of one package at 20 W, moved by a thread every few milliseconds."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.zone = Path(folder) / "intel-rapl:0"
        self.zone.mkdir()
        (self.zone / "name").write_text("package-0\n")
        (self.zone / "max_energy_range_uj").write_text("262143328850\n")
        self.stop = threading.Event()
        self.begin = time.monotonic()
        self.move()

    def move(self):
        """In place and of one size, so that no reader sees half of it."""
        value = 10 ** 9 + int((time.monotonic() - self.begin) * 20e6)
        with open(self.zone / "energy_uj", "r+b" if self.is_alive() else "wb") as file:
            file.write(b"%d\n" % value)

    def run(self):
        try:
            while not self.stop.wait(0.003):
                self.move()
        except FileNotFoundError:
            pass  # the counter was taken away


def test_source_dies():
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder)
        tree.start()
        lived = run("-j", "--source", "powercap", "--path", folder, *sh("sleep 0.3"), replay=None)
        equal("a tree that lives", 0, lived.returncode)
        domain = lines(lived.stderr)[0]["domains"][0]
        # roughly: the thread is held up on a busy machine
        check("20 W", 10 < domain["power_w"] < 40, domain)
        counter = tree.zone / "energy_uj"
        died = run("-j", "-r", "3", "--source", "powercap", "--path", folder,
                   *sh(f"sleep 1.5; rm {counter}; sleep 1.2"), replay=None)
        tree.stop.set()
        tree.join()
        check("an exit code of its own, as the command's was 0", died.returncode in (69, 74, 77),
              died.returncode)
        text, sentence = died.stderr.split("\nrapl: ", 1)
        *parts, summary = lines(text)
        equal("no further run", 1, len(parts))
        domain = parts[0]["domains"][0]
        equal("cut", True, domain["cut"])
        check("what is known", domain["energy_j"] > 5 and
              0.5 < domain["energy_time_s"] < parts[0]["time_s"], domain)
        check("and why", summary["status"] != "ok" and "went away" in sentence, (summary, sentence))


def test_grandchildren():
    begin = time.monotonic()
    result = run("-j", *sh("(setsid sh -c 'sleep 0.6; exit 9' &); exit 4"))
    check("a grandchild is waited for", time.monotonic() - begin > 0.6)
    equal("the code is the command's", 4, result.returncode)
    check("and its energy is in it", lines(result.stderr)[0]["time_s"] > 0.6)


def test_stop():
    """SIGINT as a terminal sends it, to the whole group: the child decides, the rest is shown."""
    process = subprocess.Popen([RAPL, "run", "-r", "5", "--replay", JITTER, *sh("sleep 10")],
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    equal("ended by the signal", 128 + 2, process.returncode)
    check("what there is is shown", "package-0" in err and "ended early: 1 of 5" in err, err)
    # a signal to rapl alone is passed on
    process = subprocess.Popen([RAPL, "run", "--replay", JITTER,
                                *sh("trap 'exit 5' TERM; sleep 10 & wait")],
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)  # the command has ended, its sleep has not: stop waiting
    process.wait(timeout=30)
    os.killpg(process.pid, signal.SIGKILL)  # the sleep holds the pipe
    err = process.stderr.read()
    equal("the command's answer to it", 5, process.returncode)
    check("and the results", "package-0" in err, err)


def main():
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            begin = time.monotonic()
            test()
            print(f"{name}: {time.monotonic() - begin:.1f} s")
    print(f"{checks} checks, {len(failures)} failed")
    return 1 if failures or checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

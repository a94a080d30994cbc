#!/usr/bin/env python3
"""Builds and runs the parts of the tests; ./test calls it. Logs and results are kept in build/test/."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build/test"
MIRROR = ROOT / "build/provider-mirror"
JOBS = os.cpu_count() or 2

SANITIZERS = {
    "asan": {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:abort_on_error=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tests/lsan.supp:print_suppressions=0",
    },
    # A test starts a second server by fork(), and that has threads.
    "tsan": {"TSAN_OPTIONS": f"suppressions={ROOT}/tests/tsan.supp:halt_on_error=0:second_deadlock_stack=1:die_after_fork=0"},
}


def say(text):
    print(text, flush=True)


class Failure(Exception):
    """A part that could not run at all."""


def run(command, log, timeout, environment=None, cwd=ROOT):
    """Runs a command in a process group of its own, output to the log. Returns its exit code, or None on a timeout."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env={**os.environ, **(environment or {})}, start_new_session=True)
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # Nothing that a test started outlives it.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def tail(log, lines=40):
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join("    " + line for line in text[-lines:])


class Results:
    """What one part counted; each entry is (name, passed|failed|skipped, text shown when failed)."""

    def __init__(self):
        self.entries = []
        self.lock = threading.Lock()

    def add(self, name, status, text=""):
        with self.lock:
            self.entries.append((name, status, text))

    def count(self, status):
        return sum(entry[1] == status for entry in self.entries)


# --- building ---------------------------------------------------------------------------------------------------------

def configure(preset):
    folder = ROOT / "build" / preset
    if not (folder / "build.ninja").exists():
        log = OUT / f"configure-{preset}.log"
        if run(["cmake", "--preset", preset], log, 300) != 0:
            raise Failure(f"cmake failed, see {log}:\n{tail(log)}")
    return folder


def unit_programs(folder):
    return (folder / "unit_tests.txt").read_text().split()


def build(preset, targets=("all",)):
    """Builds, with a line of progress now and then."""
    folder = configure(preset)
    log = OUT / f"build-{preset}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with open(log, "wb") as output:
        process = subprocess.Popen(["ninja", "-C", str(folder), "-k", "20", *targets], cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**os.environ, "NINJA_STATUS": "[%f/%t] "})
        shown = time.monotonic()
        for line in process.stdout:
            output.write(line)
            step = re.match(rb"\[(\d+)/(\d+)\]", line)
            if step and time.monotonic() - shown > 30:
                shown = time.monotonic()
                say(f"  building {preset}: {step.group(1).decode()} of {step.group(2).decode()} "
                    f"({shown - started:.0f} s)")
        process.wait()
    if process.returncode != 0:
        text = log.read_text(errors="replace")
        errors = [line for line in text.splitlines() if re.search(r"error[: ]|FAILED|undefined (symbol|reference)", line)]
        raise Failure(f"the build of {preset} failed, see {log}:\n" + "\n".join("    " + line[:300] for line in errors[:30]))
    say(f"built {preset} in {time.monotonic() - started:.0f} s")
    return folder


def ensure_go():
    """Puts a new enough go into PATH."""
    found = subprocess.run([str(ROOT / "tools/find_go"), "--install"], capture_output=True, text=True)
    if found.returncode != 0:
        raise Failure(found.stderr)
    folder = found.stdout.strip()
    if folder not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]


class Mirror:
    """The provider as a local mirror, built while the compiler runs."""

    def __init__(self):
        self.thread = None
        self.error = None

    def start(self):
        if self.thread is None:
            self.thread = threading.Thread(target=self.make, daemon=True)
            self.thread.start()

    def make(self):
        log = OUT / "provider-mirror.log"
        if run([str(ROOT / "tools/make_provider_mirror"), str(MIRROR)], log, 900) != 0:
            self.error = f"tools/make_provider_mirror failed:\n{tail(log)}"
            return
        terraform = subprocess.run([str(ROOT / "tools/find_terraform")], capture_output=True, text=True)
        if terraform.returncode != 0:
            self.error = terraform.stderr
            return
        os.environ["PATH"] += os.pathsep + str(Path(terraform.stdout.strip()).parent)
        os.environ["BERTH_TEST_PROVIDER_MIRROR"] = str(MIRROR)
        os.environ["TF_CLI_CONFIG_FILE"] = str(MIRROR / "terraform.rc")

    def wait(self):
        self.start()
        self.thread.join()
        if self.error:
            raise Failure(self.error)


mirror = Mirror()


# --- parts ------------------------------------------------------------------------------------------------------------

def lint(results, words):
    log, report = OUT / "lint.log", OUT / "lint.json"
    report.unlink(missing_ok=True)
    run([sys.executable, "tests/lint/run.py", "--results", str(report), *words], log, 600)
    read_report(results, report, log)


def read_report(results, report, log):
    """A JSON list of {"name", "status", "text"}, as tests/lint and tests/system write it."""
    if not report.exists():
        results.add("the part itself", "failed", tail(log, 60))
        return
    entries = json.loads(report.read_text())
    for entry in entries:
        results.add(entry["name"], entry["status"], entry.get("text", ""))
    if any(entry["status"] == "failed" and not entry.get("text") for entry in entries):
        results.add("log", "note", tail(log, 80))


def unit(results, words, preset="release"):
    programs = unit_programs(configure(preset))
    if preset == "release":
        # Everything, so that nothing is left uncompiled.
        folder = build(preset)
    else:
        folder = build(preset, programs)
    mirror.wait()
    timeout = 600 if preset == "release" else 1500
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda name: gtest(results, folder / name, preset, words, timeout), programs))


def gtest(results, program, preset, words, timeout):
    report = OUT / preset / f"{program.name}.json"
    log = OUT / preset / f"{program.name}.log"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [str(program), f"--gtest_output=json:{report}", "--gtest_brief=1", "--gtest_color=no"]
    if words:
        command.append("--gtest_filter=" + ":".join(f"*{word}*" for word in words))
    started = time.monotonic()
    code = run(command, log, timeout, SANITIZERS.get(preset))
    seconds = time.monotonic() - started
    ran = failed = 0
    if report.exists() and report.stat().st_size:
        for suite in json.loads(report.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                name = f"{program.name}: {suite['name']}.{test['name']}"
                if test.get("status") == "NOTRUN":
                    continue
                ran += 1
                if test.get("failures"):
                    failed += 1
                    results.add(name, "failed", "\n".join("    " + f["failure"].replace("\n", "\n    ") for f in test["failures"]))
                else:
                    results.add(name, "skipped" if test.get("result") == "SKIPPED" else "passed")
    if code is None:
        results.add(f"{program.name} took longer than {timeout} s", "failed", tail(log))
    elif code != 0 and not failed:
        results.add(f"{program.name} ended with {code}", "failed", tail(log, 80))
    elif ran == 0 and not words:
        results.add(f"{program.name} ran no test", "failed", tail(log))
    if seconds > 60:
        say(f"  {program.name} took {seconds:.0f} s")


def interop(results, words):
    go_test(results, words, "interop", build("release"))


def sdk(results, words):
    go_test(results, words, "sdk", build("release", ("berth",)))


def go_test(results, words, name, folder):
    """The Go module tests/NAME."""
    mirror.wait()
    log = OUT / f"{name}.log"
    command = ["go", "test", "-json", "-count=1", "-timeout=540s"]
    if words:
        command.append("-run=" + "|".join(words))
    code = run([*command, "./..."], log, 900, {"BERTH_BUILD_DIR": str(folder), "GOFLAGS": "-mod=mod"}, ROOT / "tests" / name)
    texts, failed = {}, 0
    for line in log.read_text(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            texts.setdefault(None, []).append(line)
            continue
        key = event.get("Test")
        if event["Action"] == "output":
            texts.setdefault(key, []).append(event["Output"].rstrip("\n"))
        elif event["Action"] in ("pass", "fail", "skip") and key:
            status = {"pass": "passed", "fail": "failed", "skip": "skipped"}[event["Action"]]
            failed += status == "failed"
            results.add(key, status, "\n".join("    " + text for text in texts.get(key, [])[-40:]) if status == "failed" else "")
    if code != 0 and not failed:
        what = "took too long" if code is None else f"go test ended with {code}"
        results.add(what, "failed", "\n".join("    " + text for text in texts.get(None, [])[-40:]))


def system(results, words):
    folder = build("release", ("berth",))
    mirror.wait()
    log, report = OUT / "system.log", OUT / "system.json"
    report.unlink(missing_ok=True)
    code = run([sys.executable, "tests/system/run.py", "--berth", str(folder / "berth"), "--results", str(report),
                "--out", str(OUT / "system"), *words], log, 1500)
    read_report(results, report, log)
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("chaos: "):
            say("  " + line)
    if code is None:
        results.add("took longer than 1500 s", "failed", tail(log))


def fuzz(results, words):
    folder = build("asan", ("fuzzers",))
    names = (folder / "fuzzers.txt").read_text().split()
    names = [name for name in names if not words or any(word in name for word in words)]

    def one(name):
        log = OUT / "fuzz" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        crash = OUT / "fuzz" / f"{name}.input"
        corpus = ROOT / "tests/fuzz/corpus" / name.removesuffix("_fuzz")
        seconds = os.environ.get("BERTH_FUZZ_SECONDS", "20")
        code = run([str(folder / name), "--seconds", seconds, "--crash-file", str(crash), str(corpus)], log,
                   int(seconds) + 120, SANITIZERS["asan"])
        if code == 0:
            say(f"  {name}: {log.read_text(errors='replace').strip().splitlines()[-1]}")
        again = f"    to run it again: {folder / name} --seconds 0 {crash}\n"
        results.add(name, "passed" if code == 0 else "failed", again + tail(log, 60))

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, names))


def bench(results, words):
    folder = build("release", ("berth",))
    mirror.wait()
    for program in ("build_overhead", "import", "dynamic_parameters", "queue", "idle"):
        if words and not any(word in program for word in words):
            continue
        log = OUT / f"bench-{program}.log"
        code = run([str(ROOT / "bench" / program), "--berth", str(folder / "berth")], log, 600)
        say(log.read_text(errors="replace").rstrip())
        results.add(program, "passed" if code == 0 else "failed")


PARTS = {
    "lint": lint,
    "unit": unit,
    "interop": interop,
    "sdk": sdk,
    "system": system,
    "asan": lambda results, words: unit(results, words, "asan"),
    "tsan": lambda results, words: unit(results, words, "tsan"),
    "fuzz": fuzz,
    "bench": bench,
}
DEFAULT = ("lint", "unit", "interop", "sdk", "system")


def run_part(name, words):
    results = Results()
    started = time.monotonic()
    try:
        PARTS[name](results, words)
    except Failure as failure:
        results.add(f"{name} could not run", "failed", "    " + str(failure))
    passed, failed, skipped = (results.count(status) for status in ("passed", "failed", "skipped"))
    if passed + failed == 0:
        results.add(f"{name} ran no test", "failed")
        failed = 1
    for entry, status, text in results.entries:
        if status == "failed":
            say(f"FAILED {name}: {entry}")
            if text:
                say(text)
        elif status == "note":
            say(text)
    seconds = time.monotonic() - started
    say(f"{'FAILED' if failed else 'ok'}  {name}  {passed} of {passed + failed + skipped} tests in {seconds:.0f} s")
    return passed, failed, skipped


def main():
    arguments = sys.argv[1:]
    words = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, words = arguments[:split], arguments[split + 1:]
    unknown = [name for name in arguments if name not in PARTS]
    if unknown:
        say(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}")
        return 64
    names = arguments or DEFAULT
    OUT.mkdir(parents=True, exist_ok=True)
    try:
        if set(names) - {"fuzz"}:
            ensure_go()
    except Failure as failure:
        say(str(failure))
        return 1
    if set(names) - {"lint", "fuzz"}:
        mirror.start()
    totals = [0, 0, 0]
    for name in names:
        for index, count in enumerate(run_part(name, words)):
            totals[index] += count
    say(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())

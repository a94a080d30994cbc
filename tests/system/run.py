#!/usr/bin/env python3
"""The system tests: a real server, terraform, provider and OpenSSH.

   tests/system/run.py --berth FILE [--out DIR] [--results FILE] [--list] [WORD...]

A case is a method whose name starts with `case_`; its name is the test's name. Cases of one class share a deployment and
run in the order they are written; one that fails does not stop the others. WORDs choose classes and cases by name (the
cases before a chosen one of the same class run as well, since they make what it needs).
"""

import argparse
import inspect
import json
import shutil
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import bad_input  # noqa: E402
import chaos  # noqa: E402
import command_line  # noqa: E402
import daemons  # noqa: E402
import debug_builds  # noqa: E402
import dry_run  # noqa: E402
import dynamic_parameters  # noqa: E402
import everyday  # noqa: E402
import examples  # noqa: E402
import faults  # noqa: E402
import hostile  # noqa: E402
import install  # noqa: E402
import modules  # noqa: E402
import opentofu  # noqa: E402
import provisioning  # noqa: E402
import repair  # noqa: E402
import road  # noqa: E402
import signals  # noqa: E402
import tasks  # noqa: E402
import variables  # noqa: E402
from harness import Failed, Skipped  # noqa: E402

GROUPS = [
    road.Road, command_line.CommandLine, everyday.Everyday, everyday.OutsideDaemon, daemons.Daemons, signals.Signals, bad_input.BadInput,
    faults.KilledServer, faults.Terraform, faults.Database, provisioning.Secrets, provisioning.WorkspaceSecrets,
    dynamic_parameters.DynamicParameters, dynamic_parameters.ParameterForms, provisioning.Large, provisioning.Ends, variables.Variables, dry_run.DryRun,
    debug_builds.DebugBuilds, debug_builds.NoDebugBuilds, hostile.Hostile, repair.FailedDelete, repair.KeptAgents,
    repair.MergedEnvironment, tasks.Tasks, opentofu.OpenTofu, faults.OwnDatabase, chaos.Chaos, install.Install, install.RunScript,
    examples.Examples, modules.Modules, modules.WorkspaceCache,
]


def cases_of(group):
    functions = [value for name, value in inspect.getmembers(group, inspect.isfunction) if name.startswith("case_")]
    return sorted(functions, key=lambda function: function.__code__.co_firstlineno)


def readable(function):
    return function.__name__.removeprefix("case_").replace("_", " ")


def describe(error):
    if isinstance(error, Failed):
        frames = traceback.extract_tb(error.__traceback__)
        place = next((frame for frame in reversed(frames) if not frame.filename.endswith("harness.py")), frames[-1])
        return f"{Path(place.filename).name}:{place.lineno}: {error}"
    if isinstance(error, ConnectionError):
        return str(error)
    return "".join(traceback.format_exception(error))[-3000:]


class Runner:
    def __init__(self, options):
        self.options, self.results = options, []

    def chosen(self, group):
        cases = cases_of(group)
        wanted = [index for index, case in enumerate(cases)
                  if not self.options.words or any(word in f"{group.__name__}: {readable(case)}" for word in self.options.words)]
        return cases[:max(wanted) + 1] if wanted else []

    def run(self):
        for group in GROUPS:
            cases = self.chosen(group)
            if not cases:
                continue
            missing = getattr(group, "lacks", str)()
            if missing:
                for case in cases:
                    self.record(f"{group.__name__}: {readable(case)}", "skipped", 0, missing)
                continue
            folder = self.options.out / group.__name__
            instance = None
            try:
                started = time.monotonic()
                instance = group(self.options.berth, folder)
                instance.set_up()
                print(f"-- {group.__name__} (set up in {time.monotonic() - started:.1f} s)", flush=True)
                for case in cases:
                    self.one(group, instance, case)
            except Exception as error:  # setting up failed: nothing of this group can be believed
                self.record(f"{group.__name__}: set up", "failed", 0, describe(error))
            finally:
                if instance is not None:
                    try:
                        instance.tear_down()
                    except Exception as error:
                        self.record(f"{group.__name__}: tear down", "failed", 0, describe(error))

    def one(self, group, instance, case):
        started = time.monotonic()
        name = f"{group.__name__}: {readable(case)}"
        try:
            for part, text in case(instance) or []:
                status = "skipped" if isinstance(text, Skipped) else "failed" if text else "passed"
                self.record(f"{name}: {part}", status, time.monotonic() - started, text)
                started = time.monotonic()
            if not inspect.isgeneratorfunction(case):
                self.record(name, "passed", time.monotonic() - started)
        except Exception as error:
            self.record(name, "failed", time.monotonic() - started, describe(error))

    def record(self, name, status, seconds, text=""):
        self.results.append({"name": name, "status": status, "seconds": round(seconds, 3),
                             "text": "\n".join("    " + line for line in (text or "").splitlines())})
        if status == "skipped":
            print(f"skipped {name}: {text}", flush=True)
            return
        print(f"{'ok    ' if status == 'passed' else 'FAILED'} {name} ({seconds:.1f} s)", flush=True)
        if text:
            print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--berth", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/test/system"))
    parser.add_argument("--results", type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    options.berth, options.out = options.berth.resolve(), options.out.resolve()
    if options.list:
        for group in GROUPS:
            for case in cases_of(group):
                print(f"{group.__name__}: {readable(case)}")
        return 0
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    runner = Runner(options)
    try:
        runner.run()
    finally:
        if options.results:
            options.results.write_text(json.dumps(runner.results))
    passed, failed, skipped = (sum(result["status"] == status for result in runner.results)
                               for status in ("passed", "failed", "skipped"))
    print(f"system: {passed} cases passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

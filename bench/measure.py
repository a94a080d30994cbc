"""What the benchmarks share: terraform's bare commands, the end of a build as a client sees it, and tables of ratios."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/system"))
from harness import check  # noqa: E402
from websocket import Closed, WebSocket  # noqa: E402

TERRAFORM = shutil.which("terraform") or shutil.which("tofu")
PLAN = ["plan", "-input=false", "-no-color", "-json", "-refresh=true", "-out=tfplan"]
INIT = ["init", "-input=false", "-no-color"]


def terraform(folder, arguments, **environment):
    done = subprocess.run([TERRAFORM, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={
        **os.environ, "CODER_WORKSPACE_TRANSITION": "start", "CODER_AGENT_SCRIPT_linux_amd64": "true",
        "CODER_AGENT_SCRIPT_linux_arm64": "true", "CHECKPOINT_DISABLE": "1", **environment})
    check(done.returncode == 0, f"terraform {arguments[0]} failed:\n{done.stdout[-2000:]}{done.stderr}")


def follow(api, path):
    """Returns when the server closes the log's WebSocket, which it does when the job is done."""
    with WebSocket(api, f"{path}?follow", timeout=300) as log:
        try:
            while True:
                log.receive()
        except Closed:
            pass


def timed(function, *arguments):
    started = time.monotonic()
    function(*arguments)
    return time.monotonic() - started


class Pair:
    """The times of ours and of what it is compared with, from turns that alternate: a slow moment hits both."""

    def __init__(self, label, limit=None):
        self.label, self.limit, self.base, self.ours = label, limit, [], []

    def ratio(self):
        return statistics.median(self.ours) / statistics.median(self.base)

    def good(self):
        return self.limit is None or self.ratio() <= self.limit


def table(title, base, pairs):
    """Prints medians and (best-worst); returns whether all limits are kept."""
    print(f"{title:<42} {base:>22} {'berth':>22}  ratio  wanted")
    for pair in pairs:
        cells = (f"{statistics.median(times):.3f} ({min(times):.3f}-{max(times):.3f})" for times in (pair.base, pair.ours))
        wanted = "" if pair.limit is None else f"<= {pair.limit:.2f}  {'ok' if pair.good() else 'MISSED'}"
        print("  {:<40} {:>22} {:>22}  {:5.2f}  {}".format(pair.label, *cells, pair.ratio(), wanted).rstrip())
    return all(pair.good() for pair in pairs)

"""What the benchmarks share: terraform's bare commands, the end of a build as a client sees it, and tables of ratios."""

import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/system"))
from harness import check  # noqa: E402

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
    address = urllib.parse.urlsplit(api.url)
    with socket.create_connection((address.hostname, address.port), timeout=300) as line, line.makefile("rb") as stream:
        line.sendall((f"GET {path}?follow HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                      f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      f"Coder-Session-Token: {api.token}\r\n\r\n").encode())
        status = stream.readline()
        check(b" 101 " in status, f"following {path} was answered {status!r}")
        while stream.readline().strip():
            pass
        while True:
            head = stream.read(2)
            check(len(head) == 2, f"{path} was cut off")
            kind, size = head[0] & 15, head[1] & 127
            if size >= 126:
                size, = struct.unpack("!H" if size == 126 else "!Q", stream.read(2 if size == 126 else 8))
            payload = stream.read(size)
            if kind == 9:  # a ping; the mask of the pong is zero
                line.sendall(bytes([0x8A, 0x80 | size]) + b"\0\0\0\0" + payload)
            elif kind == 8:
                return


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

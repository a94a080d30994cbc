#!/usr/bin/env python3
"""Checks of the sources that need no build:   tests/lint/run.py [--results FILE] [--root DIR] [NAME...]"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import co_await  # noqa: E402
import templates  # noqa: E402
from includes import check_includes, modules  # noqa: E402

LONG_FILE = 500      # reported
TOO_LONG_FILE = 900  # an error


class Lint:
    def __init__(self, root, only):
        self.root, self.only, self.results = root, only, []
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root, check=True,
                                capture_output=True, text=True).stdout.split("\n")
        self.files = [name for name in listed if name and (root / name).is_file()]

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def matching(self, pattern):
        expression = re.compile(pattern)
        return [name for name in self.files if expression.search(name)]

    def test(self, name, problems):
        if self.only and not any(part in name for part in self.only):
            return
        problems = list(problems)
        if len(problems) > 40:
            problems[40:] = [f"and {len(problems) - 40} more"]
        text = "\n".join(f"    {problem}" for problem in problems)
        self.results.append({"name": name, "status": "failed" if problems else "passed", "text": text})
        if problems:
            print(f"FAILED {name}\n{text}")

    def run(self):
        self.co_await()
        self.includes()
        self.test("tests do not sleep", self.sleeps())
        self.test("no file is too long", self.lengths())
        self.test("no path of one machine", self.machine_paths())
        self.test("nothing is left for later", self.leftovers())
        self.test("generated queries are fresh", self.generated())
        self.test("shell scripts pass shellcheck", self.shellcheck())
        self.test("sources are formatted", self.formatted())
        self.templates()

    def co_await(self):
        for name, source in co_await.GOOD.items():
            self.test(f"co_await check accepts: {name}", [f"line {line}: {what}" for line, what in co_await.check(source)])
        for name, source in co_await.BAD.items():
            found = list(co_await.check(source))
            self.test(f"co_await check refuses: {name}", [] if found else ["was accepted"])
        sources = [name for name in self.matching(r"^(src|tests|bench)/.*\.(cpp|h)$") if "/generated/" not in name]
        self.test("co_await stands only where g++ 12 compiles it right",
                  (f"{name}:{line}: {what}" for name in sources for line, what in co_await.check(self.text(name))))

    def includes(self):
        for module in modules(self.files):
            sources = self.matching(rf"^src/{module}/.*\.(cpp|h|c)$")
            self.test(f"includes of {module} point the right way",
                      (f"{name}:{line}: {what}" for name in sources
                       for line, what in check_includes(module, name, self.text(name))))

    def templates(self):
        self.test("the starter templates are all there", templates.check_names(self.files))
        self.test("starter templates introduce themselves", templates.check_readmes(self.root, self.files))
        self.test("copies in starter templates are the same", templates.check_copies(self.root, self.files))
        self.test("starter templates are formatted", templates.check_formatting(self.root))

    def sleeps(self):
        """A test waits for a condition: a pause may stand only in a loop that looks again."""
        calls = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|time\.Sleep)\s*\(|(?<![\w.:])sleep\(")
        for name in self.matching(r"^src/.*_(test|testing)\.(cpp|h)$|^tests/.*\.(py|go|cpp|h)$"):
            if name.startswith("tests/lint/"):
                continue
            lines = self.text(name).splitlines()
            for number, line in enumerate(lines, 1):
                if calls.search(line) and not any(re.search(r"\b(for|while|do)\b", before) for before in lines[max(0, number - 7):number]):
                    yield f"{name}:{number}: {line.strip()}"

    def lengths(self):
        for name in self.matching(r"\.(cpp|h|c|py|go|ts|tsx)$|^(run|test)$"):
            if "/generated/" in name or name.endswith(".pb.go"):
                continue
            length = self.text(name).count("\n")
            if length > TOO_LONG_FILE:
                yield f"{name}: {length} lines"
            elif length > LONG_FILE:
                print(f"note: {name} has {length} lines")

    def machine_paths(self):
        paths = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/(?!\.\.\.)[\w.-]+")
        allowed = re.compile(r"/home/(coder|user|u|me|alice|bob|dev|\w*\$|vscode)\b")
        for name in self.files:
            if name.startswith("tests/lint/") or re.search(r"\.(png|zip|tar|gz|sum|bin)$", name):
                continue
            for number, line in enumerate(self.text(name).splitlines(), 1):
                for found in paths.finditer(line):
                    if not allowed.match(found.group()):
                        yield f"{name}:{number}: {found.group()}"

    def leftovers(self):
        words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
        for name in self.matching(r"^(src|tests|bench|tools|sql|proto|cmake)/|^(run|test)$"):
            if name.startswith("tests/lint/"):
                continue
            for number, line in enumerate(self.text(name).splitlines(), 1):
                if words.search(line):
                    yield f"{name}:{number}: {line.strip()}"

    def generated(self):
        generator = self.root / "tools/gen_queries/gen_queries"
        if not generator.exists():
            return ["tools/gen_queries/gen_queries is missing"]
        done = subprocess.run([sys.executable, str(generator), "--check"], cwd=self.root, capture_output=True, text=True)
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()[-20:]

    def shellcheck(self):
        scripts = [name for name in self.files
                   if "." not in Path(name).name or name.endswith(".sh") or name.startswith(".ci/")]
        scripts = [name for name in scripts if re.match(r"#!.*\b(ba|da)?sh\b", self.text(name).split("\n", 1)[0])]
        done = subprocess.run(["shellcheck", *scripts], cwd=self.root, capture_output=True, text=True)
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()

    def formatted(self):
        sources = [name for name in self.matching(r"^(src|tests|bench)/.*\.(cpp|h|c)$") if "/generated/" not in name]
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *sources], cwd=self.root, capture_output=True, text=True)
        files = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.MULTILINE)))
        return [f"{name}: run clang-format -i" for name in files] or ([] if done.returncode == 0 else [done.stderr[-500:]])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--results", type=Path)
    arguments.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    arguments.add_argument("only", nargs="*")
    options = arguments.parse_args()
    lint = Lint(options.root, options.only)
    lint.run()
    if options.results:
        options.results.write_text(json.dumps(lint.results))
    failed = sum(result["status"] == "failed" for result in lint.results)
    print(f"lint: {len(lint.results) - failed} checks passed, {failed} failed")
    return 1 if failed or not lint.results else 0


if __name__ == "__main__":
    sys.exit(main())

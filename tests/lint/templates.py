"""Checks of examples/templates: how they are written, not whether they work (tests/system/examples.py does that)."""

import os
import re
import subprocess
from collections import defaultdict

FOLDER = "examples/templates"
FEWEST = 12
WANTED = ("local-process", "docker", "docker-devcontainer", "kubernetes", "aws-linux", "aws-multi-agent", "azure-linux",
          "gcp-linux", "digitalocean-linux", "nomad-docker", "incus", "externally-managed")
# What each key of a README's front matter must look like; src/coderd/templates/examples.cpp reads them.
KEYS = {"display_name": r"\S.*", "description": r"\S.{10,}", "icon": r"/icon/[\w.-]+", "tags": r"\[\w[\w-]*(, \w[\w-]*)*\]"}


def names(files):
    return sorted({name.split("/")[2] for name in files if name.startswith(f"{FOLDER}/") and name.count("/") > 2})


def check_names(files):
    found = names(files)
    if len(found) < FEWEST:
        yield f"{FOLDER} has {len(found)} templates, at least {FEWEST} are wanted"
    yield from (f"{FOLDER}/{name} is missing" for name in WANTED if name not in found)
    yield from (f"{FOLDER}/{name} has no main.tf" for name in found if f"{FOLDER}/{name}/main.tf" not in files)


def check_readme(text):
    """Problems of one README."""
    matched = re.match(r"---\n(.*?\n)---\n(.*)", text, re.DOTALL)
    if not matched:
        return ["has no front matter"]
    pairs = dict(re.findall(r"^(\w+): *(.*)$", matched.group(1), re.MULTILINE))
    problems = [f"{key} is {pairs.get(key, 'missing')!r}" for key, form in KEYS.items() if not re.fullmatch(form, pairs.get(key, ""))]
    if not re.search(r"^# \S.*\n\n\S", matched.group(2), re.MULTILINE):
        problems.append("does not say what the template makes")
    return problems


def check_readmes(root, files):
    for name in names(files):
        path = root / FOLDER / name / "README.md"
        if not path.is_file():
            yield f"{FOLDER}/{name} has no README.md"
            continue
        yield from (f"{FOLDER}/{name}/README.md: {problem}" for problem in check_readme(path.read_text()))


def check_copies(root, files):
    """A template stands alone, so some scripts are in several of them; the copies must not drift apart."""
    contents = defaultdict(lambda: defaultdict(list))
    for name in files:
        if name.startswith(f"{FOLDER}/") and name.endswith((".sh", ".service")):
            contents[os.path.basename(name)][(root / name).read_bytes()].append(name)
    for copies in contents.values():
        if len(copies) > 1:
            yield "differ: " + ", ".join(same[0] for same in copies.values())


def check_formatting(root):
    terraform = subprocess.run([str(root / "tools/find_terraform")], capture_output=True, text=True)
    if terraform.returncode != 0:
        return terraform.stderr.splitlines()
    # The user's own configuration of terraform does not matter here.
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run([terraform.stdout.strip(), "fmt", "-check", "-recursive", "-no-color", FOLDER], cwd=root,
                          env=environment, capture_output=True, text=True)
    files = re.findall(r"^\S+\.tf$", done.stdout, re.MULTILINE)
    return [f"{name}: run terraform fmt" for name in files] or ([] if done.returncode == 0 else [done.stderr[-500:]])

"""examples/templates before terraform itself, as far as their providers are in the local mirror."""

import os
import re
import shutil
from pathlib import Path

from harness import Skipped, attempt, check, contains, program_output

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "examples/templates"
MIRROR = Path(os.environ.get("BERTH_TEST_PROVIDER_MIRROR", ROOT / "build/provider-mirror"))
CODER = 'terraform {\n  required_providers {\n    coder = {\n      source = "coder/coder"\n    }\n  }\n}\n'


def sources(text):
    """The providers that a template asks for: {"coder/coder", …}."""
    return set(re.findall(r'^ +source += "([\w-]+/[\w-]+)"$', text, re.MULTILINE))


def parameters(text):
    return re.findall(r'^data "coder_parameter" "\w+" \{\n.*?^\}\n', text, re.MULTILINE | re.DOTALL)


class Examples:
    def __init__(self, _berth, folder):
        self.folder = folder

    def set_up(self):
        self.terraform = program_output([str(ROOT / "tools/find_terraform")]).stdout.strip()
        self.templates = sorted(path for path in TEMPLATES.iterdir() if path.is_dir())
        self.texts = {path.name: "".join(file.read_text() for file in sorted(path.glob("*.tf"))) for path in self.templates}

    def tear_down(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, folder, *arguments, check_code=True):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CODER_", "TF_"))}
        return program_output([self.terraform, *arguments, "-no-color"], cwd=folder, check_code=check_code,
                              env={**clean, "TF_CLI_CONFIG_FILE": str(MIRROR / "terraform.rc"), "CHECKPOINT_DISABLE": "1"})

    def case_every_template_is_valid(self):
        for template in self.templates:
            missing = sorted(source for source in sources(self.texts[template.name])
                             if not (MIRROR / "registry.terraform.io" / source).is_dir())
            problem = attempt(self.validate, template, missing)
            if missing and not problem:
                problem = Skipped(f"provider {', '.join(missing)} not obtainable")
            yield template.name, problem

    def validate(self, template, missing):
        copy = self.folder / "whole" / template.name
        shutil.copytree(template, copy)
        done = self.run(copy, "init", "-input=false", check_code=not missing)
        if not missing:
            self.run(copy, "validate")
            return
        # Terraform reads all of a configuration before it looks for providers, so it must complain of nothing else.
        contains(done.stderr, "Failed to query available provider packages")
        complaints = set(re.findall(r"^│? ?Error: (.*)$", done.stderr, re.MULTILINE))
        check(complaints == {"Failed to query available provider packages"}, done.stderr[-3000:])

    def case_parameters_of_every_template_have_good_defaults(self):
        """They need nothing but the provider coder, which judges a default when it is read."""
        for template in self.templates:
            yield template.name, attempt(self.read_parameters, template)

    def read_parameters(self, template):
        blocks = parameters(self.texts[template.name])
        check(blocks, "there are none")
        copy = self.folder / "parameters" / template.name / "run"
        copy.mkdir(parents=True)
        (copy / "main.tf").write_text("\n".join([CODER, *blocks]))
        self.run(copy, "init", "-input=false")
        done = self.run(copy, "plan", "-input=false", "-lock=false")
        check("Warning:" not in done.stdout, done.stdout[-3000:])

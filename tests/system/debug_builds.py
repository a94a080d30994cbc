"""Builds that are looked into: Terraform's own log, and a folder that stays."""

import json
import re
from pathlib import Path

from harness import Group, check, contains, equal, wait_until

# As a key has them: several lines, some of which stand otherwise between quotes.
KEY = "-----BEGIN KEY-----\nfirst \"line\" <of> it\n\tsecond line & \\its end\n-----END KEY-----\n"

WITH_KEY = """variable "key" {
  sensitive = true
}
resource "terraform_data" "says" {
  triggers_replace = timestamp()
  provisioner "local-exec" {
    command     = "printenv KEY; COMMAND"
    environment = { KEY = nonsensitive(var.key), JSON = jsonencode({ key = nonsensitive(var.key) }) }
  }
  provisioner "local-exec" {
    command = "cat <<'EOF'\\n${nonsensitive(var.key)}\\n${jsonencode(nonsensitive(var.key))}\\nEOF\\n"
  }
}
"""

# Enough for terraform to say more than 128 KiB about its graph.
MANY = "".join(f'resource "terraform_data" "r{i}" {{ input = {f"terraform_data.r{i - 1}.output" if i else "0"} }}\n' for i in range(60))


class DebugBuilds(Group):
    arguments = ("--enable-terraform-debug-mode",)

    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        template = self.api.create_template("plain", {"main.tf": 'resource "terraform_data" "x" { input = "kept" }\n'})
        self.new_workspace("plain", template)

    def latest_log(self):
        build = self.api.workspace("plain")["latest_build"]
        return self.api.get(f"/api/v2/workspacebuilds/{build['id']}/logs")

    def kept(self):
        return list((self.deployment.folder / "cache").glob("**/debug-*"))

    def case_an_ordinary_build_leaves_nothing(self):
        equal([line for line in self.latest_log() if line["log_level"] in ("debug", "trace")], [], "debug lines")
        equal(self.kept(), [], "folders")

    def case_a_debug_build_logs_terraform_and_keeps_its_folder(self):
        self.deployment.cli("stop", "plain", "--yes", "--build-debug")
        log = self.latest_log()
        own = [line for line in log if re.match(r"\S+ \[DEBUG\] ", line["output"])]
        check(own, f"no line of Terraform's own log: {log}"[:2000])
        # Only of these two: what they inform of or warn about has its own level.
        named = {match[1].lower(): line["log_level"] for line in log if (match := re.match(r"\S+ \[(DEBUG|TRACE)\] ", line["output"]))}
        equal(named, {"debug": "debug", "trace": "trace"}, "their levels")
        text = "\n".join(line["output"] for line in log)
        place = Path(re.search(r"in (/\S+/debug-\S+)", text)[1])
        # It gets its name once the server has the build's result.
        wait_until("the folder", place.is_dir)
        equal(place.stat().st_mode & 0o777, 0o700, "the folder's mode")
        contains((place / "source/main.tf").read_text(), "kept")
        contains((place / "source/terraform.tfstate").read_text(), "kept")

    def build_with_key(self, name, command, level):
        template = self.api.create_template(name, {"main.tf": WITH_KEY.replace("COMMAND", command) + MANY}, {"key": KEY})
        workspace = self.api.create_workspace(name, template)
        self.api.wait_build(workspace["latest_build"]["id"])
        build = self.api.build(workspace["id"], "start", **level)
        return self.api.wait_build(build["id"])

    def case_secrets_of_several_lines_are_masked_in_log_and_error(self):
        for name, command, status in (("fine", "true", "succeeded"), ("fails", "false", "failed")):
            build = self.build_with_key(name, command, {"log_level": "debug"})
            job = build["job"]
            equal(job["status"], status, f"the build ({job.get('error')})")
            if status == "failed":
                contains(job["error"], "exit status 1")
            log = self.api.build_logs(build["id"])
            contains(log, "[TRACE]")
            contains(log, "***")
            for line in KEY.strip().split("\n"):
                for form in (line, json.dumps(line)[1:-1]):
                    for place, text in (("log", log), ("error", job.get("error") or "")):
                        check(form not in text, f"the {place} shows a line of the key: {form}")
        # Without the level it is the template's own affair what it prints.
        contains(self.api.build_logs(self.build_with_key("plain-fine", "true", {})["id"]), "second line")

    def case_restart_and_delete_take_the_flag(self):
        before = len(self.kept())
        self.deployment.cli("start", "plain", "--yes", "--build-debug")
        self.deployment.cli("delete", "plain", "--yes", CODER_BUILD_DEBUG="true")
        wait_until("both folders", lambda: len(self.kept()) == before + 2)

    def case_it_is_for_administrators(self):
        template = self.api.get("/api/v2/organizations/default/templates/plain")
        self.api.post("/api/v2/users", {"email": "mary@example.com", "username": "mary", "password": "a-Long-Passw0rd!",
                                       "organization_ids": [template["organization_id"]]}, status=201)
        workspace = self.api.post("/api/v2/users/mary/workspaces", {"name": "hers", "template_id": template["id"]})
        self.api.wait_build(workspace["latest_build"]["id"])
        login = self.api.post("/api/v2/users/login", {"email": "mary@example.com", "password": "a-Long-Passw0rd!"}, status=201)
        done = self.deployment.cli("stop", "hers", "--yes", "--build-debug", code=2, CODER_SESSION_TOKEN=login["session_token"],
                                   CODER_URL=self.deployment.url)
        contains(done.stderr, "log_level")


class NoDebugBuilds(Group):
    def case_a_server_without_the_option_refuses(self):
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        template = self.api.create_template("plain", {"main.tf": 'resource "terraform_data" "x" {}\n'})
        self.new_workspace("plain", template)
        done = self.deployment.cli("stop", "plain", "--yes", "--build-debug", code=2)
        contains(done.stderr, "--enable-terraform-debug-mode")

"""What templates and builds get from people: secrets, and forms whose questions depend on the answers."""

import base64
import json
import os
import subprocess

from harness import NEEDS_CODER, Deployment, Failed, Group, check, contains, equal

# A workspace that writes down what terraform was given; the agent needs no process here.
RECORDING = NEEDS_CODER + """
variable "folder" {
  type = string
}
data "coder_workspace" "me" {}
data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
  mutable = true
  option {
    name  = "Europe"
    value = "eu"
  }
  option {
    name  = "America"
    value = "us"
  }
}
locals {
  zones = { eu = ["eu-1", "eu-2"], us = ["us-1"] }
}
data "coder_parameter" "zone" {
  name    = "zone"
  default = local.zones[data.coder_parameter.region.value][0]
  mutable = true
  dynamic "option" {
    for_each = local.zones[data.coder_parameter.region.value]
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "gpus" {
  count   = data.coder_parameter.region.value == "us" ? 1 : 0
  name    = "gpus"
  type    = "number"
  default = 1
  mutable = true
  validation {
    min = 1
    max = 4
  }
}
resource "terraform_data" "place" {
  count            = data.coder_workspace.me.start_count
  triggers_replace = [timestamp()]
  input            = "${data.coder_parameter.region.value} ${data.coder_parameter.zone.value}"
  provisioner "local-exec" {
    command = "env > \\"$FOLDER/apply.env\\""
    environment = {
      FOLDER = var.folder
    }
  }
}
"""

# Stands where terraform is looked for: notes the environment of each plan, then is terraform.
WRAPPER = """#!/bin/sh
if test "$1" = plan; then env > "{folder}/plan.$CODER_WORKSPACE_TRANSITION.env"; fi
exec "{terraform}" "$@"
"""

SECRET = "correct-horse\nbattery 'staple' $HOME"


def log_in(deployment):
    deployment.cli("login", "--use-token-as-session", deployment.url, CODER_SESSION_TOKEN=deployment.api.token)


def terraform_path():
    found = subprocess.run(["sh", "-c", "command -v terraform || command -v tofu"], capture_output=True, text=True)
    return found.stdout.strip()


class Secrets(Group):
    """A secret of a person reaches terraform's plan and the workspace, and nothing else."""

    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        self.record = folder / "record"
        self.record.mkdir(parents=True)
        wrapper = folder / "terraform"
        wrapper.write_text(WRAPPER.format(folder=self.record, terraform=terraform_path()))
        wrapper.chmod(0o755)
        self.key = base64.b64encode(os.urandom(32)).decode()
        self.arguments = ["--terraform-binary", str(wrapper)]
        self.deployment = Deployment(berth, folder, self.arguments)
        self.api = self.deployment.api

    def restart(self, key):
        self.deployment.stop()
        self.deployment.server_environment = {"CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS": key}
        self.deployment.start()

    def set_up(self):
        super().set_up()
        log_in(self.deployment)
        self.template = self.api.create_template("recording", {"main.tf": RECORDING}, {"folder": str(self.record)})

    def plan_environment(self, transition):
        return (self.record / f"plan.{transition}.env").read_text()

    def case_the_command_line_keeps_a_secret_and_never_shows_it(self):
        made = self.deployment.cli("secret", "create", "token", "--env", "MY_TOKEN", "--file", "~/.my/token",
                                   "--description", "for a test", text_input=SECRET + "\n")
        listed = self.deployment.cli("secret", "list")
        contains(listed.stdout, "MY_TOKEN")
        as_json = json.loads(self.deployment.cli("secret", "list", "--output", "json").stdout)
        equal([entry["file_path"] for entry in as_json], ["~/.my/token"], "the files")
        for text in (made.stdout, made.stderr, listed.stdout, json.dumps(as_json)):
            check("horse" not in text, f"the value is in: {text}")

    def case_a_bad_secret_is_refused_with_the_field(self):
        refused = self.deployment.cli("secret", "create", "x", "--env", "PATH", text_input="v", code=2)
        contains(refused.stderr, "env_name")
        refused = self.deployment.cli("secret", "create", "token", text_input="v", code=5)
        contains(refused.stderr, "name")

    def case_the_plan_of_a_start_gets_it_and_nothing_else_does(self):
        workspace = self.new_workspace("one", self.template)
        plan = self.plan_environment("start")
        contains(plan, "CODER_SECRET_ENV_MY_TOKEN=correct-horse")
        contains(plan, "CODER_SECRET_FILE_" + "~/.my/token".encode().hex() + "=correct-horse")
        check("horse" not in (self.record / "apply.env").read_text(), "the apply got the secret")
        self.api.build_done(workspace["id"], "stop")
        check("horse" not in self.plan_environment("stop"), "the stop got the secret")
        self.workspace = workspace

    def case_the_value_is_in_no_log_and_no_row_of_the_job(self):
        build = self.api.workspace("one")["latest_build"]["id"]
        for text in (self.api.build_logs(build), self.deployment.log(10_000_000), json.dumps(self.api.workspace("one"))):
            check("horse" not in text, "the secret's value is shown")

    def case_keys_encrypt_what_is_there_and_what_comes(self):
        self.deployment.stop()
        other = base64.b64encode(os.urandom(32)).decode()
        rotated = self.dbcrypt("rotate", CODER_EXTERNAL_TOKEN_ENCRYPTION_ENCRYPT_NEW_KEY=self.key)
        contains(rotated.stdout, "Encrypted 1 user secrets")
        self.deployment.server_environment = {"CODER_EXTERNAL_TOKEN_ENCRYPTION_KEYS": other}
        try:
            self.deployment.start(20)
            raise AssertionError("the server started without the key")
        except Failed as failure:
            contains(str(failure), "encrypted with key")
        self.restart(self.key)
        self.deployment.cli("secret", "create", "second", "--env", "SECOND", text_input="another horse")
        self.api.build_done(self.workspace["id"], "start")
        contains(self.plan_environment("start"), "CODER_SECRET_ENV_MY_TOKEN=correct-horse")
        contains(self.plan_environment("start"), "CODER_SECRET_ENV_SECOND=another horse")

    def case_decrypting_needs_the_key_and_a_yes(self):
        self.deployment.stop()
        refused = self.dbcrypt("decrypt", code=2, CODER_EXTERNAL_TOKEN_ENCRYPTION_DECRYPT_KEYS=self.key)
        contains(refused.stderr, "--yes")
        done = self.dbcrypt("decrypt", "--yes", CODER_EXTERNAL_TOKEN_ENCRYPTION_DECRYPT_KEYS=self.key)
        contains(done.stdout, "Decrypted 2 user secrets")
        self.restart("")
        self.api.build_done(self.workspace["id"], "start")
        contains(self.plan_environment("start"), "CODER_SECRET_ENV_SECOND=another horse")

    def case_a_deleted_secret_is_gone_at_the_next_start(self):
        self.deployment.cli("secret", "delete", "second")
        self.api.build_done(self.workspace["id"], "start")
        check("SECOND" not in self.plan_environment("start"), "the deleted secret was delivered")
        self.api.build_done(self.workspace["id"], "delete")

    def dbcrypt(self, *arguments, code=0, **environment):
        return self.deployment.cli("server", "dbcrypt", *arguments, "--global-config", str(self.deployment.folder / "data"),
                                   code=code, **environment)


class WorkspaceSecrets(Group):
    """The running workspace gets a secret as a variable and as a file of mode 0600."""

    def set_up(self):
        super().set_up()
        log_in(self.deployment)
        self.deployment.cli("secret", "create", "token", "--env", "MY_TOKEN", "--file", "~/.my/token", text_input=SECRET)
        self.new_workspace("dev", self.process_template())
        self.api.wait_agent("dev")

    def run(self, command):
        return self.deployment.cli("ssh", "dev", "--", command).stdout

    def case_as_a_variable_of_every_command(self):
        equal(self.run('printf %s "$MY_TOKEN"'), SECRET, "the variable")

    def case_as_a_file_that_only_the_owner_reads(self):
        equal(self.run("cat ~/.my/token"), SECRET, "the file")
        equal(self.run("stat -c %a ~/.my/token").strip(), "600", "its mode")

    def restart(self):
        self.deployment.cli("restart", "dev", "--yes")
        self.api.wait_agent("dev")

    def case_the_file_moves_and_goes_with_the_secret(self):
        self.deployment.cli("secret", "create", "own", "--file", "~/own", text_input=SECRET)
        self.deployment.cli("secret", "update", "token", "--file", "~/elsewhere")
        self.restart()
        equal(self.run("cat ~/elsewhere"), SECRET, "the file at its new place")
        equal(self.run("ls ~/.my"), "", "what is left at the old place")
        self.run("echo mine > ~/own")
        for name in ("token", "own"):
            self.deployment.cli("secret", "delete", name)
        self.restart()
        equal(self.run('cat ~/own; test ! -e ~/elsewhere && printf "$MY_TOKEN" && echo gone'), "mine\ngone\n", "what is left")


# The state holds the file twice: as what went in, and as what came out.
LARGE = """
resource "terraform_data" "large" {
  input = filebase64("${path.module}/assets/noise.bin")
}
"""


class Large(Group):
    """Templates and states that do not fit into the 4 MiB of a message between strangers."""

    def set_up(self):
        super().set_up()
        source = self.folder / "large"
        (source / "assets").mkdir(parents=True)
        (source / "main.tf").write_text(LARGE)
        (source / "assets/noise.bin").write_bytes(os.urandom(2_500_000))
        (source / "assets/more.bin").write_bytes(os.urandom(3_000_000))
        log_in(self.deployment)
        self.deployment.cli("templates", "push", "large", "--directory", str(source), "--yes")
        self.noise = base64.b64encode((source / "assets/noise.bin").read_bytes()).decode()

    def case_a_workspace_lives_with_them(self):
        self.deployment.cli("create", "large", "--template", "large", "--yes")
        self.deployment.cli("stop", "large", "--yes")
        workspace = self.api.workspace("large")
        equal(workspace["latest_build"]["status"], "stopped", "after the stop")
        state = self.api.state(workspace["latest_build"]["id"])
        values = state["resources"][0]["instances"][0]["attributes"]
        equal((values["input"]["value"] == self.noise, values["output"]["value"] == self.noise), (True, True), "the state")
        self.deployment.cli("delete", "large", "--yes")

    def case_such_a_template_comes_back_whole(self):
        pulled = self.folder / "pulled"
        self.deployment.cli("templates", "pull", "large", str(pulled))
        equal((pulled / "assets/more.bin").stat().st_size, 3_000_000, "bytes of a file")


# What the parameters allow depends on a file beside the workspaces.
CHANGEABLE = NEEDS_CODER + """
variable "folder" {
  type = string
}
locals {
  more = fileexists("${var.folder}/more")
}
data "coder_workspace" "me" {}
data "coder_parameter" "place" {
  name    = "place"
  default = "near"
  dynamic "option" {
    for_each = local.more ? ["near", "far"] : ["near"]
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = 1
  mutable = true
  validation {
    min = 1
    max = local.more ? 9 : 2
  }
}
resource "terraform_data" "home" {
  input = "${data.coder_parameter.place.value} ${data.coder_parameter.size.value}"
}
resource "terraform_data" "running" {
  count            = data.coder_workspace.me.start_count
  triggers_replace = [data.coder_parameter.size.value]
}
"""


class Ends(Group):
    """A workspace can be stopped and deleted, whatever became of its template and parameters."""

    def set_up(self):
        super().set_up()
        self.more = self.folder / "more"
        self.more.touch()
        template = self.api.create_template("changeable", {"main.tf": CHANGEABLE}, {"folder": str(self.folder)})
        log_in(self.deployment)
        self.workspace = self.new_workspace("far", template, {"place": "far", "size": 7})

    def case_values_that_became_invalid_do_not_keep_it_from_stopping(self):
        self.more.unlink()
        stopped = self.api.build_done(self.workspace["id"], "stop")
        contains(self.api.build_logs(stopped["id"]), "does not allow the last value of these parameters any more")
        contains(json.dumps(self.api.state(stopped["id"])), "far 7")
        refused = self.api.call("POST", f"/api/v2/workspaces/{self.workspace['id']}/builds", {"transition": "start"})
        equal(refused.status, 400, "a start with them")

    def case_what_is_made_anew_is_said_before(self):
        self.more.touch()
        self.api.build_done(self.workspace["id"], "start")
        started = self.api.build_done(self.workspace["id"], "start", {"size": 3})
        contains(self.api.build_logs(started["id"]), "terraform_data.running[0] will be made anew, because of: triggers_replace")

    def case_a_resource_can_be_forgotten(self):
        listed = self.deployment.cli("state", "list", "far").stdout.split()
        contains(listed, "terraform_data.home")
        self.deployment.cli("state", "forget", "far", "terraform_data.home", "--yes")
        check("terraform_data.home" not in self.deployment.cli("state", "list", "far").stdout, "it is still known")
        self.deployment.cli("state", "forget", "far", "terraform_data.nothing", "--yes", code=4)

    def case_values_that_became_invalid_do_not_keep_it_from_being_deleted(self):
        self.more.unlink()
        self.api.build_done(self.workspace["id"], "delete")

    def case_orphaning_needs_no_daemon_and_no_terraform(self):
        text = CHANGEABLE + 'data "coder_workspace_tags" "tags" {\n  tags = {\n    place = lower(data.coder_parameter.place.value)\n  }\n}\n'
        template = self.api.create_template("unreachable", {"main.tf": text}, {"folder": str(self.folder)})
        workspace = self.api.create_workspace("stuck", template)
        self.api.want("PATCH", f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}/cancel")
        self.deployment.cli("delete", "stuck", "--orphan", "--yes")
        equal(self.api.call("GET", "/api/v2/users/me/workspace/stuck").status, 404, "the workspace")

"""Signals to a provisioner daemon of its own that is in the middle of a build."""

import signal
import subprocess

from everyday import daemon_options
from harness import NEEDS_CODER, Group, attempt, check, command_line, contains, descendants, equal, wait_until
from provisioning import terraform_path

# The apply says that it has come to its middle, and waits there for a word.
HELD = NEEDS_CODER + """
variable "folder" {
  type = string
}
data "coder_workspace" "me" {}
resource "terraform_data" "made_before" {}
resource "terraform_data" "held" {
  count      = data.coder_workspace.me.start_count
  depends_on = [terraform_data.made_before]
  provisioner "local-exec" {
    command = "touch $AT.waiting; until test -e $AT.go; do sleep 0.05; done"
    environment = {
      AT = "${var.folder}/${data.coder_workspace.me.name}"
    }
  }
}
"""

# Stands where terraform is looked for: an apply does not hear an interrupt.
DEAF = """#!/bin/sh
test "$1" = apply || exec "{terraform}" "$@"
trap '' INT
"{terraform}" "$@"
"""


class Daemon:
    """`berth provisioner start` in the background."""

    def __init__(self, group, name, *arguments):
        self.log_path = group.folder / f"{name}.log"
        environment = group.deployment.environment(CODER_URL=group.deployment.url, CODER_PROVISIONER_DAEMON_KEY=group.key,
                                                   CODER_CONFIG_DIR=str(group.folder / "nobody"))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([group.berth, *daemon_options(group.folder, name, *arguments)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def says(self, words):
        wait_until(f"the daemon to say {words!r}", lambda: words in self.log(), 20)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def send(self, number):
        check(self.process.poll() is None, f"the daemon ended with {self.process.poll()}:\n{self.log()[-3000:]}")
        self.process.send_signal(number)

    def ends(self, seconds=30):
        """By itself and well, and leaves no terraform."""
        children = descendants(self.process.pid)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = "none"
        equal(code, 0, f"exit code of the daemon:\n{self.log()[-3000:]}\n")
        wait_until("its children to end", lambda: not any(command_line(pid) for pid in children), 20)


class Signals(Group):
    arguments = ("--provisioner-daemons", "0")

    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        self.key = self.deployment.cli("provisioner", "keys", "create", "outside").stdout.strip()
        self.deaf = self.folder / "terraform"
        self.deaf.write_text(DEAF.format(terraform=terraform_path()))
        self.deaf.chmod(0o755)
        with Daemon(self, "importer"):
            self.template = self.api.create_template("held", {"main.tf": HELD}, {"folder": str(self.folder)})

    def held(self, name):
        """A workspace whose build is in its middle."""
        workspace = self.api.create_workspace(name, self.template)
        wait_until("the middle of the apply", (self.folder / f"{name}.waiting").exists, 60)
        return workspace

    def build_of(self, workspace):
        return self.api.get(f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}")

    def made(self, workspace):
        resources = self.api.state(workspace["latest_build"]["id"]).get("resources", [])
        return {resource["name"] for resource in resources if resource["mode"] == "managed"}

    def case_an_idle_daemon_ends(self):
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            def one(number=number):
                with Daemon(self, f"idle-{number.name}") as daemon:
                    daemon.says("connected to the server")
                    daemon.send(number)
                    daemon.ends()
            yield number.name, attempt(one)

    def case_the_job_under_way_is_finished_and_no_other_taken(self):
        for number in (signal.SIGHUP, signal.SIGTERM):
            def one(number=number):
                name = number.name.lower()
                with Daemon(self, name) as daemon:
                    workspace = self.held(name)
                    daemon.send(number)
                    daemon.says("Stopping when the job under way is done")
                    # Neither do more of them, at any moment.
                    for _ in range(20):
                        daemon.send(number)
                    other = self.api.create_workspace(f"{name}-next", self.template)
                    (self.folder / f"{name}.go").touch()
                    daemon.ends()
                later = self.build_of(other)["job"]["status"]
                self.api.want("PATCH", f"/api/v2/workspacebuilds/{other['latest_build']['id']}/cancel")
                equal(later, "pending", "the build that came later")
                equal(self.build_of(workspace)["job"]["status"], "succeeded", "the build under way")
                equal(self.made(workspace), {"made_before", "held"}, "resources")
            yield number.name, attempt(one)

    def case_an_interrupt_cancels_the_job_and_keeps_its_state(self):
        with Daemon(self, "interrupted") as daemon:
            workspace = self.held("interrupted")
            daemon.send(signal.SIGINT)
            daemon.ends()
        self.broken_off(workspace)

    def case_so_it_does_after_a_signal_that_waits(self):
        with Daemon(self, "impatient") as daemon:
            workspace = self.held("impatient")
            daemon.send(signal.SIGTERM)
            daemon.says("Stopping when the job under way is done")
            daemon.send(signal.SIGINT)
            daemon.ends()
        self.broken_off(workspace)

    def case_a_second_interrupt_kills_a_terraform_that_does_not_stop(self):
        with Daemon(self, "deaf", "--terraform-binary", str(self.deaf)) as daemon:
            workspace = self.held("deaf")
            daemon.send(signal.SIGINT)
            wait_until("the cancellation", lambda: "is being cancelled" in self.api.build_logs(workspace["latest_build"]["id"]), 20)
            equal((daemon.process.poll(), self.build_of(workspace)["job"]["status"]), (None, "running"), "the daemon and its job")
            daemon.send(signal.SIGINT)
            daemon.ends()
        self.broken_off(workspace)

    def broken_off(self, workspace):
        job = self.build_of(workspace)["job"]
        equal(job["status"], "failed", "the build")
        contains(job["error"], "the provisioner daemon shuts down")
        check("made_before" in self.made(workspace), f"the state has only {self.made(workspace)}")

    def case_the_next_daemon_goes_on_from_there(self):
        with Daemon(self, "next") as daemon:
            for name in ("interrupted", "impatient", "deaf"):
                self.api.build_done(self.api.workspace(name)["id"], "delete")
            daemon.send(signal.SIGTERM)
            daemon.ends()

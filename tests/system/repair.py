"""What is built again: a delete that failed, and agents that terraform kept."""

import json

from harness import NEEDS_CODER, Group, attempt, check, contains, equal
from provisioning import log_in

# Its disk is not let go before somebody allows it.
STUBBORN = """
variable "folder" {
  type = string
}
resource "terraform_data" "disk" {
  input = var.folder
  provisioner "local-exec" {
    when    = destroy
    command = "test -e '${self.input}/allowed' || { echo 'the disk is in use'; exit 3; }"
  }
}
resource "terraform_data" "machine" {
  input = terraform_data.disk.id
}
"""


class FailedDelete(Group):
    """A delete whose terraform fails half-way keeps the workspace and the state, and can be tried again."""

    def set_up(self):
        super().set_up()
        log_in(self.deployment)
        self.template = self.api.create_template("stubborn", {"main.tf": STUBBORN}, {"folder": str(self.folder)})
        self.workspaces = {name: self.new_workspace(name, self.template) for name in ("rest", "cli")}

    def resources_left(self, name):
        build = self.api.workspace(name)["latest_build"]
        return sorted(resource["name"] for resource in self.api.state(build["id"])["resources"])

    def case_it_says_why_and_keeps_what_is_left(self):
        failed = self.api.build_done(self.workspaces["rest"]["id"], "delete", status="failed")
        contains(failed["job"]["error"], "terraform_data.disk")
        contains(self.api.build_logs(failed["id"]), "the disk is in use")
        equal(self.resources_left("rest"), ["disk"], "what is left")
        equal(self.api.workspace("rest")["latest_build"]["status"], "failed", "status")

    def case_the_command_line_fails_with_it(self):
        failed = self.deployment.cli("delete", "cli", "--yes", code=None)
        check(failed.returncode != 0, "the command says that it went well")
        contains(failed.stdout + failed.stderr, "the disk is in use")
        equal(self.resources_left("cli"), ["disk"], "what is left")

    def case_it_fails_again_as_long_as_the_reason_stays(self):
        self.api.build_done(self.workspaces["rest"]["id"], "delete", status="failed")
        equal(self.resources_left("rest"), ["disk"], "what is left")

    def case_the_workspace_can_be_started_again_instead(self):
        self.api.build_done(self.workspaces["cli"]["id"], "start")
        equal(self.resources_left("cli"), ["disk", "machine"], "what is there")

    def case_a_retry_deletes_the_rest(self):
        (self.folder / "allowed").touch()
        deleted = self.api.build_done(self.workspaces["rest"]["id"], "delete")
        equal(self.api.state(deleted["id"]).get("resources"), [], "the state")
        self.deployment.cli("delete", "cli", "--yes")
        for name in self.workspaces:
            equal(self.api.call("GET", f"/api/v2/users/me/workspace/{name}").status, 404, f"status of {name}")
        equal(self.api.get("/api/v2/workspaces")["count"], 0, "workspaces")


# The agent and its dev container have no count, so terraform keeps them over every build.
CONTAINED = NEEDS_CODER + """
data "coder_workspace" "me" {}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_devcontainer" "box" {
  agent_id         = coder_agent.main.id
  workspace_folder = "/srv/project"
}
resource "coder_app" "inside" {
  agent_id = coder_devcontainer.box.subagent_id
  slug     = "inside"
  url      = "http://localhost:3000"
}
resource "coder_env" "inside" {
  agent_id = coder_devcontainer.box.subagent_id
  name     = "INSIDE"
  value    = "yes"
}
resource "terraform_data" "machine" {
  count = data.coder_workspace.me.start_count
  input = coder_agent.main.id
}
"""


class KeptAgents(Group):
    """The agent of a dev container, over the builds of a workspace (behaviours 7 and 16), with the real provider."""

    def known_to_terraform(self, build):
        resources = self.api.state(build["id"])["resources"]
        return next(r["instances"][0]["attributes"]["subagent_id"] for r in resources if r["type"] == "coder_devcontainer")

    def expect_whole(self, build):
        agents = {agent["name"]: agent for resource in build["resources"] for agent in resource.get("agents") or []}
        equal(sorted(agents), ["box", "main"], "agents")
        box = agents["box"]
        equal(box["parent_id"], agents["main"]["id"], "the parent")
        equal(agents["main"]["parent_id"], None, "the parent's parent")
        equal([app["slug"] for app in box["apps"]], ["inside"], "apps")
        equal(box["environment_variables"], {"INSIDE": "yes"}, "the environment")
        equal(box["directory"], "/srv/project", "the folder")
        by_hand = [(script["script"], script["run_on_start"], script["display_name"]) for script in agents["main"]["scripts"]]
        equal(by_hand, [("", False, "Dev Container (box)")], "the script that starts it")
        return box["id"]

    def case_each_build_has_one_that_belongs_to_it(self):
        template = self.api.create_template("contained", {"main.tf": CONTAINED})
        workspace = self.new_workspace("kept", template)
        first = workspace["latest_build"]
        ids = [self.expect_whole(first)]
        equal(ids[0], self.known_to_terraform(first), "the id at first")
        for transition in ("start", "stop", "start"):
            build = self.api.build_done(workspace["id"], transition)
            equal(self.known_to_terraform(build), self.known_to_terraform(first), "what terraform kept")
            if transition == "start":
                ids.append(self.expect_whole(self.api.workspace("kept")["latest_build"]))
        equal(len(set(ids)), len(ids), f"different agents among {ids}")


# Name, strategy, value; in the order of their addresses. The agent defines OLD_* as "old" and EMPTY_* as "".
MERGED = {"replace": "v", "append": ("v", "old:v", "v"), "prepend": ("v", "v:old", "v"), None: "v"}


def env_resource(address, name, value, strategy):
    strategy = f'\n  merge_strategy = "{strategy}"' if strategy else ""
    return (f'resource "coder_env" "{address}" {{\n  agent_id = coder_agent.main.id\n  name = "{name}"\n  value = "{value}"{strategy}\n}}\n')


class MergedEnvironment(Group):
    """coder_env's merge_strategy (behaviour 5), with the real provider."""

    def template_text(self, defined, more):
        entries = "".join(f'    {name} = "{value}"\n' for name, value in defined.items())
        head = CONTAINED.split('resource "coder_devcontainer"')[0].replace('  arch = "amd64"\n', '  arch = "amd64"\n  env  = {\n' + entries + "  }\n")
        return head + 'resource "terraform_data" "machine" {\n  input = coder_agent.main.id\n}\n' + more

    def case_the_table(self):
        defined, more, wanted = {}, "", {}
        for strategy, after in MERGED.items():
            after = after if isinstance(after, tuple) else (after,) * 3
            for state, value, result in zip(("NEW", "OLD", "EMPTY"), (None, "old", ""), after):
                name = f"{state}_{strategy or 'default'}".upper()
                if value is not None:
                    defined[name] = value
                more += env_resource(name.lower(), name, "v", strategy)
                wanted[name] = result
        more += env_resource("once", "ONCE", "v", "error")
        wanted["ONCE"] = "v"
        for name, strategy, result in (("APPENDED", "append", "/a:/b"), ("PREPENDED", "prepend", "/b:/a")):
            more += env_resource(f"b_{name}", name, "/b", strategy) + env_resource(f"a_{name}", name, "/a", strategy)
            wanted[name] = result
        defined["LAST"] = "old"
        more += env_resource("z_last", "LAST", "/b", "replace") + env_resource("a_last", "LAST", "/a", "append")
        wanted["LAST"] = "/b"
        template = self.api.create_template("merged", {"main.tf": self.template_text(defined, more)})
        agents = self.api.agents(self.new_workspace("merged", template))
        equal(agents[0]["environment_variables"], wanted, "the environment")

    def case_what_cannot_be_merged_fails_the_import(self):
        twice = env_resource("a", "NAME", "v", None) + env_resource("b", "NAME", "w", "error")
        rows = [("error on a variable", {"NAME": "old"}, env_resource("a", "NAME", "v", "error"), 'duplicate env var "NAME"'),
                ("error on an empty one", {"NAME": ""}, env_resource("a", "NAME", "v", "error"), 'duplicate env var "NAME"'),
                ("error on another resource's", {}, twice, 'duplicate env var "NAME"'),
                ("an unknown strategy", {}, env_resource("a", "NAME", "v", "sum"), "merge_strategy")]
        for what, defined, more, says in rows:
            def one(defined=defined, more=more, says=says):
                version = self.api.import_version({"main.tf": self.template_text(defined, more)})
                equal(version["job"]["status"], "failed", "the import")
                contains(version["job"]["error"] + json.dumps(self.api.version_logs(version["id"])), says if '"' not in says else "duplicate env var")
                contains(version["job"]["error"], "NAME" if '"' in says else says)
            yield what, attempt(one)

"""A server whose terraform is OpenTofu. BERTH_TEST_TOFU names the program, or PATH has it; without one all is skipped."""

import os
import shutil

from harness import Group, contains, equal, processes_in, wait_until
from provisioning import RECORDING, log_in

# OpenTofu takes a .tofu file in place of the .tf file beside it.
IN_PLACE = {"main.tf": 'variable "of_terraform" {\n  type = string\n}\n',
            "main.tofu": 'variable "of_tofu" {\n  default = "x"\n}\noutput "x" {\n  value = var.of_tofu\n}\n'}


def program():
    return os.environ.get("BERTH_TEST_TOFU") or shutil.which("tofu")


class OpenTofu(Group):
    @staticmethod
    def lacks():
        return "" if program() else "there is no OpenTofu: set BERTH_TEST_TOFU, or have tofu in PATH"

    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        self.deployment.arguments += ["--terraform-binary", program()]

    def set_up(self):
        super().set_up()
        log_in(self.deployment)
        self.template = self.process_template()

    def version_of(self, template):
        return f"/api/v2/templateversions/{template['active_version_id']}"

    def case_the_import_finds_variables_parameters_and_agents(self):
        path = self.version_of(self.template)
        equal([variable["name"] for variable in self.api.get(path + "/variables")], ["folder"], "variables")
        equal(sorted(p["name"] for p in self.api.get(path + "/rich-parameters")), ["greeting", "slow"], "parameters")
        agents = [agent for resource in self.api.get(path + "/resources") for agent in resource.get("agents") or []]
        equal([(agent["name"], [app["slug"] for app in agent["apps"]]) for agent in agents], [("main", ["page"])], "agents")

    def case_a_workspace_starts_and_its_agent_connects(self):
        self.workspace = self.new_workspace("dev", self.template, {"greeting": "servus"})
        self.api.wait_agent("dev")
        equal(self.deployment.cli("ssh", "dev", "--", 'printf %s "$GREETING"').stdout, "servus", "the variable")
        logs = self.api.build_logs(self.workspace["latest_build"]["id"])
        contains(logs, "terraform_data.home: Creation complete")
        state = self.api.state(self.workspace["latest_build"]["id"])
        contains(str(state["resources"]), "registry.opentofu.org/coder/coder", "the state")

    def case_the_resource_of_the_agent_is_known_with_its_cost_and_metadata(self):
        build = self.api.workspace("dev")["latest_build"]
        resources = {resource["name"]: resource for resource in build["resources"]}
        equal([agent["name"] for agent in resources["process"].get("agents") or []], ["main"], "agents of the process")
        contains([item["key"] for item in resources["process"]["metadata"]], "home", "metadata")
        equal(build["daily_cost"], 3, "cost")

    def case_a_stop_ends_it_and_a_start_brings_it_back(self):
        self.api.build_done(self.workspace["id"], "stop")
        wait_until("the processes to end", lambda: not processes_in(self.deployment.workspaces), 20)
        self.api.build_done(self.workspace["id"], "start", {"greeting": "moin"})
        self.api.wait_agent("dev")

    def case_a_failing_plan_has_a_clear_error(self):
        refused = self.api.call("POST", f"/api/v2/workspaces/{self.workspace['id']}/builds", {
            "transition": "start", "rich_parameter_values": [{"name": "greeting", "value": "NO"}]})
        equal(refused.status, 400, "a value that is not allowed")
        version = self.api.import_version({"main.tf": 'resource "terraform_data" "x" {\n  input = nothing.here\n}\n'})
        equal(version["job"]["status"], "failed", "the import")
        contains(version["job"]["error"], "main.tf:2")

    def case_a_form_follows_the_answers(self):
        template = self.api.create_template("dynamic", {"main.tf": RECORDING}, {"folder": str(self.folder)})
        answer = self.api.post(self.version_of(template) + "/dynamic-parameters/evaluate", {"id": 1, "inputs": {"region": "us"}})
        form = {parameter["name"]: parameter for parameter in answer["parameters"]}
        equal(sorted(form), ["gpus", "region", "zone"], "parameters")
        equal(form["zone"]["value"], {"value": "us-1", "valid": True}, "the zone")

    def case_a_cancelled_build_keeps_its_state(self):
        build = self.api.build(self.workspace["id"], "start", {"slow": 100})
        wait_until("the pause", lambda: "terraform_data.pause[0]: Still" in self.api.build_logs(build["id"])
                   or "terraform_data.pause[0]: Provisioning with" in self.api.build_logs(build["id"]))
        self.api.want("PATCH", f"/api/v2/workspacebuilds/{build['id']}/cancel")
        build = self.api.wait_build(build["id"])
        equal(build["job"]["status"], "canceled", "status")
        contains(str(self.api.state(build["id"])["resources"]), "terraform_data", "the state")
        self.api.build_done(self.workspace["id"], "start", {"slow": 0})

    def case_a_tofu_file_stands_for_the_file_beside_it(self):
        version = self.api.import_version(IN_PLACE)
        equal((version["job"]["status"], version["job"].get("error")), ("succeeded", None), "the import")
        variables = self.api.get(f"/api/v2/templateversions/{version['id']}/variables")
        equal([variable["name"] for variable in variables], ["of_tofu"], "variables")

    def case_a_delete_leaves_nothing(self):
        self.api.build_done(self.workspace["id"], "delete")
        wait_until("the processes to end", lambda: not processes_in(self.deployment.workspaces), 20)

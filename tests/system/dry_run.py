"""A dry run tells what a workspace would be made of, and both logs are there as text."""

from harness import NEEDS_CODER, Group, check, contains, equal, finished, wait_until

TEMPLATE = NEEDS_CODER + """
variable "secret" {
  default   = "hidden-in-lists"
  sensitive = true
}
data "coder_parameter" "size" {
  name    = "size"
  type    = "number"
  default = 1
}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  env  = { SIZE = data.coder_parameter.size.value }
}
resource "coder_app" "editor" {
  agent_id     = coder_agent.main.id
  slug         = "editor"
  display_name = "Editor"
  url          = "http://localhost:8080"
}
resource "terraform_data" "machine" {
  count = data.coder_parameter.size.value
  input = coder_agent.main.id
}
resource "coder_metadata" "machine" {
  count       = data.coder_parameter.size.value
  resource_id = terraform_data.machine[count.index].id
  daily_cost  = 7
  icon        = "/icon/machine.svg"
  item {
    key   = "size"
    value = data.coder_parameter.size.value
  }
  item {
    key       = "secret"
    value     = var.secret
    sensitive = true
  }
}
"""
# What differs from one job to the next.
PASSING = {"id", "created_at", "updated_at", "job_id", "resource_id"}


def lasting(value):
    if isinstance(value, dict):
        return {key: lasting(each) for key, each in value.items() if key not in PASSING}
    return [lasting(each) for each in value] if isinstance(value, list) else value


class DryRun(Group):
    def set_up(self):
        super().set_up()
        self.version = self.api.import_version({"main.tf": TEMPLATE})
        equal(self.version["job"]["status"], "succeeded", f"the import ({self.version['job'].get('error')})")
        self.path = f"/api/v2/templateversions/{self.version['id']}"

    def run(self, **body):
        job = self.api.post(f"{self.path}/dry-run", {"workspace_name": "trial", **body}, status=201)
        path = f"{self.path}/dry-run/{job['id']}"
        done = wait_until("the dry run", lambda: finished({"job": self.api.get(path)}), 120)["job"]
        equal(done["status"], "succeeded", f"the dry run ({done.get('error')})")
        return path

    def case_it_has_all_that_the_version_has(self):
        path = self.run()
        found = self.api.get(f"{path}/resources")
        wanted = [each for each in self.api.get(f"{self.path}/resources") if each["workspace_transition"] == "start"]
        equal(lasting(found), lasting(wanted), "the resources")
        machine = next(each for each in found if each["type"] == "terraform_data")
        equal((machine["daily_cost"], machine["icon"]), (7, "/icon/machine.svg"), "cost and icon")
        items = {item["key"]: item for item in machine["metadata"]}
        equal((items["size"]["value"], items["secret"]["sensitive"], items["secret"]["value"]), ("1", True, ""), "metadata")
        agent = machine["agents"][0]
        equal((agent["name"], agent["operating_system"], agent["environment_variables"]), ("main", "linux", {"SIZE": "1"}), "the agent")
        equal([(app["slug"], app["display_name"]) for app in agent["apps"]], [("editor", "Editor")], "its apps")

    def case_it_is_what_the_answers_make(self):
        path = self.run(rich_parameter_values=[{"name": "size", "value": "2"}])
        machines = [each for each in self.api.get(f"{path}/resources") if each["type"] == "terraform_data"]
        equal(len(machines), 2, "machines")
        log = self.api.want("GET", f"{path}/logs?format=text").body.decode()
        contains(log, "|Planning infrastructure] ")
        check("hidden-in-lists" not in log, log)

    def case_another_version_does_not_have_it(self):
        path = self.run()
        other = self.api.import_version({"main.tf": TEMPLATE})
        answer = self.api.call("GET", path.replace(self.version["id"], other["id"]) + "/resources")
        equal(answer.status, 404, "the status")

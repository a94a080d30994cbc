"""Tasks: what an AI agent is to do, from the request to the environment of terraform and back."""

from harness import NEEDS_CODER, Api, Group, check, equal, wait_until

TEMPLATE = NEEDS_CODER + """
data "coder_workspace" "me" {}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_app" "other" {
  agent_id = coder_agent.main.id
  slug     = "other"
  url      = "http://localhost:1"
}
resource "coder_app" "chat" {
  agent_id = coder_agent.main.id
  slug     = "chat"
  url      = "http://localhost:3284"
}
resource "coder_ai_task" "task" {
  count = data.coder_workspace.me.start_count
  %s
}
resource "terraform_data" "machine" {
  count = data.coder_workspace.me.start_count
  input = coder_agent.main.id
}
"""
BY_APP_ID = TEMPLATE % "app_id = coder_app.chat.id"
BY_SIDEBAR = TEMPLATE % "sidebar_app { id = coder_app.chat.id }"
PLAIN = 'resource "terraform_data" "x" {}\n'
MISSING = "00000000-0000-4000-8000-000000000001"


class Tasks(Group):
    def set_up(self):
        super().set_up()
        self.versions = {name: self.api.create_template(name, {"main.tf": text})["active_version_id"]
                         for name, text in (("task", BY_APP_ID), ("sidebar", BY_SIDEBAR), ("plain", PLAIN))}

    def create(self, prompt, template="task", **more):
        return self.api.post("/api/v2/tasks/me", {"template_version_id": self.versions[template], "input": prompt, **more}, status=201)

    def task(self, task_id):
        return self.api.get(f"/api/v2/tasks/me/{task_id}")

    def built(self, task):
        """Its workspace, once the build is done."""
        workspace = self.api.get(f"/api/v2/workspaces/{task['workspace_id']}")
        build = self.api.wait_build(workspace["latest_build"]["id"])
        equal(build["job"]["status"], "succeeded", f"the build ({build['job'].get('error')})")
        return self.api.get(f"/api/v2/workspaces/{task['workspace_id']}")

    def told(self, workspace):
        """(task id, prompt) as the provider saw them in its environment."""
        for resource in self.api.state(workspace["latest_build"]["id"])["resources"]:
            if resource["type"] == "coder_ai_task":
                attributes = resource["instances"][0]["attributes"]
                return attributes["id"], attributes["prompt"]
        return None

    def chat_app(self, workspace):
        return next(app["id"] for agent in self.api.agents(workspace) for app in agent["apps"] if app["slug"] == "chat")

    def case_bad_requests_are_refused(self):
        good = {"template_version_id": self.versions["task"], "input": "x"}
        for field, change in (("template_version_id", {"template_version_id": self.versions["plain"]}),
                              ("template_version_id", {"template_version_id": MISSING}),
                              ("input", {"input": "  "}), ("input", {"input": "x" * 100_001}),
                              ("name", {"name": "no name"}), ("display_name", {"display_name": "x" * 65})):
            answer = self.api.call("POST", "/api/v2/tasks/me", {**good, **change})
            equal(answer.status, 400, f"{change.keys()}")
            equal([each["field"] for each in answer.json()["validations"]], [field], "fields")
        for path in (f"/api/v2/tasks/me/{MISSING}", "/api/v2/tasks/me/nothing"):
            equal(self.api.call("GET", path).status, 404, path)
            equal(self.api.call("DELETE", path).status, 404, path)
            equal(self.api.call("PATCH", f"{path}/input", {"input": "x"}).status, 404, path)
        for query in ("status:lost", "color:red", "organization:nowhere"):
            equal(self.api.call("GET", f"/api/v2/tasks?q={query}").status, 400, query)
        equal(self.api.get("/api/v2/tasks")["tasks"], [], "tasks")

    def case_a_task_reaches_terraform_and_shows_its_workspace(self):
        task = self.create("Fix the login, please\nand test it")
        check(task["name"].startswith("fix-the-login-please-and-te-"), task["name"])
        equal((task["display_name"], task["initial_prompt"]), ("Fix the login, please", "Fix the login, please\nand test it"), "texts")
        equal((task["status"], task["workspace_name"], task["current_state"]), ("initializing", task["name"], None), "at first")
        workspace = self.built(task)
        equal(workspace["task_id"], task["id"], "the workspace's task")
        equal(workspace["latest_build"]["has_ai_task"], True, "has_ai_task")
        equal(self.told(workspace), (task["id"], "Fix the login, please\nand test it"), "what terraform was told")
        task = self.task(task["id"])
        equal((task["workspace_status"], task["status"]), ("running", "initializing"), "before the agent connects")
        equal(task["workspace_app_id"], self.chat_app(workspace), "the app")
        equal((task["workspace_agent_id"], task["workspace_agent_lifecycle"]), (self.api.agents(workspace)[0]["id"], "created"), "the agent")
        equal(self.api.get(f"/api/v2/tasks/me/{task['name']}"), task, "by name")

    def case_a_template_may_name_its_sidebar_app(self):
        workspace = self.built(task := self.create("x", "sidebar"))
        equal(self.task(task["id"])["workspace_app_id"], self.chat_app(workspace), "the app")

    def case_names_are_unique(self):
        self.create("x", name="taken")
        for name in ("taken", "TAKEN"):
            equal(self.api.call("POST", "/api/v2/tasks/me", {"template_version_id": self.versions["task"], "input": "x", "name": name}).status, 409, name)

    def case_only_a_paused_task_gets_another_prompt(self):
        task = self.create("first", name="changing")
        workspace = self.built(task)
        equal(self.api.call("PATCH", f"/api/v2/tasks/me/{task['id']}/input", {"input": "second"}).status, 409, "while it runs")
        self.api.build_done(workspace["id"], "stop")
        stopped = self.task(task["id"])
        equal((stopped["status"], stopped["workspace_app_id"]), ("paused", None), "stopped")
        equal(self.api.call("PATCH", f"/api/v2/tasks/me/{task['id']}/input", {"input": ""}).status, 400, "an empty one")
        equal(self.api.call("PATCH", f"/api/v2/tasks/me/{task['id']}/input", {"input": "second"}).status, 204, "while paused")
        self.api.build_done(workspace["id"], "start")
        equal(self.told(self.built(task)), (task["id"], "second"), "what terraform was told")

    def case_lists_are_filtered(self):
        names = lambda query: {each["name"] for each in self.api.get(f"/api/v2/tasks?q={query}")["tasks"]}
        self.built(paused := self.create("x", name="quiet"))
        self.api.build_done(paused["workspace_id"], "stop")
        equal(names("status:paused"), {"quiet"}, "paused ones")
        check({"quiet", "taken"} <= names("owner:me+organization:default"), "mine")
        equal(names("owner:nobody"), set(), "another's")

    def case_nobody_else_sees_a_task(self):
        organization = self.api.get("/api/v2/organizations/default")["id"]
        self.api.post("/api/v2/users", {"username": "other", "email": "other@example.com", "password": "SomeSecurePassword!", "organization_ids": [organization]}, status=201)
        token = self.api.post("/api/v2/users/login", {"email": "other@example.com", "password": "SomeSecurePassword!"}, status=201)["session_token"]
        other = Api(self.deployment.url, token)
        task = self.api.get("/api/v2/tasks/me/taken")
        equal(other.get("/api/v2/tasks")["tasks"], [], "tasks")
        for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"input": "x"})):
            path = f"/api/v2/tasks/me/{task['id']}" + ("/input" if body else "")
            equal(other.call(method, path, body).status, 404, method)
        check(other.call("POST", "/api/v2/tasks/admin", {"template_version_id": self.versions["task"], "input": "x"}).status in (403, 404), "for another")

    def case_a_task_and_its_workspace_go_together(self):
        task = self.create("x", name="going")
        workspace = self.built(task)
        equal(self.api.call("DELETE", f"/api/v2/tasks/me/{task['id']}").status, 202, "the deletion")
        equal(self.api.call("GET", f"/api/v2/tasks/me/{task['id']}").status, 404, "the task")
        wait_until("the workspace's end", lambda: self.api.call("GET", f"/api/v2/workspaces/{workspace['id']}").status == 410)

        workspace = self.built(task := self.create("x", name="going"))
        self.api.build_done(workspace["id"], "delete")
        equal(self.api.call("GET", f"/api/v2/tasks/me/{task['id']}").status, 404, "the task of a deleted workspace")

    def case_a_workspace_that_is_busy_keeps_its_task(self):
        task = self.create("x", name="busy")
        workspace = self.built(task)
        first = self.api.call("POST", f"/api/v2/workspaces/{workspace['id']}/builds", {"transition": "stop"})
        equal(first.status, 201, "the stop")
        status = self.api.call("DELETE", f"/api/v2/tasks/me/{task['id']}").status
        if status == 409:  # else the stop was over already
            equal(self.task(task["id"])["name"], "busy", "the task")
            self.api.wait_build(first.json()["id"])
            status = self.api.call("DELETE", f"/api/v2/tasks/me/{task['id']}").status
        equal(status, 202, "the deletion")

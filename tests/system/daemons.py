"""Who runs a job: workspace tags, daemons of people, and what a daemon says of itself in variables."""

import json
import signal

from everyday import daemon_options
from harness import NEEDS_CODER, Api, Group, attempt, check, contains, equal, path_without_terraform, wait_until

PARAMETER = """
variable "site" {
  default = "north"
}
locals {
  place = "${var.site}-1"
}
data "coder_parameter" "region" {
  name    = "region"
  default = "us"
  mutable = true
}
data "coder_parameter" "zone" {
  count   = data.coder_parameter.region.value == "eu" ? 1 : 0
  name    = "zone"
  default = "eu-1"
  mutable = true
}
"""
TAGS = 'data "coder_workspace_tags" "tags" {{\n  tags = {{\n    {}\n  }}\n}}\n'
UNTAGGED = {"owner": "", "scope": "organization"}


def template(tags):
    return {"main.tf": NEEDS_CODER + PARAMETER + (TAGS.format(tags) if tags else "") + 'resource "terraform_data" "work" {}\n'}


class Daemons(Group):
    """No daemon is the server's own."""

    arguments = ("--provisioner-daemons", "0")

    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)

    def daemon(self, name, *more, **environment):
        return self.deployment.popen(*daemon_options(self.folder, name, *more), CODER_URL=self.deployment.url, **environment)

    def daemons(self):
        return {daemon["name"]: daemon for daemon in self.api.get("/api/v2/organizations/default/provisionerdaemons")}

    def wait_daemon(self, name):
        return wait_until(f"the daemon {name}", lambda: self.daemons().get(name), 30)

    def end(self, daemon):
        daemon.send_signal(signal.SIGTERM)
        text = daemon.communicate(timeout=60)[0]
        equal(daemon.returncode, 0, f"exit code of the daemon:\n{text[-2000:]}\n")
        return text

    def post_version(self, files, tags=None, variables=None, api=None):
        api = api or self.api
        return api.post("/api/v2/organizations/default/templateversions", {
            "storage_method": "file", "file_id": api.upload(files), "provisioner": "terraform", "tags": tags or {},
            "user_variable_values": [{"name": name, "value": value} for name, value in (variables or {}).items()]}, status=201)

    def cancel_version(self, version, api=None):
        (api or self.api).want("PATCH", f"/api/v2/templateversions/{version['id']}/cancel")

    # --- tags of templates ---

    def case_an_import_asks_for_what_its_template_says(self):
        rows = [
            ("none", "", {}, {}, {}),
            ("of the request", "", {"gpu": "1"}, {}, {"gpu": "1"}),
            ("a literal", 'region = "eu"', {}, {}, {"region": "eu"}),
            ("a variable's default", "site = var.site", {}, {}, {"site": "north"}),
            ("a variable that is given", "site = local.place", {}, {"site": "south"}, {"site": "south-1"}),
            ("a parameter's default", '"at" = "x-${data.coder_parameter.region.value}"', {}, {}, {"at": "x-us"}),
            ("where both say something", 'region = "eu"\n    kind = "a"', {"region": "us", "gpu": "1"}, {}, {"region": "us", "gpu": "1", "kind": "a"}),
            ("a call, which the build alone can make", 'region = lower("EU")\n    kind = "a"', {}, {}, {"kind": "a"}),
        ]
        for what, expression, request, variables, wanted in rows:
            def one(expression=expression, request=request, variables=variables, wanted=wanted):
                version = self.post_version(template(expression), request, variables)
                self.cancel_version(version)
                equal(version["job"]["tags"], {**UNTAGGED, **wanted}, "tags")
            yield what, attempt(one)
        yield "of its user", attempt(self.scope_of_the_template)
        yield "too many", attempt(self.too_many_tags)
        yield "files that are no template", attempt(self.broken_files)

    def scope_of_the_template(self):
        version = self.post_version(template('scope = "user"'))
        self.cancel_version(version)
        equal(version["job"]["tags"], {"scope": "user", "owner": self.api.get("/api/v2/users/me")["id"]}, "tags")

    def too_many_tags(self):
        many = "\n    ".join(f't{number} = "x"' for number in range(33))
        refused = self.api.call("POST", "/api/v2/organizations/default/templateversions", {
            "storage_method": "file", "file_id": self.api.upload(template(many)), "provisioner": "terraform", "tags": {}})
        equal(refused.status, 400, "status")
        contains(refused.message(), "tags")

    def broken_files(self):
        version = self.post_version({"main.tf": 'data "coder_workspace_tags" {{{'}, {"gpu": "1"})
        self.cancel_version(version)
        equal(version["job"]["tags"], {**UNTAGGED, "gpu": "1"}, "tags")

    def case_a_template_with_tags_is_built_by_the_daemon_that_has_them(self):
        key = self.deployment.cli("provisioner", "keys", "create", "america", "--tag", "region=us").stdout.strip()
        self.key = key
        daemon = self.daemon("america", CODER_PROVISIONER_DAEMON_KEY=key)
        try:
            self.template = self.api.create_template("tagged", template("region = data.coder_parameter.region.value"))
            # Without a daemon of its own, the server still asks terraform what the form looks like.
            for region, names in (("us", ["region"]), ("eu", ["region", "zone"])):
                form = self.api.post(f"/api/v2/templateversions/{self.template['active_version_id']}/dynamic-parameters/evaluate",
                                     {"id": 1, "inputs": {"region": region}})
                equal(sorted(parameter["name"] for parameter in form["parameters"]), names, f"the form for {region}")
            workspace = self.new_workspace("near", self.template, {"region": "us"})
            job = workspace["latest_build"]["job"]
            equal((job["tags"].get("region"), job["worker_name"]), ("us", "america"), "the build's tag and daemon")
            far = self.api.create_workspace("far", self.template, {"region": "eu"})["latest_build"]
            equal(far["job"]["tags"].get("region"), "eu", "the tag of the other build")
            equal((far["job"]["queue_position"], far["job"]["queue_size"]), (0, 0), "its place")
            contains(self.api.build_logs(far["id"]), "region=eu")
            self.api.want("PATCH", f"/api/v2/workspacebuilds/{far['id']}/cancel")
        finally:
            self.end(daemon)

    def case_a_server_without_terraform_reads_the_tags_that_need_none(self):
        daemon = self.daemon("america", CODER_PROVISIONER_DAEMON_KEY=self.key)
        try:
            hard = self.api.import_version(template('region = data.coder_parameter.region.value\n    size = lower("BIG")'))
            equal(hard["job"]["status"], "succeeded", "the import of the template with a call")
            self.deployment.stop()
            self.deployment.server_environment = {"PATH": path_without_terraform()}
            self.deployment.start()
            contains(self.deployment.log(), "terraform cannot be run here")
            wait_until("the daemon to be back", lambda: self.daemons()["america"]["status"] == "idle", 30)
            workspace = self.new_workspace("plain", self.template, {"region": "us"})
            equal(workspace["latest_build"]["job"]["worker_name"], "america", "the build's daemon")
            refused = self.api.call("POST", "/api/v2/users/me/workspaces", {"name": "hard", "template_version_id": hard["id"]})
            check(refused.status // 100 == 4, f"status {refused.status}")
            contains(refused.message(), "terraform")
            for name in ("plain", "near"):
                self.api.build_done(self.api.workspace(name)["id"], "delete")
        finally:
            self.end(daemon)
            self.deployment.stop()
            self.deployment.server_environment = {}
            self.deployment.start()

    # --- what daemons are told ---

    def case_variables_hold_several_tags(self):
        made = self.deployment.cli("provisioner", "keys", "create", "several", CODER_PROVISIONERD_TAGS="where=env,size=big")
        keys = json.loads(self.deployment.cli("provisioner", "keys", "list", "--output", "json").stdout)
        equal({key["name"]: key["tags"] for key in keys}["several"], {"where": "env", "size": "big"}, "tags of the key")
        rows = [
            ("in the variable", [], {"CODER_PROVISIONERD_TAGS": "where=env,size=big"}),
            ("in one flag", ["--tag", "where=env,size=big"], {}),
            ("in several flags", ["--tag", "where=env", "-t", "size=big"], {}),
            ("of the key", [], {"CODER_PROVISIONER_DAEMON_KEY": made.stdout.strip()}),
        ]
        for number, (what, flags, environment) in enumerate(rows):
            def one(name=f"several-{number}", flags=flags, environment=environment):
                daemon = self.daemon(name, *flags, **environment)
                try:
                    equal(self.wait_daemon(name)["tags"], {**UNTAGGED, "where": "env", "size": "big"}, "tags of the daemon")
                finally:
                    self.end(daemon)
            yield what, attempt(one)

    def case_flags_of_coders_daemon_are_taken(self):
        log = self.folder / "daemon.json"
        daemon = self.daemon("logging", "--log-json", str(log), "--log-human", "/dev/null", "--log-filter", ".*", "--log-stackdriver", "/dev/null",
                             "--prometheus-enable", "--prometheus-address", "127.0.0.1:0", "--poll-interval", "1s")
        try:
            self.wait_daemon("logging")
        finally:
            text = self.end(daemon)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        check(lines, "the log as JSON is empty")
        check("logging" in json.dumps(lines), f"the daemon's name is not in {lines}")
        check("[info]" not in text, f"a log for people went elsewhere: {text}")
        for arguments, wanted in ((["--limit", "1"], 1), (["--max-age", "1ms"], 0)):
            listed = self.deployment.cli("provisioner", "list", "--show-offline", "--output", "json", *arguments)
            equal(len(json.loads(listed.stdout)), wanted, f"daemons with {arguments}")

    # --- daemons of people ---

    def case_a_daemon_of_a_person_does_their_jobs_alone(self):
        organization = self.api.get("/api/v2/organizations/default")["id"]
        self.api.post("/api/v2/users", {"email": "mary@example.com", "username": "mary", "password": "a-Long-Passw0rd!",
                                        "organization_ids": [organization]}, status=201)
        self.api.want("PUT", "/api/v2/users/mary/roles", {"roles": ["template-admin"]})
        mary = Api(self.api.url, self.api.post("/api/v2/users/login", {"email": "mary@example.com", "password": "a-Long-Passw0rd!"})["session_token"])
        others = [(self.api, self.post_version(template(""), {"scope": "user"})), (self.api, self.post_version(template(""))),
                  (mary, self.post_version(template(""), {"gpu": "1"}, api=mary))]
        hers = self.post_version(template(""), {"scope": "user"}, api=mary)
        daemon = self.daemon("marys", "--tag", "scope=user", CODER_SESSION_TOKEN=mary.token)
        try:
            done = mary.wait_version(hers["id"])
            equal((done["job"]["status"], done["job"]["worker_name"]), ("succeeded", "marys"), f"her import ({done['job'].get('error')})")
            # It would have taken them before hers, which is the youngest.
            for api, version in others:
                equal(api.get(f"/api/v2/templateversions/{version['id']}")["job"]["status"], "pending", f"the import with {version['job']['tags']}")
                self.cancel_version(version, api)
        finally:
            self.end(daemon)

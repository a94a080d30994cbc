"""Bad input gets a clear error. Each row of a table is a test of its own."""

import http.client
import io
import json
import urllib.parse
import uuid
import zipfile

from harness import EMAIL, PROCESS_TEMPLATE, Api, Group, attempt, check, contains, equal, upgrade_status

NOWHERE = "6f1c2f1e-0d5a-4a6c-9d3c-2b8b8c0e7f11"

# (what, method, path, body, status, words of the error body); {x} is an id of the deployment.
REQUESTS = [
    ("malformed JSON", "POST", "/api/v2/users/login", '{"email": ', 400, ["body: "]),
    ("JSON that goes on after its end", "POST", "/api/v2/users/login", '{"email": "a@b.c", "password": "x"} {', 400, ["body: "]),
    ("a list where an object belongs", "POST", "/api/v2/users/login", "[]", 400, []),
    ("a body with another type in a field", "POST", "/api/v2/organizations/default/templates", '{"name": 5, "template_version_id": "%s"}' % NOWHERE, 400, ["name"]),
    ("an empty object where fields are required", "POST", "/api/v2/organizations/default/templates", "{}", 400, ["name"]),
    ("a text that is no UUID in a body", "POST", "/api/v2/organizations/default/templates", '{"name": "x", "template_version_id": "nope"}', 400, ["template_version_id"]),
    ("an e-mail address that is none", "POST", "/api/v2/users/login", '{"email": "nobody", "password": "x"}', (400, 401), []),
    ("JSON nested too deep", "POST", "/api/v2/users/login", "[" * 100_000 + "]" * 100_000, 400, []),
    ("a wrong password", "POST", "/api/v2/users/login", json.dumps({"email": EMAIL, "password": "wrong"}), 401, []),
    ("an e-mail address nobody has", "POST", "/api/v2/users/login", '{"email": "nobody@example.com", "password": "wrong"}', 401, []),
    ("a path that does not exist", "GET", "/api/v2/nothing/here", None, 404, []),
    ("a path that is not built yet", "GET", "/api/v2/insights/templates", None, 501, []),
    ("a text that is no UUID in a path", "GET", "/api/v2/workspaces/not-a-uuid", None, 400, []),
    ("a workspace that is not there", "GET", f"/api/v2/workspaces/{NOWHERE}", None, 404, []),
    ("a build that is not there", "GET", f"/api/v2/workspacebuilds/{NOWHERE}", None, 404, []),
    ("the logs of a build that is not there", "GET", f"/api/v2/workspacebuilds/{NOWHERE}/logs", None, 404, []),
    ("a template that is not there", "GET", f"/api/v2/templates/{NOWHERE}", None, 404, []),
    ("a template version that is not there", "GET", f"/api/v2/templateversions/{NOWHERE}", None, 404, []),
    ("an agent that is not there", "GET", f"/api/v2/workspaceagents/{NOWHERE}", None, 404, []),
    ("a file that is not there", "GET", f"/api/v2/files/{NOWHERE}", None, 404, []),
    ("a user that is not there", "GET", "/api/v2/users/nobody", None, 404, []),
    ("an organization that is not there", "GET", f"/api/v2/organizations/{NOWHERE}", None, 404, []),
    ("a template that is to have a version that is not there", "POST", "/api/v2/organizations/default/templates", '{"name": "x", "template_version_id": "%s"}' % NOWHERE, (400, 404), []),
    ("a template version of a file that is not there", "POST", "/api/v2/organizations/default/templateversions", '{"storage_method": "file", "file_id": "%s", "provisioner": "terraform", "tags": {}}' % NOWHERE, (400, 404), []),
    ("a workspace of a template that is not there", "POST", "/api/v2/users/me/workspaces", '{"name": "x", "template_id": "%s"}' % NOWHERE, (400, 404), []),
    ("a workspace without a template", "POST", "/api/v2/users/me/workspaces", '{"name": "x"}', 400, ["template"]),
    ("a workspace with a bad name", "POST", "/api/v2/users/me/workspaces", '{"name": "a b", "template_id": "{template}"}', 400, ["name"]),
    ("a workspace with a reserved name", "POST", "/api/v2/users/me/workspaces", '{"name": "new", "template_id": "{template}"}', 400, ["name"]),
    ("a workspace name that is taken", "POST", "/api/v2/users/me/workspaces", '{"name": "live", "template_id": "{template}"}', 409, ["name"]),
    ("a workspace name that is taken, in other letters", "POST", "/api/v2/users/me/workspaces", '{"name": "LIVE", "template_id": "{template}"}', 409, ["name"]),
    ("a parameter value that fails validation", "POST", "/api/v2/users/me/workspaces", '{"name": "p", "template_id": "{template}", "rich_parameter_values": [{"name": "greeting", "value": "NO!"}]}', 400, ["greeting"]),
    ("a number parameter out of its range", "POST", "/api/v2/users/me/workspaces", '{"name": "p", "template_id": "{template}", "rich_parameter_values": [{"name": "slow", "value": "999"}]}', 400, ["slow"]),
    ("a number parameter that is no number", "POST", "/api/v2/users/me/workspaces", '{"name": "p", "template_id": "{template}", "rich_parameter_values": [{"name": "slow", "value": "soon"}]}', 400, ["slow"]),
    ("a transition that does not exist", "POST", "/api/v2/workspaces/{workspace}/builds", '{"transition": "explode"}', 400, ["transition"]),
    ("a template with live workspaces is not deleted", "DELETE", "/api/v2/templates/{template}", None, 400, []),
    ("an autostart schedule that is none", "PUT", "/api/v2/workspaces/{workspace}/autostart", '{"schedule": "every now and then"}', 400, ["schedule"]),
    ("a negative limit", "GET", "/api/v2/workspaces?limit=-5", None, (200, 400), []),
    ("a limit that is no number", "GET", "/api/v2/workspaces?limit=many", None, 400, ["limit"]),
    ("a search key that does not exist", "GET", "/api/v2/workspaces?q=colour:red", None, 400, ["colour"]),
    ("last choices without a template", "GET", "/api/v2/users/me/autofill-parameters", None, 400, ["template_id"]),
    ("last choices for a template whose id is none", "GET", "/api/v2/users/me/autofill-parameters?template_id=x", None, 400, ["template_id"]),
    ("last choices of nobody", "GET", f"/api/v2/users/nobody/autofill-parameters?template_id={NOWHERE}", None, 404, []),
    ("a build number that is no number", "GET", "/api/v2/users/me/workspace/live/builds/many", None, 400, []),
    ("a build number that is not there", "GET", "/api/v2/users/me/workspace/live/builds/99", None, 404, []),
    ("a token with a life that is too long", "POST", "/api/v2/users/me/keys/tokens", '{"token_name": "t", "lifetime": 9000000000000000000, "scope": "all"}', 400, ["lifetime"]),
]

BROKEN = 'resource "coder_agent" "main" {\n  os = "linux"\n  arch =\n}\n'
UNKNOWN_PROVIDER = 'terraform {\n  required_providers {\n    thing = {\n      source = "nobody/nothing"\n    }\n  }\n}\nresource "thing_one" "x" {}\n'
UNKNOWN_ATTRIBUTE = PROCESS_TEMPLATE / "main.tf"


class BadInput(Group):
    arguments = ("--provisioner-daemon-psk", "a-long-shared-secret")

    def set_up(self):
        super().set_up()
        self.template = self.process_template()
        self.workspace = self.new_workspace("live", self.template)

    def case_request(self):
        for what, method, path, body, status, words in REQUESTS:
            def one(method=method, path=path, body=body, status=status, words=words):
                def fill(text):
                    return text and text.replace("{template}", self.template["id"]).replace("{workspace}", self.workspace["id"])
                answer = self.api.call(method, fill(path), fill(body))
                allowed = status if isinstance(status, tuple) else (status,)
                check(answer.status in allowed, f"answered {answer.status}, wanted {status}: {answer.body[:400].decode(errors='replace')}")
                if answer.status >= 400:
                    text = answer.message()
                    for word in words:
                        contains(text, word, "the message")
            yield what, attempt(one)

    def case_login_does_not_tell_which_part_was_wrong(self):
        wrong = [self.api.call("POST", "/api/v2/users/login", {"email": email, "password": "wrong"}).json()["message"] for email in (EMAIL, "nobody@example.com")]
        equal(wrong[0], wrong[1], "message")

    def case_without_a_session(self):
        for what, token in (("no token", None), ("a token of the wrong shape", "x"), ("a token nobody has", "AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB")):
            def one(token=token):
                answer = Api(self.api.url, token).call("GET", "/api/v2/workspaces")
                equal(answer.status, 401, "status")
                answer.message()
            yield what, attempt(one)

    def case_a_body_that_says_it_is_huge_is_refused_at_once(self):
        rows = [("JSON", "/api/v2/users/login", "application/json", 12 << 20), ("a file", "/api/v2/files", "application/x-tar", 1 << 40)]
        for what, path, kind, size in rows:
            yield what, attempt(self.send_head, path, kind, size)

    def send_head(self, path, kind, size):
        parts = urllib.parse.urlsplit(self.api.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        connection.putrequest("POST", path)
        for name, value in (("Coder-Session-Token", self.api.token), ("Content-Type", kind), ("Content-Length", str(size))):
            connection.putheader(name, value)
        connection.endheaders()
        equal(connection.getresponse().status, 413, "status")
        connection.close()

    def case_a_zip_bomb_is_refused(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("main.tf", b"\0" * (600 << 20))
        answer = self.api.call("POST", "/api/v2/files", buffer.getvalue(), headers={"Content-Type": "application/zip"})
        check(answer.status in (400, 413), f"answered {answer.status}")

    def case_an_upload_of_no_known_kind_is_refused(self):
        answer = self.api.call("POST", "/api/v2/files", b"hello", headers={"Content-Type": "text/plain"})
        check(answer.status in (400, 415), f"answered {answer.status}")
        answer.message()

    def failed_import(self, files):
        version = self.api.import_version(files)
        equal(version["job"]["status"], "failed", "the import")
        return (version["job"].get("error") or "") + "\n" + self.api.version_logs(version["id"])

    def case_a_syntax_error_is_shown_with_its_file_and_line(self):
        text = self.failed_import({"main.tf": BROKEN})
        check("main.tf:3" in text or "main.tf line 3" in text or "main.tf:4" in text, f"no file and line in:\n{text}")

    def case_a_syntax_error_in_a_second_file_is_shown_with_its_file(self):
        contains(self.failed_import({"main.tf": 'locals {\n  a = 1\n}\n', "other.tf": BROKEN}), "other.tf")

    def case_an_unknown_provider_is_named(self):
        contains(self.failed_import({"main.tf": UNKNOWN_PROVIDER}), "nobody/nothing")

    def case_an_unknown_attribute_is_shown_with_its_line(self):
        text = UNKNOWN_ATTRIBUTE.read_text().replace("arch = data", "colour = \"red\"\n  arch = data")
        found = self.failed_import({"main.tf": text.replace('variable "folder" {', 'variable "folder" {\n  default = "x"')})
        contains(found, "colour")
        contains(found, "main.tf")

    def case_an_archive_without_terraform_files_is_refused(self):
        text = self.failed_import({"README.md": "nothing here"})
        check(text.strip(), "no reason is given")

    def case_a_required_variable_that_is_missing_is_named(self):
        version = self.api.import_version(PROCESS_TEMPLATE)
        equal(version["job"]["status"], "failed", "the import")
        equal(version["job"].get("error_code"), "REQUIRED_TEMPLATE_VARIABLES", "error code")

    def case_a_file_that_leaves_its_folder_is_not_written(self):
        text = self.failed_import({"../../escaped.tf": "locals {}\n", "main.tf": "locals {}\n"})
        check("escaped" in text or ".." in text, f"the reason does not name the file:\n{text}")

    def case_a_daemon(self):
        serve = "/api/v2/organizations/default/provisionerdaemons/serve?version={version}&name=stranger&provisioner=terraform&tag=scope%3Dorganization"
        right = {"Coder-Provisioner-Daemon-PSK": "a-long-shared-secret"}
        rows = [
            ("without a key is refused", "1.14", {}, (401, 403)),
            ("with a wrong pre-shared key is refused", "1.14", {"Coder-Provisioner-Daemon-PSK": "wrong"}, (401, 403)),
            ("with a wrong provisioner key is refused", "1.14", {"Coder-Provisioner-Daemon-Key": "wrong"}, (401, 403)),
            ("of a newer major version is refused", "99.0", right, (400,)),
            ("of a newer minor version is refused", "1.9999", right, (400,)),
            ("with a version that is none is refused", "latest", right, (400,)),
            ("with the right key is accepted", "1.14", right, (101,)),
        ]
        for what, version, headers, allowed in rows:
            def one(version=version, headers=headers, allowed=allowed):
                status, body = upgrade_status(self.api, serve.format(version=version), headers)
                check(status in allowed, f"answered {status}: {body}")
                if status != 101:
                    check(json.loads(body)["message"], f"no message in {body}")
            yield what, attempt(one)

    def case_foreign_workspaces_look_as_if_they_did_not_exist(self):
        name = "other"
        self.api.post("/api/v2/users", {"email": "other@example.com", "username": name, "password": "SomeSecurePassword42", "name": "",
                                        "login_type": "password", "organization_ids": [self.api.get("/api/v2/organizations/default")["id"]]})
        login = self.api.post("/api/v2/users/login", {"email": "other@example.com", "password": "SomeSecurePassword42"})
        other = Api(self.api.url, login["session_token"])
        build = self.workspace["latest_build"]["id"]
        agent = self.api.agents(self.workspace)[0]["id"]
        for method, path, body in (
                ("GET", f"/api/v2/workspaces/{self.workspace['id']}", None), ("PATCH", f"/api/v2/workspaces/{self.workspace['id']}", {"name": "mine"}),
                ("POST", f"/api/v2/workspaces/{self.workspace['id']}/builds", {"transition": "delete"}),
                ("GET", f"/api/v2/workspacebuilds/{build}", None), ("GET", f"/api/v2/workspacebuilds/{build}/state", None),
                ("GET", f"/api/v2/workspaceagents/{agent}", None), ("GET", "/api/v2/users/admin/workspace/live", None)):
            answer = other.call(method, path, body)
            equal(answer.status, 404, f"{method} {path}")
        equal(other.get("/api/v2/workspaces?q=")["count"], 0, "workspaces the other user sees")

    def case_nothing_of_all_that_ended_the_server(self):
        equal(self.deployment.process.poll(), None, "the server's exit code")
        equal(self.api.workspace("live")["latest_build"]["status"], "running", "the workspace")
        check(str(uuid.UUID(self.workspace["id"])) == self.workspace["id"], "ids are UUIDs")

    def case_secrets_are_not_in_the_log(self):
        log = self.deployment.log(10_000_000)
        for secret in (self.api.token, "SomeSecurePassword42", "a-long-shared-secret"):
            check(secret not in log, "a secret is in the server's log")

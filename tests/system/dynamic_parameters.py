"""Forms whose questions depend on the answers, evaluated by terraform itself."""

import hashlib
import json
import os

from harness import Api, Deployment, Group, attempt, check, contains, equal, processes_in, wait_until
from provisioning import RECORDING, terraform_path
from websocket import Closed, Refused, WebSocket

NOWHERE = "6f1c2f1e-0d5a-4a6c-9d3c-2b8b8c0e7f11"

# Notes each init, and stands at the gate with the plan of a form whose region is "us" while there is a gate.
WRAPPER = """#!/bin/sh
if test "$1" = init; then echo "$PWD" >> "{folder}/inits"; fi
if test "$1" = plan && test -p "{folder}/gate" && test "$CODER_PARAMETER_{region}" = us; then
    touch "{folder}/reached"
    read unused < "{folder}/gate"
fi
exec "{terraform}" "$@"
"""

# The last is fixed at the first build.
LASTING = RECORDING + """
data "coder_parameter" "disk" {
  name    = "disk"
  type    = "number"
  default = 10
}
"""


def values_of(parameters):
    return {parameter["name"]: parameter["value"]["value"] for parameter in parameters}


def live_processes(folder):
    """What runs in the folders where parameters are evaluated."""
    return [process for process in processes_in(folder) if "/live/" in os.readlink(f"/proc/{process[0]}/cwd")]


class DynamicParameters(Group):
    """Parameters that depend on each other."""

    def set_up(self):
        super().set_up()
        self.template = self.api.create_template("dynamic", {"main.tf": RECORDING}, {"folder": str(self.folder)})
        self.path = f"/api/v2/templateversions/{self.template['active_version_id']}/dynamic-parameters/evaluate"

    def form(self, **inputs):
        answer = self.api.post(self.path, {"id": 7, "inputs": {name: str(value) for name, value in inputs.items()}})
        equal(answer["id"], 7, "the id")
        equal(answer["diagnostics"], [], "diagnostics of no parameter")
        return {parameter["name"]: parameter for parameter in answer["parameters"]}

    def case_the_form_follows_the_answers(self):
        form = self.form()
        equal(sorted(form), ["region", "zone"], "parameters")
        equal([option["value"]["value"] for option in form["zone"]["options"]], ["eu-1", "eu-2"], "zones")
        form = self.form(region="us")
        equal(sorted(form), ["gpus", "region", "zone"], "parameters")
        equal(form["zone"]["value"], {"value": "us-1", "valid": True}, "the zone")

    def case_a_refused_answer_is_named_and_the_rest_is_shown(self):
        form = self.form(region="us", zone="eu-1", gpus=9)
        equal(form["zone"]["value"]["value"], "eu-1", "what was answered")
        check(form["zone"]["diagnostics"] and form["gpus"]["diagnostics"], f"no diagnostics in {form}")
        check(not form["region"]["diagnostics"], "the region is blamed")

    def case_a_workspace_with_answers_that_only_the_template_understands(self):
        workspace = self.new_workspace("us", self.template, {"region": "us", "zone": "us-1", "gpus": 2})
        values = {v["name"]: v["value"] for v in self.api.get(f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}/parameters")}
        equal(values, {"region": "us", "zone": "us-1", "gpus": "2"}, "the build's parameters")
        self.workspace = workspace

    def case_answers_that_do_not_go_together_are_refused(self):
        for name, parameters, field in (("a", {"region": "us", "zone": "eu-1"}, "zone"), ("b", {"gpus": 1}, "gpus"),
                                        ("c", {"region": "us", "gpus": 5}, "gpus"), ("d", {"region": "mars"}, "region")):
            answer = self.api.call("POST", "/api/v2/users/me/workspaces", {
                "name": name, "template_id": self.template["id"],
                "rich_parameter_values": [{"name": key, "value": str(value)} for key, value in parameters.items()]})
            equal(answer.status, 400, f"status for {parameters}")
            contains(answer.message(), field)

    def case_a_stop_does_not_ask_again(self):
        self.api.build_done(self.workspace["id"], "stop")
        self.api.build_done(self.workspace["id"], "delete")

    def case_a_build_that_no_daemon_can_take_says_why(self):
        text = RECORDING + 'data "coder_workspace_tags" "tags" {\n  tags = {\n    region = lower(data.coder_parameter.region.value)\n  }\n}\n'
        template = self.api.create_template("tagged", {"main.tf": text}, {"folder": str(self.folder)})
        workspace = self.api.create_workspace("waits", template, {"region": "us", "zone": "us-1"})
        equal(workspace["latest_build"]["job"]["tags"].get("region"), "us", "the job's tag")
        contains(self.api.build_logs(workspace["latest_build"]["id"]), "region=us")
        self.api.want("PATCH", f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}/cancel")


class Form(WebSocket):
    """An open form; `first` is what it shows before anything was answered."""

    def __init__(self, api, version_id, query="", **options):
        super().__init__(api, f"/api/v2/templateversions/{version_id}/dynamic-parameters{query}", **options)
        self.first = self.next()

    def next(self):
        return json.loads(self.receive())

    def ask(self, number, **inputs):
        self.send({"id": number, "inputs": inputs})

    def until(self, number):
        """All responses up to this one."""
        seen = []
        while not seen or seen[-1]["id"] != number:
            seen.append(self.next())
        return seen


class ParameterForms(Group):
    """The WebSocket of a form."""

    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        wrapper = folder / "terraform"
        region = hashlib.sha256(b"region").hexdigest()
        wrapper.write_text(WRAPPER.format(folder=folder, terraform=terraform_path(), region=region))
        wrapper.chmod(0o755)
        self.deployment = Deployment(berth, folder, ["--terraform-binary", str(wrapper)])
        self.api = self.deployment.api

    def set_up(self):
        super().set_up()
        self.template = self.api.create_template("forms", {"main.tf": LASTING}, {"folder": str(self.folder)})
        self.version = self.template["active_version_id"]

    def warm_inits(self):
        """How often terraform was initialized for a form."""
        return [line for line in (self.folder / "inits").read_text().splitlines() if "/live/" in line]

    def case_ten_forms_at_once_prepare_the_template_once(self):
        forms = [WebSocket(self.api, f"/api/v2/templateversions/{self.version}/dynamic-parameters") for _ in range(10)]
        for form in forms:
            response = json.loads(form.receive())
            equal((response["id"], response["diagnostics"]), (-1, []), "the first response")
            equal(values_of(response["parameters"]), {"region": "eu", "zone": "eu-1", "disk": "10"}, "the values")
            form.drop()
        equal(len(self.warm_inits()), 1, "times that terraform was initialized")

    def case_a_form_follows_the_answers(self):
        with Form(self.api, self.version) as form:
            equal(form.first["id"], -1, "the id of the first response")
            for number, inputs, values in (
                    (0, {"region": "us"}, {"region": "us", "zone": "us-1", "gpus": "1", "disk": "10"}),
                    (1, {"region": "us", "gpus": "3"}, {"region": "us", "zone": "us-1", "gpus": "3", "disk": "10"}),
                    (5, {"zone": "eu-2"}, {"region": "eu", "zone": "eu-2", "disk": "10"})):
                form.ask(number, **inputs)
                response = form.next()
                equal((response["id"], values_of(response["parameters"])), (number, values), "the response")

    def case_the_latest_of_many_requests_wins(self):
        with Form(self.api, self.version) as form:
            last = 60
            for number in range(last + 1):
                form.ask(number, region=("eu", "us")[number % 2], disk=str(number))
            responses = form.until(last)
            ids = [response["id"] for response in responses]
            equal(ids, sorted(set(ids)), "ids that rise")
            for response in responses:
                values = values_of(response["parameters"])
                number = response["id"]
                equal((values["region"], values["disk"]), (("eu", "us")[number % 2], str(number)), f"the values of {number}")

    def case_an_outdated_evaluation_holds_up_nobody(self):
        os.mkfifo(self.folder / "gate")
        with Form(self.api, self.version) as form:
            form.ask(0, region="us")
            wait_until("terraform to stand at the gate", (self.folder / "reached").exists)
            form.ask(1, zone="eu-2")
            equal([response["id"] for response in form.until(1)], [1], "the responses")
            (self.folder / "reached").unlink()
            form.ask(2, region="us")
            wait_until("terraform to stand there again", (self.folder / "reached").exists)
        # The form is closed; whose turn it was does not wait for its terraform.
        answer = self.api.post(f"/api/v2/templateversions/{self.version}/dynamic-parameters/evaluate", {"id": 3, "inputs": {}})
        equal(answer["diagnostics"], [], "the next form's diagnostics")
        os.unlink(self.folder / "gate")
        log = self.deployment.log(1_000_000)
        check("terraform took too long" not in log, "the evaluations ended by their time limit only")

    def case_one_person_has_only_so_many_forms_open(self):
        path = f"/api/v2/templateversions/{self.version}/dynamic-parameters"
        forms = [WebSocket(self.api, path) for _ in range(16)]
        try:
            WebSocket(self.api, path).drop()
            check(False, "a 17th form was opened")
        except Refused as refused:
            equal(refused.status, 429, "the status")
            contains(refused.body, "too many parameter forms")
            check(int(refused.headers["retry-after"]) > 0, f"no Retry-After in {refused.headers}")
        WebSocket(self.member(), path).drop()
        for form in forms:
            form.drop()

        def opens():
            try:
                WebSocket(self.api, path).drop()
                return True
            except Refused:
                return False
        wait_until("room for a form", opens)

    def member(self):
        """A person who may use the template and see nobody else."""
        if not hasattr(self, "mary"):
            organization = self.template["organization_id"]
            person = {"email": "mary@example.com", "username": "mary", "password": "a-Long-Passw0rd!"}
            self.mary_id = self.api.post("/api/v2/users", {**person, "organization_ids": [organization]}, status=201)["id"]
            login = self.api.post("/api/v2/users/login", {"email": person["email"], "password": person["password"]}, status=201)
            self.mary = Api(self.api.url, login["session_token"])
        return self.mary

    def case_bad_messages_get_a_clear_answer(self):
        admin = self.api.get("/api/v2/users/me")["id"]
        number = {"id": 1}
        rows = [
            # (what, message, code of the close or None, words of the reason or of the diagnostic)
            ("no JSON", "hello", 1003, "body"),
            ("a list", "[]", 1003, ""),
            ("an id that is a text", '{"id": "one"}', 1003, "id"),
            ("inputs that are a list", '{"id": 1, "inputs": []}', 1003, "inputs"),
            ("an input that is a number", '{"id": 1, "inputs": {"region": 1}}', 1003, "inputs"),
            ("an owner that is no UUID", '{"id": 1, "owner_id": "ada"}', 1003, "owner_id"),
            ("a binary message that is no UTF-8", b"\xff\xfe", 1007, ""),
            ("a message of more than a megabyte", json.dumps({"id": 1, "inputs": {"zone": "x" * (1 << 20)}}), 1009, ""),
            ("10,000 inputs", {**number, "inputs": {str(index): "x" for index in range(10_000)}}, None, "more than 1000 parameter values"),
            ("a value that fits into no environment", {**number, "inputs": {"zone": "x" * 200_000}}, None, 'parameter "zone" is longer than'),
            ("a value with a NUL", {**number, "inputs": {"zone": "a\0b"}}, 1003, "NUL"),
            ("an owner who does not exist", {**number, "owner_id": NOWHERE}, None, "owner_id: there is no such user"),
            ("an owner who may not be seen", {**number, "owner_id": admin}, None, "owner_id: there is no such user"),
        ]
        api = self.member()

        def try_one(message, code, words):
            with Form(api, self.version) as form:
                form.send(message)
                if code is None:
                    response = form.next()
                    equal((response["id"], response["parameters"]), (1, []), "the response")
                    contains(response["diagnostics"][0]["detail"], words)
                    form.ask(2)
                    equal((form.next()["diagnostics"]), [], "afterwards")
                else:
                    try:
                        check(False, f"was answered {form.receive()}")
                    except Closed as closed:
                        equal(closed.code, code, f"the code ({closed.reason})")
                        contains(closed.reason, words)
        failures = [f"{what}: {trouble}" for what, *row in rows if (trouble := attempt(try_one, *row))]
        check(not failures, "\n".join(failures))

    def case_unknown_names_change_nothing(self):
        with Form(self.api, self.version) as form:
            form.ask(1, nobody="asked", gpus="9")
            response = form.next()
            equal((values_of(response["parameters"]), response["diagnostics"]), (values_of(form.first["parameters"]), []), "the form")

    def case_versions_that_have_no_form_say_so(self):
        broken = self.api.import_version({"main.tf": 'data "coder_parameter" "x" {\n  name =\n}\n'})
        equal(broken["job"]["status"], "failed", "the import")
        older = self.api.import_version({"main.tf": RECORDING}, self.template["id"], {"folder": str(self.folder)})
        self.api.post(f"/api/v2/templateversions/{older['id']}/archive")
        alone = self.api.import_version({"main.tf": RECORDING}, variables={"folder": str(self.folder)})
        admin = self.api.get("/api/v2/users/me")["id"]
        rows = [
            ("a failed import", self.api, broken["id"], "", 400, "import of the template version did not succeed"),
            ("one that is not there", self.api, NOWHERE, "", 404, ""),
            ("an id that is none", self.api, "nope", "", 400, ""),
            ("one of a template that is not shared", self.member(), alone["id"], "", 404, ""),
            ("an owner who does not exist", self.api, self.version, f"?user_id={NOWHERE}", 400, "there is no such user"),
            ("an owner who may not be seen", self.member(), self.version, f"?user_id={admin}", 400, "there is no such user"),
            ("an owner that is no UUID", self.api, self.version, "?user_id=ada", 400, "user_id"),
            ("an archived one, which workspaces may still have", self.api, older["id"], "", 101, ""),
            ("somebody else's form, of who may see them", self.api, self.version, f"?user_id={self.mary_id}", 101, ""),
        ]

        def try_one(api, version, query, status, words):
            try:
                with Form(api, version, query) as form:
                    equal(status, 101, "the handshake")
                    equal(form.first["diagnostics"], [], "the first response's diagnostics")
            except Refused as refused:
                equal(refused.status, status, "the status")
                contains(refused.body, words)
        failures = [f"{what}: {trouble}" for what, *row in rows if (trouble := attempt(try_one, *row))]
        check(not failures, "\n".join(failures))

    def case_what_was_chosen_last_is_offered_again(self):
        chosen = {"region": "us", "zone": "us-1", "gpus": "3", "disk": "20"}
        workspace = self.new_workspace("lasting", self.template, chosen)
        autofill = self.api.get(f"/api/v2/users/me/autofill-parameters?template_id={self.template['id']}")
        equal({entry["name"]: entry["value"] for entry in autofill}, chosen, "what is filled in")
        equal(self.member().get(f"/api/v2/users/me/autofill-parameters?template_id={self.template['id']}"), [], "somebody else's")
        build = workspace["latest_build"]["id"]
        last = {entry["name"]: entry["value"] for entry in self.api.get(f"/api/v2/workspacebuilds/{build}/parameters")}
        equal(last, chosen, "the last build's values")
        with Form(self.api, self.version) as form:
            form.ask(1, **last)
            parameters = form.next()["parameters"]
        equal(values_of(parameters), chosen, "the form of the workspace")
        equal({entry["name"]: entry["mutable"] for entry in parameters},
              {"region": True, "zone": True, "gpus": True, "disk": False}, "what may be changed")
        equal([entry["name"] for entry in parameters if entry["diagnostics"]], [], "parameters with a diagnostic")
        self.api.build_done(workspace["id"], "delete")

    def case_a_server_that_ends_leaves_no_terraform_behind(self):
        for how in (self.deployment.stop, self.deployment.kill):
            (self.folder / "reached").unlink(missing_ok=True)
            os.mkfifo(self.folder / "gate")
            with Form(self.api, self.version) as form:
                form.ask(0, region="us")
                wait_until("terraform to stand at the gate", (self.folder / "reached").exists)
                how()
            os.unlink(self.folder / "gate")
            self.deployment.start()
            wait_until("the evaluation to end", lambda: not live_processes(self.deployment.folder))
            with Form(self.api, self.version) as form:
                equal(form.first["diagnostics"], [], "the form after the restart")

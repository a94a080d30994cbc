"""What the command line says when something is wrong, and what it prints for programs."""

import json

from harness import Group, attempt, check, contains, equal

# 1 failure, 2 wrong usage, 3 not logged in or not allowed, 4 not found, 5 conflict, 6 the server cannot be reached.
# (what, arguments, exit codes that are right, words the error must have)
ERRORS = [
    ("an unknown command", ["frobnicate"], {2}, ["frobnicate"]),
    ("an unknown flag", ["list", "--frobnicate"], {2}, ["frobnicate"]),
    ("a workspace that is not there", ["show", "nope"], {4}, ["nope"]),
    ("ssh to a workspace that is not there", ["ssh", "nope", "--", "true"], {4}, ["nope"]),
    ("a template that is not there", ["create", "x", "--template", "nope", "--yes"], {4}, ["nope"]),
    ("create without a template and without a terminal", ["create", "x"], {1, 2}, ["--template"]),
    ("a folder that is not there", ["templates", "push", "x", "--directory", "/nonexistent/folder", "--yes"], {1, 2, 4}, ["/nonexistent/folder"]),
    ("a bad workspace name", ["create", "bad name!", "--template", "process", "--yes"], {1, 2}, ["name"]),
    ("a parameter without a value", ["create", "x", "--template", "process", "--parameter", "greeting", "--yes"], {1, 2}, ["greeting"]),
    ("a parameter the template does not have", ["create", "x", "--template", "process", "--parameter", "colour=red", "--yes"], {1, 2}, ["colour"]),
    ("a parameter value that fails validation", ["create", "x", "--template", "process", "--parameter", "greeting=NO!", "--yes"], {1, 2}, ["greeting"]),
    ("a server that does not answer", ["login", "http://127.0.0.1:9", "--token", "x"], {6}, ["127.0.0.1:9"]),
    ("delete without --yes and without a terminal", ["delete", "nope"], {2, 4}, ["nope"]),
]


class CommandLine(Group):
    def set_up(self):
        super().set_up()
        self.process_template()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)

    def case_help_names_the_commands(self):
        text = self.deployment.cli("--help").stdout
        for command in ("server", "login", "create", "templates", "ssh", "config-ssh", "agent", "provisioner"):
            contains(text, command)

    def case_errors_say_what_is_wrong(self):
        for what, arguments, codes, words in ERRORS:
            def one(arguments=arguments, codes=codes, words=words):
                done = self.deployment.cli(*arguments, code=None, timeout=60)
                check(done.returncode in codes, f"exit code {done.returncode}, wanted one of {sorted(codes)}: {done.stdout}{done.stderr}")
                for word in words:
                    contains(done.stderr, word, "stderr")
            yield what, attempt(one)

    def case_without_a_login_it_says_how_to_log_in(self):
        done = self.deployment.cli("list", code=None, CODER_CONFIG_DIR=str(self.folder / "elsewhere"))
        equal(done.returncode, 3, "exit code")
        contains(done.stderr, "login")

    def case_a_rejected_token_says_how_to_log_in(self):
        done = self.deployment.cli("list", code=None, CODER_CONFIG_DIR=str(self.folder / "elsewhere"), CODER_URL=self.deployment.url,
                                   CODER_SESSION_TOKEN="AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB")
        equal(done.returncode, 3, "exit code")
        contains(done.stderr, "login")

    def case_tokens_are_created_listed_and_removed(self):
        token = self.deployment.cli("tokens", "create", "--name", "ci").stdout.strip().splitlines()[-1]
        contains(self.deployment.cli("tokens", "list").stdout, "ci")
        whoami = self.deployment.cli("whoami", CODER_CONFIG_DIR=str(self.folder / "elsewhere"), CODER_URL=self.deployment.url, CODER_SESSION_TOKEN=token)
        contains(whoami.stdout, "admin")
        self.deployment.cli("tokens", "remove", "ci")
        done = self.deployment.cli("whoami", code=None, CODER_CONFIG_DIR=str(self.folder / "elsewhere"), CODER_URL=self.deployment.url, CODER_SESSION_TOKEN=token)
        check(done.returncode != 0, "the removed token still works")

    def case_templates_are_listed_as_json_and_pulled(self):
        listed = json.loads(self.deployment.cli("templates", "list", "--output", "json").stdout)
        check(any(entry.get("name") == "process" or entry.get("Template", {}).get("name") == "process" for entry in listed), f"{listed}"[:300])
        target = self.folder / "pulled"
        self.deployment.cli("templates", "pull", "process", str(target), "--yes")
        contains((target / "main.tf").read_text(), "coder_agent")

    def case_state_is_pulled_and_pushed(self):
        self.new_workspace("stateful", self.api.get("/api/v2/organizations/default/templates/process"))
        file = self.folder / "state.json"
        self.deployment.cli("state", "pull", "stateful", str(file))
        contains(file.read_text(), "terraform_data")
        self.deployment.cli("state", "push", "stateful", str(file))
        self.deployment.cli("delete", "stateful", "--yes")

    def case_logout_forgets_the_session(self):
        self.deployment.cli("logout", "--yes")
        check(not (self.deployment.folder / "cli/session").exists(), "the session file is still there")
        check(self.deployment.cli("whoami", code=None).returncode != 0, "whoami still works")

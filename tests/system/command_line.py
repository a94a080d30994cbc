"""What the command line says when something is wrong, and what it prints for programs."""

import json
import os

from harness import EMAIL, PASSWORD, Group, Recorder, attempt, check, contains, equal

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
    ("a build reason that does not exist", ["start", "nope", "--reason", "whim"], {2, 4}, []),
    ("a wait that does not exist", ["ssh", "nope", "--wait", "maybe", "--", "true"], {2}, ["maybe"]),
    ("a job that is no id", ["provisioner", "jobs", "cancel", "nope", "--yes"], {2}, ["nope"]),
    ("a provisioner key with a bad name", ["provisioner", "keys", "create", "not a name"], {2}, ["name"]),
    ("a provisioner key that is not there", ["provisioner", "keys", "delete", "nope", "--yes"], {4}, []),
    ("tags beside a provisioner key", ["provisioner", "start", "--key", "x", "--tag", "a=b"], {2}, ["--tag"]),
    ("delete without --yes and without a terminal", ["delete", "nope"], {2, 4}, ["nope"]),
]


class CommandLine(Group):
    arguments = ("--update-check",)

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

    def case_login_asks_for_email_and_password_at_a_terminal(self):
        config = self.folder / "asked"
        for password, code in (("wrong password", 3), (PASSWORD, 0)):
            terminal = self.deployment.terminal("login", self.deployment.url, CODER_CONFIG_DIR=str(config))
            terminal.expect("Email: ")
            check(terminal.echoes(), "the email is not echoed")
            terminal.send(EMAIL + "\n")
            terminal.expect("Password: ")
            check(not terminal.echoes(), "the password is echoed")
            terminal.send(password + "\n")
            equal(terminal.end(), code, f"exit code with the password {password!r}:\n{terminal.text}\n")
            check(password not in terminal.text, f"the password is on the screen:\n{terminal.text}")
            equal((config / "session").exists(), code == 0, "there is a session")
        contains(self.deployment.cli("whoami", CODER_CONFIG_DIR=str(config)).stdout, "admin")

    def case_login_without_a_terminal_says_what_to_set(self):
        done = self.deployment.cli("login", self.deployment.url, code=2, CODER_CONFIG_DIR=str(self.folder / "unasked"))
        contains(done.stderr, "CODER_SESSION_TOKEN")

    def case_a_header_command_gives_headers(self):
        def refuse(_):
            return 401, {"message": "no"}
        with Recorder(refuse) as server:
            def whoami(command):
                return self.deployment.cli("--header-command", command, "--header", "X-Plain=p=q", "whoami", code=None,
                                           CODER_URL=server.url, CODER_SESSION_TOKEN="x")
            for command, code in (("echo secret-without-a-sign", 2), ("exit 3", 1)):
                done = whoami(command)
                equal(done.returncode, code, f"exit code of {command!r}: {done.stderr}")
                check("secret-without" not in done.stderr, f"the header is shown: {done.stderr}")
            equal(server.requests, [], "requests")
            whoami('printf "X-One=1\\n\\nX-Url=$CODER_URL=\\n"')
            headers = server.requests[0][1]
            equal((headers.get("X-One"), headers.get("X-Url"), headers.get("X-Plain")), ("1", f"{server.url}=", "p=q"), "headers")

    def case_the_configuration_is_written_instead_of_serving(self):
        data = self.folder / "never"
        done = self.deployment.cli("server", "--global-config", str(data), "--write-config", "--http-address", "127.0.0.1:1",
                                   "--provisioner-daemon-psk", "a-long-shared-secret", timeout=30)
        contains(done.stdout, 'httpAddress: "127.0.0.1:1"')
        check("a-long-shared-secret" not in done.stdout, "a secret is in it")
        check(not data.exists(), "the server made its folder")

    def case_protection_that_is_not_built_is_refused(self):
        done = self.deployment.cli("server", "--global-config", str(self.folder / "never"), "--tls-ciphers", "X", "--api-rate-limit", "5",
                                   code=1, timeout=30)
        contains(done.stderr, "--tls-ciphers", "stderr")
        contains(done.stderr, "--api-rate-limit", "stderr")

    def case_options_without_effect_are_named_at_the_start(self):
        log = self.deployment.log()
        lines = [line for line in log.splitlines() if "no effect" in line]
        equal(len(lines), 1, f"lines in {log[:2000]}")
        contains(lines[0], "--update-check", "the line")
        check("--http-address" not in lines[0], lines[0])

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

    def case_config_ssh_never_replaces_what_it_cannot_read(self):
        folder, link = self.folder / "a-folder", self.folder / "a-link"
        folder.mkdir()
        link.symlink_to(self.folder / "nowhere/config")
        secret = self.folder / "unreadable"
        secret.write_text("Host mine\n")
        secret.chmod(0)
        paths = [folder, link] + ([secret] if os.getuid() != 0 else [])
        for path in paths:
            done = self.deployment.cli("config-ssh", "--yes", "--ssh-config-file", str(path), code=2)
            contains(done.stderr, str(path), "stderr")
        check(folder.is_dir() and link.is_symlink(), "something was replaced")

    def case_config_ssh_dry_run_touches_nothing(self):
        config = self.folder / "dry-config"
        config.write_text("Host mine\n    User me")
        before = config.stat()
        contains(self.deployment.cli("config-ssh", "--dry-run", "--ssh-config-file", str(config)).stdout, "+Host coder.*")
        equal(config.read_text(), "Host mine\n    User me", "the file")
        after = config.stat()
        equal((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns), "inode and time")
        absent = self.folder / "absent"
        self.deployment.cli("config-ssh", "--dry-run", "--ssh-config-file", str(absent))
        check(not absent.exists(), "--dry-run made a file")

    def case_logout_forgets_the_session(self):
        self.deployment.cli("logout", "--yes")
        check(not (self.deployment.folder / "cli/session").exists(), "the session file is still there")
        check(self.deployment.cli("whoami", code=None).returncode != 0, "whoami still works")

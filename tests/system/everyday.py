"""What people do every day with a workspace and its template, on the command line; and daemons outside the server."""

import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import zipfile

from harness import PROCESS_TEMPLATE, Group, Recorder, attempt, check, contains, equal, program_output, wait_until

LISTS = [
    ["list"], ["show", "live"], ["version"], ["whoami"], ["templates", "list"], ["templates", "versions", "list", "process"],
    ["tokens", "list"], ["secret", "list"], ["provisioner", "list"], ["provisioner", "keys", "list"], ["provisioner", "jobs", "list"],
    ["stat"], ["stat", "cpu"], ["stat", "mem"], ["stat", "disk"],
]


class Everyday(Group):
    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        self.template = self.process_template()
        self.new_workspace("live", self.template)
        self.api.wait_agent("live")

    def cli(self, *arguments, **options):
        return self.deployment.cli(*arguments, **options)

    def latest(self, name):
        return self.api.workspace(name)["latest_build"]

    # --- ssh ---

    def case_ssh_at_a_terminal_is_a_shell(self):
        terminal = self.deployment.terminal("ssh", "live")
        terminal.send("echo ready-$((40 + 2)); tty >/dev/null && echo a-$((1 + 1))-terminal\n")
        terminal.expect("ready-42")
        terminal.expect("a-2-terminal")
        terminal.send("stty size; echo size-$((3 + 4))\n")
        contains(terminal.expect("size-7"), "24 80", "the size")
        terminal.send("exit 5\n")
        equal(terminal.end(), 5, "exit code")

    def case_ssh_passes_every_change_of_the_size_on(self):
        terminal = self.deployment.terminal("ssh", "live")
        terminal.send("echo ready-$((40 + 2)); while :; do echo size-$(stty size | tr ' ' x); sleep 0.02; done\n")
        terminal.expect("ready-42")
        for columns in range(101, 109):
            terminal.resize(33, columns)
            terminal.expect(f"size-33x{columns}", 10)
        terminal.send("\x03")
        terminal.send("exit 0\n")
        terminal.end()

    def case_ssh_pipes_megabytes_both_ways(self):
        text = base64.b64encode(os.urandom(12 << 20)).decode()
        equal(self.cli("ssh", "live", "--", "cat", text_input=text).stdout == text, True, "what came back is what was sent")
        counted = self.cli("ssh", "live", "--", "wc -c", text_input=text).stdout
        equal(int(counted), len(text), "bytes that arrived")
        equal(len(self.cli("ssh", "live", "--", "head -c 5000000 /dev/zero | tr '\\0' x").stdout), 5_000_000, "bytes that came")

    def case_ssh_keeps_the_outputs_apart(self):
        endless = self.deployment.popen("ssh", "live", "--", "yes")
        equal(endless.stdout.readline(), "y\n", "the first line of an endless output")
        endless.stdout.close()
        equal(endless.wait(timeout=60), 141, "exit code when nobody reads any more")
        done = self.cli("ssh", "live", "--", "echo out; echo err >&2; exit 3", code=3)
        equal((done.stdout, done.stderr), ("out\n", "err\n"), "outputs")

    def case_ssh_forwards_the_agent_when_asked(self):
        key = self.folder / "key"
        program_output(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
        started = program_output(["ssh-agent", "-s"]).stdout
        socket = re.search(r"SSH_AUTH_SOCK=([^;]+);", started).group(1)
        try:
            program_output(["ssh-add", "-q", str(key)], env={**os.environ, "SSH_AUTH_SOCK": socket})
            fingerprint = program_output(["ssh-keygen", "-l", "-f", str(key)]).stdout.split()[1]
            # Twice on one connection, so that a link that has ended does not stand in the way.
            listed = self.cli("ssh", "-A", "live", "--", "ssh-add -l; ssh-add -l", SSH_AUTH_SOCK=socket).stdout
            equal(listed.count(fingerprint), 2, f"times the key is listed in {listed}")
            without = self.cli("ssh", "live", "--", "echo socket: $SSH_AUTH_SOCK", SSH_AUTH_SOCK=socket).stdout
            equal(without.strip(), "socket:", "the socket without -A")
        finally:
            os.kill(int(re.search(r"SSH_AGENT_PID=(\d+)", started).group(1)), signal.SIGTERM)

    def case_ssh_waits_for_the_start_scripts_when_asked(self):
        files = {"main.tf": (PROCESS_TEMPLATE / "main.tf").read_text().replace(
            "echo started with $GREETING; touch started", "until test -e go; do sleep 0.05; done; touch started")}
        template = self.api.create_template("waiting", files, {"folder": str(self.deployment.workspaces)})
        self.new_workspace("waiting", template)
        self.api.wait_agent("waiting", "starting")
        look = "test -e started && echo done || echo not yet"
        equal(self.cli("ssh", "--wait=no", "waiting", "--", look).stdout, "not yet\n", "with --wait=no")
        equal(self.cli("ssh", "waiting", "--", look).stdout, "not yet\n", "without --wait, when no script blocks")
        patient = self.deployment.popen("ssh", "--wait=yes", "waiting", "--", look)
        contains(patient.stdout.readline(), "startup script", "what it waits for")
        self.cli("ssh", "--wait=no", "waiting", "--", "touch go")
        equal(patient.communicate(timeout=60)[0], "done\n", "with --wait=yes")
        self.cli("delete", "waiting", "--yes")

    # --- logs, stat, lists ---

    def case_logs_show_the_build_and_the_agent(self):
        text = self.cli("logs", "live").stdout
        contains(text, "terraform_data.process", "the log")
        contains(text, "started with hello", "the log")
        file = self.folder / "build.log"
        file.write_text(self.cli("logs", "live", "--build", "1").stdout)
        contains(file.read_text(), "terraform_data.process", "the log of build 1")
        equal(self.cli("logs", "live", "--build", "99", code=4).stdout, "", "the log of a build that is not there")

    def case_logs_follow_a_build_and_then_its_agent(self):
        self.api.create_workspace("followed", self.template, {"slow": 2})
        following = self.deployment.popen("logs", "--follow", "followed")
        text = ""
        try:
            for line in following.stdout:
                text += line
                if "started with hello" in line:
                    break
        finally:
            following.send_signal(signal.SIGINT)
            following.communicate(timeout=30)
        contains(text, "terraform_data.pause", "what was followed")
        contains(text, "started with hello", "what was followed")

    def case_stat_shows_processors_memory_and_disk(self):
        text = self.cli("stat").stdout
        for words in ("HOST CPU", "HOST MEMORY", "HOME DISK", "cores", "GiB"):
            contains(text, words)
        contains(self.cli("stat", "cpu").stdout, "cores")
        contains(self.cli("stat", "mem", "--host", "--prefix", "Mi").stdout, "MiB")
        contains(self.cli("stat", "disk", "--prefix", "Ti", "--path", str(self.folder)).stdout, "TiB")
        host = json.loads(self.cli("stat", "mem", "--host", "--output", "json").stdout)
        total = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) * 1024
        equal((host["total"], host["unit"]), (total, "B"), "memory of the machine")
        for arguments in (["mem", "--prefix", "Xi"], ["disk", "--path", "/nonexistent"]):
            self.cli("stat", *arguments, code=2)

    def case_every_list_can_be_json(self):
        for arguments in LISTS:
            def one(arguments=arguments):
                value = json.loads(self.cli(*arguments, "--output", "json").stdout)
                check(isinstance(value, (list, dict)), f"{value!r}")
            yield " ".join(arguments), attempt(one)

    def case_columns_are_chosen(self):
        equal(self.cli("list", "--column", "status,workspace", "--search", "name:live").stdout.split(), ["STATUS", "WORKSPACE", "running", "admin/live"], "the table")
        contains(self.cli("list", "--column", "colour", code=2).stderr, "columns: workspace", "stderr")

    # --- builds ---

    def case_a_build_notes_what_it_is_for(self):
        self.cli("create", "--parameter", "greeting=ahoy", "reasons", "--template", "process", "--yes")
        rows = [(["stop", "reasons", "--yes"], "cli"), (["start", "reasons", "--reason", "jetbrains_connection"], "jetbrains_connection"),
                (["stop", "reasons", "--yes", "--reason", "dashboard"], "dashboard"), (["ssh", "reasons", "--", "true"], "ssh_connection"),
                (["stop", "reasons", "--yes"], "cli"), (["ssh", "--usage-app=vscode", "reasons", "--", "true"], "vscode_connection")]
        for arguments, reason in rows:
            self.cli(*arguments)
            equal(self.latest("reasons")["reason"], reason, f"reason of {' '.join(arguments)}")
        self.cli("delete", "reasons", "--yes")

    def case_start_and_stop_wait_for_a_build_under_way(self):
        self.api.create_workspace("busy", self.template, {"slow": 3})
        done = self.cli("start", "busy")
        contains(done.stderr, "terraform_data.pause", "the log of the build under way")
        equal((self.latest("busy")["build_number"], self.latest("busy")["status"]), (1, "running"), "build and status after start")
        self.api.build(self.api.workspace("busy")["id"], "start", {"slow": 2})
        self.cli("stop", "busy", "--yes")
        equal((self.latest("busy")["build_number"], self.latest("busy")["status"]), (3, "stopped"), "build and status after stop")
        self.api.build(self.api.workspace("busy")["id"], "start", {"slow": 2})
        self.cli("delete", "busy", "--yes")
        equal(self.api.call("GET", "/api/v2/users/me/workspace/busy").status, 404, "status of the deleted workspace")

    def case_jobs_are_listed_and_canceled(self):
        self.api.create_workspace("stuck", self.template, {"slow": 100})
        build = wait_until("the build to run", lambda: self.latest("stuck")["job"]["status"] == "running" and self.latest("stuck"))
        listed = self.cli("provisioner", "jobs", "list", "--status", "pending,running", "--column", "id,workspace,type,status").stdout
        contains(listed, f"{build['job']['id']}  stuck      workspace_build  running")
        self.cli("provisioner", "jobs", "cancel", build["job"]["id"], "--yes")
        equal(self.api.wait_build(build["id"])["job"]["status"], "canceled", "the build")
        check("stuck" not in self.cli("provisioner", "jobs", "list", "--status", "running").stdout, "it is listed as running")
        self.cli("delete", "stuck", "--orphan", "--yes")

    def case_a_workspace_is_renamed_and_marked(self):
        self.api.create_workspace("oldname", self.template)
        self.cli("stop", "oldname", "--yes")
        self.cli("favorite", "oldname")
        equal(self.api.workspace("oldname")["favorite"], True, "favorite")
        self.cli("unfavorite", "oldname")
        equal(self.api.workspace("oldname")["favorite"], False, "favorite")
        done = self.cli("rename", "oldname", "newname", "--yes", code=None)
        if done.returncode == 0:
            equal(self.api.workspace("newname")["name"], "newname", "name")
        else:
            contains(done.stderr, "rename", "the refusal")

    # --- templates ---

    def case_a_starter_template_is_unpacked(self):
        names = self.cli("templates", "init").stdout
        contains(names, "local-process")
        target = self.folder / "starter"
        self.cli("templates", "init", "--id", "local-process", str(target))
        contains((target / "main.tf").read_text(), "coder_agent")
        self.cli("templates", "init", "--id", "local-process", str(target), code=5)
        contains(self.cli("templates", "init", "--id", "nope", str(self.folder / "x"), code=4).stderr, "local-process")

    def case_versions_are_pushed_promoted_archived_and_brought_back(self):
        folder = self.folder / "versions"
        shutil.copytree(PROCESS_TEMPLATE, folder)
        push = ["templates", "push", "versioned", "--directory", str(folder), "--yes", "--variable", f"folder={self.deployment.workspaces}"]
        self.cli(*push, "--name", "first")
        (folder / "main.tf").write_text((folder / "main.tf").read_text() + "\n# changed\n")
        self.cli(*push, "--name", "second", "--no-activate")
        states = self.version_states()
        equal(states, {"first": "active", "second": ""}, "versions")
        self.cli("templates", "versions", "promote", "--template", "versioned", "--template-version", "second")
        equal(self.version_states(), {"first": "", "second": "active"}, "versions after promote")
        self.cli("templates", "versions", "archive", "versioned", "first", "--yes")
        equal(self.version_states(), {"second": "active"}, "versions after archive")
        equal(self.version_states("--include-archived"), {"first": "archived", "second": "active"}, "all versions after archive")
        self.cli("templates", "versions", "unarchive", "versioned", "first", "--yes")
        equal(self.version_states(), {"first": "", "second": "active"}, "versions after unarchive")
        self.cli("templates", "archive", "versioned", "--all", "--yes")
        equal(self.version_states(), {"second": "active"}, "versions after archiving what is unused")
        contains(self.cli("templates", "versions", "archive", "versioned", "nope", "--yes", code=4).stderr, "nope")

    def version_states(self, *more):
        lines = self.cli("templates", "versions", "list", "versioned", "--column", "name,active", *more).stdout.splitlines()[1:]
        return {line.split()[0]: (line.split() + [""])[1] for line in lines}

    def case_a_template_is_edited_pulled_and_deleted(self):
        self.cli("templates", "edit", "versioned", "--display-name", "With versions", "--default-ttl", "8h", "--allow-user-autostop=false", "--yes")
        self.cli("templates", "edit", "--allow-user-autostart", "versioned", "--yes")
        found = self.api.get("/api/v2/organizations/default/templates/versioned")
        equal((found["display_name"], found["default_ttl_ms"], found["allow_user_autostop"], found["allow_user_autostart"]),
              ("With versions", 8 * 3600 * 1000, False, True), "settings")
        contains(self.cli("templates", "edit", "versioned", "--default-ttl", "8 hours", "--yes", code=2).stderr, "--default-ttl")
        def pulled(kind):
            return subprocess.run([self.deployment.berth, "templates", "pull", "versioned", kind], env=self.deployment.environment(),
                                  capture_output=True, check=True, timeout=60).stdout
        contains(zipfile.ZipFile(io.BytesIO(pulled("--zip"))).read("main.tf").decode(), "# changed")
        contains(tarfile.open(fileobj=io.BytesIO(pulled("--tar"))).extractfile("main.tf").read().decode(), "# changed")
        contains(self.cli("templates", "pull", "versioned", "--tar", "--zip", code=2).stderr, "--tar")
        self.cli("templates", "delete", "versioned", "--yes")
        contains(self.cli("templates", "versions", "list", "versioned", code=4).stderr, "versioned")

    def case_update_brings_a_workspace_to_the_active_version(self):
        contains(self.cli("update", "live").stderr, "up to date")
        text = (PROCESS_TEMPLATE / "main.tf").read_text().replace("GREETING = data", 'EXTRA = "second version"\n    GREETING = data')
        version = self.api.import_version({"main.tf": text}, self.template["id"], {"folder": str(self.deployment.workspaces)})
        self.api.want("PATCH", f"/api/v2/templates/{self.template['id']}/versions", {"id": version["id"]})
        self.cli("update", "live")
        workspace = self.api.workspace("live")
        equal((workspace["outdated"], workspace["latest_build"]["template_version_id"]), (False, version["id"]), "outdated, version")
        equal(self.cli("ssh", "live", "--", "echo $EXTRA").stdout, "second version\n", "EXTRA")

    def case_a_new_required_parameter_is_asked_for_at_a_terminal(self):
        parameter = 'data "coder_parameter" "colour" {\n  name    = "colour"\n  type    = "string"\n  mutable = true\n}\n'
        files = {"main.tf": (PROCESS_TEMPLATE / "main.tf").read_text() + parameter}
        version = self.api.import_version(files, self.template["id"], {"folder": str(self.deployment.workspaces)})
        self.api.want("PATCH", f"/api/v2/templates/{self.template['id']}/versions", {"id": version["id"]})
        self.cli("stop", "live", "--yes")
        contains(self.cli("update", "live", code=None).stderr, "colour", "what is missing without a terminal")
        terminal = self.deployment.terminal("update", "live")
        terminal.expect("colour")
        terminal.expect("Value: ")
        terminal.send("green\n")
        terminal.expect("is running", 120)
        equal(terminal.end(), 0, "exit code")
        values = {p["name"]: p["value"] for p in self.api.get(f"/api/v2/workspacebuilds/{self.latest('live')['id']}/parameters")}
        equal(values["colour"], "green", "the parameter")
        terminal = self.deployment.terminal("create", "asked", "--template", "process", "--use-parameter-defaults")
        terminal.expect("colour")
        terminal.send("red\n")
        terminal.expect("(yes/no)")
        terminal.send("no\n")
        terminal.end()


def daemon_options(folder, name, *more):
    return ["provisioner", "start", "--name", name, "--cache-dir", str(folder / name), *more]


class OutsideDaemon(Group):
    arguments = ("--provisioner-daemons", "0")

    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)

    def daemon(self, name, *more, **environment):
        return self.deployment.popen(*daemon_options(self.folder, name, *more), CODER_URL=self.deployment.url,
                                     CODER_CONFIG_DIR=str(self.folder / "nobody"), **environment)

    def case_a_daemon_with_a_key_runs_what_has_its_tags(self):
        done = self.deployment.cli("provisioner", "keys", "create", "outside", "--tag", "where=outside")
        key = done.stdout.strip()
        check(len(key) >= 32 and "\n" not in key, f"the key: {done.stdout!r}")
        contains(self.deployment.cli("provisioner", "keys", "list").stdout, "where=outside")
        daemon = self.daemon("far", "--experiments", "example,terraform-directory-reuse", CODER_PROVISIONER_DAEMON_KEY=key)
        try:
            wait_until("the daemon", lambda: "far" in self.deployment.cli("provisioner", "list").stdout, 30)
            listed = self.api.get("/api/v2/organizations/default/provisionerdaemons")
            versions = {daemon["version"] for daemon in listed if daemon["name"] == "far"}
            equal(versions, {self.api.get("/api/v2/buildinfo")["version"]}, "the daemon's version")
            push = self.deployment.cli("templates", "push", "process", "--directory", str(PROCESS_TEMPLATE), "--yes",
                                       "--variable", f"folder={self.deployment.workspaces}", "--provisioner-tag", "where=outside")
            contains(push.stdout + push.stderr, "coder_agent")
            self.deployment.cli("create", "dev", "--template", "process", "--yes")
            equal(self.api.workspace("dev")["latest_build"]["status"], "running", "status")
            equal(self.deployment.cli("ssh", "dev", "--", "echo $GREETING").stdout, "hello\n", "what runs in the workspace")
            jobs = json.loads(self.deployment.cli("provisioner", "jobs", "list", "--output", "json").stdout)
            equal({job["worker_name"] for job in jobs if job["status"] == "succeeded"}, {"far"}, "who ran the jobs")
            self.deployment.cli("templates", "edit", "process", "--use-terraform-workspace-cache", "--yes")
            self.deployment.cli("stop", "dev", "--yes")
            deleted = self.deployment.cli("delete", "dev", "--yes")
            contains(deleted.stdout + deleted.stderr, "its folder is used again")
            # More than the 4 MiB that a message holds between strangers.
            large = self.folder / "large"
            large.mkdir()
            (large / "main.tf").write_text("# nothing\n")
            (large / "noise.bin").write_bytes(os.urandom(5_000_000))
            self.deployment.cli("templates", "push", "large", "--directory", str(large), "--yes", "--provisioner-tag", "where=outside")
        finally:
            daemon.send_signal(signal.SIGTERM)
            text = daemon.communicate(timeout=60)[0]
        equal(daemon.returncode, 0, f"exit code of the daemon:\n{text[-2000:]}\n")
        check(key not in text, "the key is in the daemon's log")
        self.key = key

    def case_a_daemon_that_is_refused_ends(self):
        rows = [
            ("with a wrong key", 3, {"CODER_PROVISIONER_DAEMON_KEY": "wrong"}, [], "key"),
            ("with a wrong pre-shared key", 3, {"CODER_PROVISIONER_DAEMON_PSK": "wrong"}, [], "pre-shared key"),
            ("with a key of an organization that is not there", 4, {"CODER_PROVISIONER_DAEMON_KEY": self.key}, ["--org", "elsewhere"], "not found"),
            ("without any key or login", 3, {}, [], "logged in"),
        ]
        for what, code, environment, arguments, words in rows:
            def one(code=code, environment=environment, arguments=arguments, words=words):
                daemon = self.daemon("refused", *arguments, **environment)
                text = daemon.communicate(timeout=30)[0]
                equal(daemon.returncode, code, f"exit code:\n{text}\n")
                contains(text, words)
            yield what, attempt(one)

    def case_a_deleted_key_opens_nothing(self):
        self.deployment.cli("provisioner", "keys", "delete", "outside", "--yes")
        daemon = self.daemon("late", CODER_PROVISIONER_DAEMON_KEY=self.key)
        equal((daemon.communicate(timeout=30), daemon.returncode)[1], 3, "exit code")

    def case_a_server_that_is_away_is_tried_again_and_a_refused_version_is_not(self):
        def answer(count):
            return (503, {"message": "away"}) if count < 3 else (400, {"message": "The version of the daemon is too new."})
        with Recorder(answer) as server:
            daemon = self.deployment.popen(*daemon_options(self.folder, "new", "--org", "far away"), CODER_URL=server.url,
                                           CODER_PROVISIONER_DAEMON_KEY="x")
            text = daemon.communicate(timeout=60)[0]
        equal(daemon.returncode, 2, f"exit code:\n{text}\n")
        contains(text, "too new")
        equal(len(server.requests), 3, "requests")
        contains(server.requests[0][0], "/organizations/far%20away/", "the path")

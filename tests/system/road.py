"""The newcomer's road, end to end."""

import json
import os
import shutil
from pathlib import Path

from harness import PROCESS_TEMPLATE, Group, check, contains, equal, parents, processes_in, program_output, wait_until

RSYNC_FILES = {"one.txt": "first\n", "deep/two.txt": "second\n", "deep/three.bin": "x" * 200_000}


class Road(Group):
    def set_up(self):
        self.deployment.start()

    @property
    def home(self):
        return self.deployment.workspaces / "admin-dev"

    @property
    def ssh(self):
        return ["ssh", "-F", str(self.ssh_config), "-o", "ConnectTimeout=20"]

    @property
    def ssh_config(self):
        return self.deployment.home / "ssh_config"

    def run_ssh(self, command, text_input=""):
        return program_output([*self.ssh, "coder.dev", command], env=self.deployment.environment(), text_input=text_input).stdout

    # --- the first user and the template ---

    def case_there_is_no_first_user_at_first(self):
        answer = self.api.call("GET", "/api/v2/users/first")
        equal(answer.status, 404, "status")
        check(answer.headers.get("X-Coder-Build-Version"), "X-Coder-Build-Version is missing")

    def case_the_first_user_is_created_and_logs_in(self):
        created = self.deployment.first_user()
        check(created["user_id"] and created["organization_id"], f"no ids in {created}")
        equal(self.api.get("/api/v2/users/me")["username"], "admin", "username")
        equal(self.api.call("GET", "/api/v2/users/first").status, 200, "status of users/first")

    def case_a_second_first_user_is_refused(self):
        answer = self.api.call("POST", "/api/v2/users/first", {"email": "b@example.com", "username": "b", "password": "SomeSecurePassword42", "name": ""})
        check(answer.status in (400, 403, 409), f"answered {answer.status}")
        answer.message()

    def case_the_command_line_logs_in_with_a_token(self):
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        contains(self.deployment.cli("whoami").stdout, "admin")
        session = self.deployment.folder / "cli/session"
        equal(oct(session.stat().st_mode & 0o777), "0o600", "mode of the session file")

    def case_buildinfo_and_the_command_line_name_one_version(self):
        version = self.api.get("/api/v2/buildinfo")["version"]
        equal(json.loads(self.deployment.cli("version", "--output", "json").stdout)["version"], version, "version")
        check(version.startswith("v2."), version)

    def case_a_template_is_imported(self):
        folder = self.deployment.folder / "template"
        shutil.copytree(PROCESS_TEMPLATE, folder)
        done = self.deployment.cli("templates", "push", "process", "--directory", str(folder), "--yes",
                                   "--variable", f"folder={self.deployment.workspaces}")
        contains(done.stdout + done.stderr, "coder_agent")
        self.shared_template = self.api.get("/api/v2/organizations/default/templates/process")

    def case_the_import_found_parameters_variables_and_resources(self):
        version = self.shared_template["active_version_id"]
        parameters = {p["name"]: p for p in self.api.get(f"/api/v2/templateversions/{version}/rich-parameters")}
        equal(sorted(parameters), ["greeting", "slow"], "parameters")
        equal(parameters["greeting"]["default_value"], "hello", "default of greeting")
        equal(parameters["greeting"]["validation_regex"], "^[a-z]+$", "regex of greeting")
        equal(parameters["slow"]["validation_max"], 120, "max of slow")
        variables = self.api.get(f"/api/v2/templateversions/{version}/variables")
        equal([v["name"] for v in variables], ["folder"], "variables")
        resources = self.api.get(f"/api/v2/templateversions/{version}/resources")
        agents = [agent for resource in resources for agent in resource.get("agents") or []]
        check(any(agent["name"] == "main" for agent in agents), f"no agent main in {[r['type'] for r in resources]}")

    def case_the_example_template_is_imported_too(self):
        example = Path(__file__).resolve().parents[2] / "examples/templates/local-process"
        self.deployment.cli("templates", "push", "local-process", "--directory", str(example), "--yes")
        contains(self.deployment.cli("templates", "list").stdout, "local-process")

    # --- the workspace ---

    def case_a_workspace_is_created_with_parameters(self):
        done = self.deployment.cli("create", "dev", "--template", "process", "--parameter", "greeting=ahoy", "--parameter", "slow=0", "--yes")
        contains(done.stdout + done.stderr, "terraform_data.process", "the build log shown by create")
        workspace = self.api.workspace("dev")
        equal(workspace["latest_build"]["status"], "running", "status")
        build = workspace["latest_build"]["id"]
        values = {p["name"]: p["value"] for p in self.api.get(f"/api/v2/workspacebuilds/{build}/parameters")}
        equal(values, {"greeting": "ahoy", "slow": "0"}, "parameters of the build")
        self.first_state = self.api.state(build)
        equal(workspace["latest_build"]["daily_cost"], 3, "daily cost")

    def case_the_agent_connects_and_its_script_ran(self):
        agent = self.api.wait_agent("dev")
        wait_until("the startup script's file", lambda: (self.home / "started").exists(), 20)
        text = wait_until("the startup script's log", lambda: "\n".join(
            line["output"] for line in self.api.get(f"/api/v2/workspaceagents/{agent['id']}/logs")), 20)
        contains(text, "started with ahoy")
        equal([app["slug"] for app in agent["apps"]], ["page"], "apps")

    def case_the_build_has_resources_metadata_and_timings(self):
        build = self.api.workspace("dev")["latest_build"]
        resources = {f"{r['type']}.{r['name']}": r for r in build["resources"]}
        check("terraform_data.process" in resources, f"resources: {sorted(resources)}")
        metadata = {m["key"]: m["value"] for m in resources["terraform_data.process"].get("metadata") or []}
        equal(metadata.get("home"), str(self.home), "metadata home")
        timings = self.api.get(f"/api/v2/workspacebuilds/{build['id']}/timings")
        stages = {t["stage"] for t in timings["provisioner_timings"]}
        check({"plan", "apply"} <= stages, f"stages: {stages}")

    def case_list_and_show_name_the_workspace(self):
        listed = json.loads(self.deployment.cli("list", "--output", "json").stdout)
        equal([w["name"] for w in listed], ["dev"], "workspaces")
        contains(self.deployment.cli("list").stdout, "dev")
        contains(self.deployment.cli("show", "dev").stdout, "main")

    def case_ssh_runs_a_command(self):
        equal(self.deployment.cli("ssh", "dev", "--", "hostname").stdout.strip(), os.uname().nodename, "hostname")

    def case_ssh_passes_the_exit_code_on(self):
        self.deployment.cli("ssh", "dev", "--", "exit 7", code=7)

    def case_ssh_has_the_environment_and_the_folder_of_the_agent(self):
        done = self.deployment.cli("ssh", "dev", "--", "echo $GREETING; pwd")
        equal(done.stdout.split(), ["ahoy", str(self.home)], "environment and folder")

    # --- OpenSSH ---

    def case_config_ssh_writes_a_block_and_keeps_the_rest(self):
        self.ssh_config.write_text("Host mine\n    User me\n")
        self.deployment.cli("config-ssh", "--yes", "--ssh-config-file", str(self.ssh_config))
        text = self.ssh_config.read_text()
        contains(text, "Host mine\n    User me\n", "the configuration")
        contains(text, "ProxyCommand", "the configuration")
        self.deployment.cli("config-ssh", "--yes", "--ssh-config-file", str(self.ssh_config))
        equal(self.ssh_config.read_text(), text, "the configuration after a second run")

    def case_openssh_runs_a_command(self):
        equal(self.run_ssh("hostname").strip(), os.uname().nodename, "hostname")

    def case_openssh_pipes_a_megabyte_both_ways(self):
        text = "".join(f"line {number}\n" for number in range(90_000))
        equal(len(self.run_ssh("cat", text)), len(text), "length of what came back")

    def case_scp_copies_both_ways(self):
        local, back = self.deployment.home / "scp.txt", self.deployment.home / "scp.back"
        local.write_text("by scp\n" * 1000)
        scp = ["scp", "-q", "-F", str(self.ssh_config)]
        program_output([*scp, str(local), "coder.dev:scp.txt"], env=self.deployment.environment())
        equal((self.home / "scp.txt").read_text(), local.read_text(), "the copy")
        program_output([*scp, "coder.dev:scp.txt", str(back)], env=self.deployment.environment())
        equal(back.read_text(), local.read_text(), "the copy back")

    def case_sftp_lists_gets_puts_renames_and_removes(self):
        local = self.deployment.home / "sftp.txt"
        local.write_text("by sftp\n")
        batch = f"put {local} a.txt\nmkdir folder\nrename a.txt folder/b.txt\nls -l folder\nget folder/b.txt {local}.back\nrm folder/b.txt\nrmdir folder\n"
        done = program_output(["sftp", "-q", "-F", str(self.ssh_config), "-b", "-", "coder.dev"], text_input=batch, env=self.deployment.environment())
        contains(done.stdout, "b.txt")
        equal(Path(f"{local}.back").read_text(), "by sftp\n", "the file that came back")
        check(not (self.home / "folder").exists(), "the folder is still there")

    def case_rsync_copies_a_tree_and_then_nothing(self):
        tree = self.deployment.home / "tree"
        for name, text in RSYNC_FILES.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        command = ["rsync", "-a", "--stats", "-e", f"ssh -F {self.ssh_config}", f"{tree}/", "coder.dev:tree/"]
        program_output(command, env=self.deployment.environment())
        for name, text in RSYNC_FILES.items():
            equal((self.home / "tree" / name).read_text(), text, name)
        again = program_output(command, env=self.deployment.environment())
        contains(again.stdout, "Number of regular files transferred: 0")

    # --- stop, start, update, delete ---

    def case_stop_ends_the_process_and_keeps_the_home(self):
        pid = int((self.home / "agent.pid").read_text())
        self.deployment.cli("stop", "dev", "--yes")
        equal(self.api.workspace("dev")["latest_build"]["status"], "stopped", "status")
        wait_until("the agent to end", lambda: pid not in parents(), 15)
        check((self.home / "started").exists(), "the home folder lost a file")

    def case_start_keeps_the_state(self):
        self.deployment.cli("start", "dev", "--yes")
        build = self.api.workspace("dev")["latest_build"]
        equal(resource_id(self.api.state(build["id"]), "home"), resource_id(self.first_state, "home"), "id of terraform_data.home")
        values = {p["name"]: p["value"] for p in self.api.get(f"/api/v2/workspacebuilds/{build['id']}/parameters")}
        equal(values["greeting"], "ahoy", "the parameter that was kept")
        self.api.wait_agent("dev")
        equal(self.deployment.cli("ssh", "dev", "--", "cat scp.txt | head -1").stdout, "by scp\n", "a file from before the stop")

    def case_a_new_template_version_reaches_the_running_workspace(self):
        folder = self.deployment.folder / "template"
        main = folder / "main.tf"
        main.write_text(main.read_text().replace("GREETING = data", 'EXTRA = "second version"\n    GREETING = data'))
        self.deployment.cli("templates", "push", "process", "--directory", str(folder), "--yes", "--variable", f"folder={self.deployment.workspaces}")
        check(self.api.workspace("dev")["outdated"], "the workspace is not outdated")
        self.deployment.cli("restart", "dev", "--yes")
        template = self.api.get("/api/v2/organizations/default/templates/process")
        workspace = self.api.workspace("dev")
        if workspace["outdated"]:
            self.api.build_done(workspace["id"], "start", template_version_id=template["active_version_id"])
        self.api.wait_agent("dev")
        equal(self.deployment.cli("ssh", "dev", "--", "echo $EXTRA").stdout.strip(), "second version", "EXTRA")
        state = self.api.state(self.api.workspace("dev")["latest_build"]["id"])
        equal(resource_id(state, "home"), resource_id(self.first_state, "home"), "id of terraform_data.home")

    def case_delete_leaves_no_process_behind(self):
        self.deployment.cli("delete", "dev", "--yes")
        wait_until("every process of the workspace to end", lambda: not processes_in(self.home), 15)
        equal(self.api.call("GET", "/api/v2/users/me/workspace/dev").status, 404, "status of the deleted workspace")
        equal(self.api.get("/api/v2/workspaces?q=")["count"], 0, "workspaces left")

    def case_the_name_can_be_used_again(self):
        template = self.api.get("/api/v2/organizations/default/templates/process")
        self.new_workspace("dev", template)
        self.deployment.cli("delete", "dev", "--yes")

    def case_a_stopped_server_leaves_no_process_of_its_own(self):
        server = self.deployment.process.pid
        equal(self.deployment.stop(), 0, "exit code")
        data = self.deployment.folder / "data"
        wait_until("PostgreSQL and terraform to end", lambda: not processes_in(data), 15)
        check(server not in parents(), "the server is still there")

    def case_started_again_it_knows_its_users_and_templates(self):
        self.deployment.start()
        equal(self.api.get("/api/v2/users/me")["username"], "admin", "username")
        equal(self.api.get("/api/v2/organizations/default/templates/process")["name"], "process", "template")


def resource_id(state, name):
    for resource in state.get("resources", []):
        if resource["type"] == "terraform_data" and resource["name"] == name:
            return resource["instances"][0]["attributes"]["id"]
    raise AssertionError(f"terraform_data.{name} is not in the state")

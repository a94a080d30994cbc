"""Templates whose modules come from a registry: builds are to live on what the import stored."""

import http.server
import io
import json
import os
import shutil
import tarfile
import threading
from pathlib import Path

from harness import PROCESS_TEMPLATE, Deployment, Group, check, equal

HOST = "modules.example"
NAMES = ("one", "two", "three")
MODULE = """
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "agent_id" {
  type = string
}

resource "coder_env" "from_module" {
  agent_id = var.agent_id
  name     = "MODULE_%s"
  value    = "here"
}
"""
USE = """
module "%s" {
  source   = "modules.example/berth/%s/coder"
  version  = "1.0.0"
  agent_id = coder_agent.main.id
}
"""


def template_with_modules(folder):
    """The process template, with three modules, in a new folder."""
    shutil.copytree(PROCESS_TEMPLATE, folder)
    (folder / "modules.tf").write_text("".join(USE % (name, name) for name in NAMES))
    return folder


def module_archive(name):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        data = (MODULE % name.upper()).encode()
        entry = tarfile.TarInfo("main.tf")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


class Registry:
    """A module registry that keeps the paths it was asked for; `before` runs before each answer."""

    def __init__(self, before=lambda: None):
        self.requests = requests = []
        archives = {name: module_archive(name) for name in NAMES}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                requests.append(f"{self.command} {self.path}")
                before()
                parts = self.path.partition("?")[0].strip("/").split("/")
                if parts[-1] == "versions":
                    versions = {"modules": [{"versions": [{"version": "1.0.0"}]}]}
                    self.answer(200, {"Content-Type": "application/json"}, json.dumps(versions).encode())
                elif parts[-1] == "download":
                    self.answer(204, {"X-Terraform-Get": f"/archives/{parts[-4]}.tar.gz"})
                else:
                    self.answer(200, {"Content-Type": "application/gzip"}, archives[parts[-1].removesuffix(".tar.gz")])

            do_HEAD = do_GET

            def answer(self, status, headers, body=b""):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configuration(self, path):
        """A terraform.rc of what it had, and of the registry."""
        before = Path(os.environ["TF_CLI_CONFIG_FILE"]).read_text() if "TF_CLI_CONFIG_FILE" in os.environ else ""
        services = f'services = {{\n    "modules.v1" = "http://127.0.0.1:{self.server.server_port}/v1/"\n  }}'
        path.write_text(f'{before}\nhost "{HOST}" {{\n  {services}\n}}\n')
        return path

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class RegistryDeployment(Deployment):
    """A server whose terraform knows the registry."""

    def __init__(self, berth, folder, registry, arguments=()):
        super().__init__(berth, folder, arguments)
        self.configuration = registry.configuration(folder / "terraform.rc")

    def environment(self, **more):
        return super().environment(TF_CLI_CONFIG_FILE=str(self.configuration), **more)


class Modules(Group):
    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        self.registry = Registry()
        self.deployment = RegistryDeployment(berth, folder, self.registry)
        self.api = self.deployment.api

    def tear_down(self):
        super().tear_down()
        self.registry.close()

    def quiet(self, what):
        equal(self.registry.requests, [], f"module requests of {what}")

    def case_an_import_fetches_the_modules(self):
        self.template = self.api.create_template("modules", template_with_modules(self.folder / "template"),
                                                 {"folder": str(self.deployment.workspaces)})
        fetched = {f"GET /archives/{name}.tar.gz" for name in NAMES}
        asked = {request.partition("?")[0] for request in self.registry.requests}
        check(fetched <= asked, f"the registry was asked for {sorted(asked)} only")
        self.registry.requests.clear()

    def case_a_build_of_a_template_with_three_modules_makes_no_module_request_after_import(self):
        workspace = self.new_workspace("dev", self.template)
        resources = self.api.state(workspace["latest_build"]["id"])["resources"]
        equal({resource.get("module") for resource in resources if resource["name"] == "from_module"},
              {f"module.{name}" for name in NAMES}, "modules of the workspace")
        for transition in ("stop", "start"):
            self.api.build_done(workspace["id"], transition)
        self.quiet("three builds")

    def case_nor_does_one_of_a_server_that_lost_its_cache(self):
        self.deployment.stop()
        shutil.rmtree(self.deployment.folder / "cache")
        self.deployment.start()
        self.new_workspace("again", self.template)
        for name in ("dev", "again"):
            self.api.build_done(self.api.workspace(name)["id"], "delete")
        self.quiet("builds after the restart")


REUSED = "its folder is used again"


class WorkspaceCache(Group):
    """Builds that start from a folder in which terraform init is done."""

    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        self.registry = Registry()
        self.deployment = RegistryDeployment(berth, folder, self.registry, ["--experiments", "terraform-directory-reuse",
                                                                            "--provisioner-daemons", "1"])
        self.api = self.deployment.api

    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        self.template = self.api.create_template("modules", template_with_modules(self.folder / "template"),
                                                 {"folder": str(self.deployment.workspaces)})

    def tear_down(self):
        super().tear_down()
        self.registry.close()

    def prepared(self):
        return [folder for folder in (self.deployment.folder / "cache/provisioner/prepared").glob("*/*") if folder.is_dir()]

    def builds(self, *transitions):
        """Whether each of the builds was spared its init; they leave the workspace as it was."""
        reused = []
        for transition in transitions:
            build = self.api.build_done(self.api.workspace("dev")["id"], transition)
            reused.append(REUSED in self.api.build_logs(build["id"]))
        return reused

    def case_without_the_templates_leave_nothing_is_kept(self):
        self.new_workspace("dev", self.template)
        equal(self.builds("stop", "start"), [False, False], "reuse")
        equal(self.prepared(), [], "prepared folders")

    def case_with_it_the_second_build_needs_no_init(self):
        self.deployment.cli("templates", "edit", "modules", "--use-terraform-workspace-cache", "--yes")
        equal(self.api.get(f"/api/v2/templates/{self.template['id']}")["use_terraform_workspace_cache"], True, "the setting")
        equal(self.builds("stop", "start", "stop", "start"), [False, True, True, True], "reuse")
        equal(len(self.prepared()), 1, "prepared folders")
        resources = self.api.workspace("dev")["latest_build"]["resources"]
        check(any(resource["name"] == "from_module" or resource["type"] == "terraform_data" for resource in resources),
              f"the resources: {resources}")
        self.api.wait_agent("dev")

    def case_what_was_changed_in_it_is_not_used(self):
        (self.prepared()[0] / "modules.tf").write_text("this is no template\n")
        equal(self.builds("stop", "start"), [False, True], "reuse")

    def case_another_version_has_a_folder_of_its_own(self):
        source = self.folder / "template"
        (source / "main.tf").write_text((source / "main.tf").read_text() + "\n# the second version\n")
        self.deployment.cli("templates", "push", "modules", "--directory", str(source), "--yes",
                            "--variable", f"folder={self.deployment.workspaces}")
        self.deployment.cli("update", "dev")
        equal(len(self.prepared()), 2, "prepared folders")
        equal(self.builds("stop"), [True], "reuse")
        check(any("# the second version" in (folder / "main.tf").read_text() for folder in self.prepared()), "no second version")

    def case_a_killed_server_leaves_nothing_that_counts(self):
        self.deployment.kill()
        self.deployment.start()
        equal(self.builds("start", "stop"), [False, True], "reuse")
        equal(len(self.prepared()), 1, "prepared folders")

    def case_daemons_without_the_experiment_keep_nothing(self):
        self.deployment.stop()
        equal(self.prepared(), [], "prepared folders of a server that has stopped")
        del self.deployment.arguments[:2]
        self.deployment.start()
        equal(self.builds("start", "stop"), [False, False], "reuse")
        self.api.build_done(self.api.workspace("dev")["id"], "delete")
        equal(self.prepared(), [], "prepared folders")

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

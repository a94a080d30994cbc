"""How terraform is found or downloaded, against a file server of the test's own."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import zipfile
from pathlib import Path

from harness import attempt, check, command_line, contains, descendants, equal, free_port, parents, program_output, wait_until

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("bash", "env", "dirname", "uname", "mktemp", "rm", "curl", "sha256sum", "mkdir", "unzip", "chmod", "mv", "cat", "sed")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Install:
    def __init__(self, berth, folder):
        self.berth, self.folder = berth, folder

    def set_up(self):
        """A PATH without terraform, and a site with an archive of a program that only says its name."""
        self.bin, self.site = self.folder / "bin", self.folder / "site"
        self.bin.mkdir(parents=True)
        for program in PROGRAMS:
            (self.bin / program).symlink_to(shutil.which(program))
        release = self.site / "1.11.4"
        release.mkdir(parents=True)
        machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
        self.archive = release / f"terraform_1.11.4_linux_{machine}.zip"
        with zipfile.ZipFile(self.archive, "w") as archive:
            archive.writestr("terraform", "#!/bin/sh\necho a small terraform\n")
        handler = functools.partial(Quiet, directory=str(self.site))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tear_down(self):
        self.server.shutdown()

    def find(self, script, target, site=None, path=None):
        site = site or f"http://127.0.0.1:{self.server.server_port}"
        return program_output([str(script), str(target)], check_code=False,
                              env={"PATH": path or str(self.bin), "BERTH_TERRAFORM_SITE": site})

    def put(self, folder, name, version):
        """A program in a folder of its own that says it has this version."""
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        answer = json.dumps({"terraform_version": version, "platform": "linux_amd64"}, indent=2)
        title = {"terraform": "Terraform", "tofu": "OpenTofu"}[name]
        (place / name).write_text(f"#!/bin/sh\n[ $# -gt 1 ] || {{ echo '{title} v{version}'; exit; }}\ncat <<'END'\n{answer}\nEND\n")
        (place / name).chmod(0o755)
        return place

    def case_terraform_of_PATH_is_taken(self):
        place = self.put("own", "terraform", "1.1.0")
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t0", path=f"{place}:{self.bin}")
        equal(done.stdout.strip(), str(place / "terraform"), "path")

    def case_tofu_is_taken_when_there_is_no_terraform(self):
        place = self.put("tofu", "tofu", "1.9.0")
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t1", path=f"{place}:{self.bin}")
        equal(done.stdout.strip(), str(place / "tofu"), "path")

    def case_a_terraform_that_is_too_old_is_passed_over(self):
        place = self.put("old", "terraform", "1.0.11")
        self.put("old", "tofu", "1.10.0-beta1")
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t5", path=f"{place}:{self.bin}")
        equal(done.stdout.strip(), str(place / "tofu"), "path")
        contains(done.stderr, "older than 1.1")

    def case_a_server_that_is_given_a_terraform_it_cannot_use_does_not_start(self):
        old = self.put("old", "terraform", "1.0.11") / "terraform"
        silent = self.put("silent", "terraform", "") / "terraform"
        silent.write_text("#!/bin/sh\necho hello\n")
        rows = [("too old", old, "1.1 or newer is needed"), ("no terraform", silent, "does not answer"),
                ("not there", self.folder / "nowhere", "there is no program")]
        for number, (what, program, words) in enumerate(rows):
            for how, arguments, environment in (("flag", ["--terraform-binary", str(program)], {}), ("variable", [], {"CODER_TERRAFORM_BINARY": str(program)})):
                def one(folder=self.folder / f"server-{number}", words=words, arguments=arguments, environment=environment):
                    done = program_output([str(self.berth), "server", "--global-config", str(folder), "--cache-dir", str(folder / "cache"),
                                           "--http-address", f"127.0.0.1:{free_port()}", *arguments], check_code=False, timeout=60,
                                          env={"PATH": str(self.bin), "HOME": str(self.folder), **environment})
                    check(done.returncode not in (0, -signal.SIGKILL), f"exit code {done.returncode}:\n{done.stdout}{done.stderr}")
                    contains(done.stderr, words)
                    check(not (folder / "postgres").exists(), "it made a database first")
                yield f"{what}, {how}", attempt(one)

    def case_the_mirror_serves_tofu_too(self):
        mirror = Path(os.environ["TF_CLI_CONFIG_FILE"]).parent
        programs = [sorted(path.name for path in (mirror / host / "coder/coder").rglob("terraform-provider-*"))
                    for host in ("registry.terraform.io", "registry.opentofu.org")]
        check(programs[0] and programs[0] == programs[1], f"providers of the two registries: {programs}")

    def case_an_archive_with_another_checksum_is_refused(self):
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t2")
        equal(done.returncode, 69, "exit code")
        contains(done.stderr, "SHA-256")
        check(not (self.folder / "t2").exists(), "something was installed")

    def case_an_unreachable_site_says_what_to_install(self):
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t3", site="http://127.0.0.1:9")
        equal(done.returncode, 69, "exit code")
        contains(done.stderr, "Install Terraform")

    def case_the_right_archive_is_installed_once(self):
        # The same script with the checksum of this archive: the real one is out of a test's reach.
        script = self.folder / "tools/find_terraform"
        script.parent.mkdir()
        text = (ROOT / "tools/find_terraform").read_text()
        pinned = [word.removeprefix("sum=") for word in text.split() if word.startswith("sum=")]
        check(all(len(word) == 64 for word in pinned) and len(pinned) == 2, f"checksums in the script: {pinned}")
        for word in pinned:
            text = text.replace(word, hashlib.sha256(self.archive.read_bytes()).hexdigest())
        script.write_text(text)
        script.chmod(0o755)
        target = self.folder / "t4"
        equal(self.find(script, target).stdout.strip(), str(target / "terraform"), "path")
        equal(program_output([str(target / "terraform")]).stdout, "a small terraform\n", "its output")
        again = self.find(script, target, site="http://127.0.0.1:9")
        equal((again.returncode, again.stdout.strip()), (0, str(target / "terraform")), "the second run")


class RunScript:
    """./run itself, in a data folder of its own."""

    def __init__(self, _berth, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.data, self.home = folder / "data", folder / "home"

    def set_up(self):
        self.home.mkdir(parents=True)
        self.log = self.folder / "run.log"
        # Another deployment, which the caller's variables speak of: it must hear nothing.
        self.heard = heard = []

        class Elsewhere(http.server.BaseHTTPRequestHandler):
            def parse_request(self):
                heard.append(self.raw_requestline)
                return False
        self.elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        threading.Thread(target=self.elsewhere.serve_forever, daemon=True).start()

    def tear_down(self):
        if self.process and self.process.poll() is None:
            self.interrupt()
        self.elsewhere.shutdown()

    def environment(self):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CODER_")}
        return {**clean, "HOME": str(self.home), "CODER_URL": f"http://127.0.0.1:{self.elsewhere.server_port}",
                "CODER_SESSION_TOKEN": "AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB", "CODER_PG_CONNECTION_URL": "postgres://nobody@127.0.0.1:9/none",
                "CODER_TLS_ENABLE": "true", "CODER_HTTP_ADDRESS": "", "CODER_PROVISIONER_DAEMONS": "0"}

    def launch(self, *arguments):
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen([str(ROOT / "run"), "--data-dir", str(self.data), "--port", str(self.port), *arguments],
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=self.environment(),
                                            start_new_session=True)

    def wait_for(self, words):
        """What it printed, as soon as that has these words."""
        def printed():
            text = self.log.read_text(errors="replace")
            check(self.process.poll() is None, f"./run ended with {self.process.returncode}:\n{text[-3000:]}")
            return words in text and text
        return wait_until(f"{words!r} from ./run", printed, 300)

    def start(self, *arguments):
        """Runs it until it says that berth is running; returns what it printed."""
        self.launch(*arguments)
        return self.wait_for("Ctrl-C stops it.")

    def agents(self):
        """Processes of workspaces of this server."""
        found = []
        for pid in parents():
            with contextlib.suppress(OSError):
                if f"CODER_AGENT_URL=http://127.0.0.1:{self.port}".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                    found.append(pid)
        return found

    def interrupt(self):
        """Ctrl-C: a signal to the whole foreground group. Returns the processes that were running."""
        children = descendants(self.process.pid)
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(120)
        return children

    def case_it_ends_with_a_running_workspace(self):
        self.text = self.start()
        contains(self.text, f"http://127.0.0.1:{self.port}")
        command = re.search(r"try +(.*ssh demo)", self.text)
        check(command, f"no command to try in:\n{self.text}")
        done = wait_until("ssh to the workspace", lambda: self.try_ssh(command.group(1)), 60)
        equal(done.strip(), os.uname().nodename, "hostname")

    def try_ssh(self, command):
        done = program_output(["sh", "-c", f"{command} -- hostname"], check_code=False, cwd=ROOT, env=self.environment())
        return done.stdout if done.returncode == 0 else None

    def case_the_password_is_kept_in_a_private_file(self):
        file = self.data / "first-user"
        equal(oct(file.stat().st_mode & 0o777), "0o600", "mode")
        password = re.search(r"^password=(.{16,})$", file.read_text(), re.MULTILINE).group(1)
        contains(self.text, password)
        for pid in parents():
            check(password not in command_line(pid), "the password is in the arguments of a process")

    def case_a_second_one_says_that_it_runs_already(self):
        done = program_output([str(ROOT / "run"), "--data-dir", str(self.data), "--port", str(self.port)], env=self.environment())
        contains(done.stdout, "runs already")

    def case_ctrl_c_stops_everything_it_started(self):
        check(self.agents(), "there is no agent")
        children = self.interrupt()
        check(children, "there were no processes to stop")
        wait_until("all of them to end", lambda: not [pid for pid in children if pid in parents()], 30)
        equal(self.agents(), [], "agents left")
        with contextlib.suppress(FileNotFoundError):
            check(not (self.data / "server.pid").read_text(), "server.pid is still there")

    def case_running_it_again_reuses_all_of_it(self):
        before = (self.data / "first-user").read_text()
        text = self.start()
        equal((self.data / "first-user").read_text(), before, "the first user's file")
        check("== Creating" not in text and "== Importing" not in text, f"it made something again:\n{text}")
        contains(text, "Starting the workspace demo")
        self.interrupt()

    def kill(self, more=()):
        """./run and the server, without a chance to stop anything. PostgreSQL is left to the next server, which takes it over."""
        everything = [pid for pid in (self.process.pid, *descendants(self.process.pid), *more) if "postgres" not in command_line(pid)[:30]]
        for pid in everything:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until("all of them to end", lambda: not [pid for pid in everything if pid in parents()], 30)

    def case_a_workspace_whose_agent_lives_on_is_kept(self):
        self.start()
        self.kill()
        agents = self.agents()
        text = self.start()
        check("Restarting" not in text, f"the workspace was restarted:\n{text}")
        equal(self.agents(), agents, "processes of the workspace")

    def case_a_workspace_whose_agent_is_gone_is_restarted(self):
        """As after a reboot: nothing runs, and the database says that the workspace does."""
        self.kill(self.agents())
        contains(self.start(), "Restarting the workspace demo")
        check(self.agents(), "there is no agent")
        self.interrupt()
        equal(self.agents(), [], "agents left")

    def case_ctrl_c_in_the_middle_of_the_first_build_stops_everything(self):
        self.data, self.port = self.folder / "interrupted", free_port()
        self.launch()
        self.wait_for("terraform_data.process[0]: Creating")
        children = self.interrupt()
        equal(self.process.returncode, 130, "exit code")
        wait_until("all of them to end", lambda: not [pid for pid in children if pid in parents()], 30)
        equal(self.agents(), [], "agents left")

    def case_the_deployment_of_the_callers_variables_heard_nothing(self):
        equal(self.heard, [], "requests")

    def case_no_demo_starts_only_the_server(self):
        text = self.start("--no-demo")
        check("demo" not in text.split("berth is running")[1], f"it speaks of the demo:\n{text}")
        self.interrupt()

    def case_wrong_arguments_are_refused(self):
        for arguments in (["--port", "many"], ["--port", "99999"], ["--port"], ["--frobnicate"]):
            done = program_output([str(ROOT / "run"), *arguments], check_code=False, env=self.environment())
            equal(done.returncode, 64, f"exit code of {arguments}")
            check(done.stderr.strip(), f"{arguments}: no reason is given")

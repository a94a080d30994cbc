"""A real server, its command line and its REST API, for the system tests. Only Python's standard library."""

import fcntl
import http.client
import http.server
import io
import json
import os
import pty
import select
import shutil
import signal
import socket
import struct
import subprocess
import tarfile
import tempfile
import termios
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
EMAIL, PASSWORD = "admin@example.com", "SomeSecurePassword42"


class Failed(AssertionError):
    pass


class Skipped(str):
    """Why a part of a case could not be tried here; given in place of what went wrong."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def equal(found, wanted, what):
    check(found == wanted, f"{what}: {found!r}, wanted {wanted!r}")


def contains(text, part, what="the text"):
    check(part in text, f"{what} lacks {part!r}:\n{text[-3000:]}")


def wait_until(what, condition, seconds=60):
    """The value of condition() as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < deadline, f"waited {seconds} s for {what}")
        time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- processes of this machine ----------------------------------------------------------------------------------------

def parents():
    """{pid: parent pid} of all processes."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                found[int(entry)] = int(fields[1])
    return found


def descendants(pid):
    tree, found, todo = parents(), [], [pid]
    while todo:
        one = todo.pop()
        for child, parent in tree.items():
            if parent == one:
                found.append(child)
                todo.append(child)
    return found


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def environment_of(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def processes_in(folder):
    """Processes that work in the folder, name it or have their home there."""
    found = []
    for pid in parents():
        try:
            inside = os.readlink(f"/proc/{pid}/cwd").startswith(str(folder))
        except OSError:
            inside = False
        inside = inside or str(folder) in command_line(pid) or f"\0HOME={folder}/" in "\0" + environment_of(pid)
        if inside and pid != os.getpid():
            found.append((pid, command_line(pid)))
    return found


def path_without_terraform():
    """For servers that must not find it."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not any((Path(folder) / name).exists() for name in ("terraform", "tofu")))


def program_output(command, timeout=120, check_code=True, text_input="", **options):
    done = subprocess.run(command, input=text_input, capture_output=True, text=True, timeout=timeout, errors="replace", **options)
    if check_code:
        check(done.returncode == 0, f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


# --- REST -------------------------------------------------------------------------------------------------------------

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def message(self):
        """The text of an error body, which must have the shape of Response."""
        try:
            value = self.json()
        except ValueError:
            raise Failed(f"status {self.status} without a JSON body: {self.body[:300]!r}") from None
        check(isinstance(value.get("message"), str) and value["message"], f"no message in {value}")
        parts = [value["message"], value.get("detail", "")]
        parts += [f"{entry['field']}: {entry['detail']}" for entry in value.get("validations") or []]
        return "\n".join(parts)


class Api:
    def __init__(self, url, token=None):
        self.url, self.token = url, token

    def call(self, method, path, body=None, headers=None, timeout=60):
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Coder-Session-Token", self.token)
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        elif isinstance(body, str):
            body = body.encode()
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())
        except urllib.error.URLError as error:
            raise ConnectionError(f"{method} {path}: {error.reason}") from None

    def want(self, method, path, body=None, status=(200, 201, 204), **options):
        answer = self.call(method, path, body, **options)
        allowed = status if isinstance(status, tuple) else (status,)
        check(answer.status in allowed, f"{method} {path} answered {answer.status}: {answer.body[:800].decode(errors='replace')}")
        return answer.json() if answer.body and "json" in (answer.headers.get("Content-Type") or "") else answer

    def get(self, path, **options):
        return self.want("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.want("POST", path, body, **options)

    # The nouns the tests need.

    def upload(self, files):
        return self.post("/api/v2/files", tar_of(files), headers={"Content-Type": "application/x-tar"})["hash"]

    def import_version(self, files, template_id=None, variables=None, wait=True):
        body = {"storage_method": "file", "file_id": self.upload(files), "provisioner": "terraform", "tags": {},
                "user_variable_values": [{"name": name, "value": value} for name, value in (variables or {}).items()]}
        if template_id:
            body["template_id"] = template_id
        version = self.post("/api/v2/organizations/default/templateversions", body)
        return self.wait_version(version["id"]) if wait else version

    def wait_version(self, version_id, seconds=120):
        path = f"/api/v2/templateversions/{version_id}"
        return wait_until("the import", lambda: finished(self.get(path)), seconds)

    def version_logs(self, version_id):
        return log_text(self.get(f"/api/v2/templateversions/{version_id}/logs"))

    def create_template(self, name, files, variables=None):
        version = self.import_version(files, variables=variables)
        check(version["job"]["status"] == "succeeded", f"the import failed: {version['job'].get('error')}\n{self.version_logs(version['id'])}")
        return self.post("/api/v2/organizations/default/templates", {"name": name, "template_version_id": version["id"]})

    def create_workspace(self, name, template, parameters=None, **options):
        return self.post("/api/v2/users/me/workspaces", {
            "name": name, "template_id": template["id"], "rich_parameter_values": parameter_list(parameters)}, **options)

    def build(self, workspace_id, transition, parameters=None, **more):
        body = {"transition": transition, "rich_parameter_values": parameter_list(parameters), **more}
        return self.post(f"/api/v2/workspaces/{workspace_id}/builds", body)

    def wait_build(self, build_id, seconds=120):
        return wait_until("the build", lambda: finished(self.get(f"/api/v2/workspacebuilds/{build_id}")), seconds)

    def build_done(self, workspace_id, transition, parameters=None, status="succeeded", **more):
        build = self.wait_build(self.build(workspace_id, transition, parameters, **more)["id"])
        equal(build["job"]["status"], status, f"the {transition} build (error {build['job'].get('error')!r})\n{self.build_logs(build['id'])}\n")
        return build

    def build_logs(self, build_id):
        return log_text(self.get(f"/api/v2/workspacebuilds/{build_id}/logs"))

    def state(self, build_id):
        answer = self.want("GET", f"/api/v2/workspacebuilds/{build_id}/state")
        return answer if isinstance(answer, dict) else json.loads(answer.body or b"{}")

    def workspace(self, name, owner="me"):
        return self.get(f"/api/v2/users/{owner}/workspace/{name}")

    def agents(self, workspace):
        return [agent for resource in workspace["latest_build"]["resources"] for agent in resource.get("agents") or []]

    def wait_agent(self, name, lifecycle="ready", seconds=60):
        def ready():
            agents = self.agents(self.workspace(name))
            return agents and all(a["status"] == "connected" and a["lifecycle_state"] == lifecycle for a in agents) and agents
        try:
            return wait_until(f"the agent of {name}", ready, seconds)[0]
        except Failed as failure:
            states = [(a["name"], a["status"], a["lifecycle_state"]) for a in self.agents(self.workspace(name))]
            raise Failed(f"{failure}; agents: {states}") from None


def finished(value):
    return value if value["job"]["status"] in ("succeeded", "failed", "canceled") else None


def parameter_list(parameters):
    return [{"name": name, "value": str(value)} for name, value in (parameters or {}).items()]


def log_text(entries):
    return "\n".join(f"[{entry['log_level']}] {entry['stage']}: {entry['output']}" for entry in entries)


def tar_of(files):
    """A tar of {name: text} or of a folder."""
    if isinstance(files, Path):
        files = {str(path.relative_to(files)): path.read_text() for path in sorted(files.rglob("*")) if path.is_file()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


PROCESS_TEMPLATE = HERE / "templates/process"
# What a template that uses the coder provider begins with.
NEEDS_CODER = """
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
"""


# --- the server -------------------------------------------------------------------------------------------------------

class Deployment:
    """One `berth server` with a folder of its own, its first user, and a command line that is logged in."""

    def __init__(self, berth, folder, arguments=()):
        self.berth, self.folder, self.arguments = berth, folder, list(arguments)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / "server.log"
        self.workspaces = folder / "workspaces"
        # Variables of the server alone.
        self.server_environment = {}
        self.process = None
        self.api = Api(self.url)
        self.home = folder / "home"
        for path in (folder, self.workspaces, self.home):
            path.mkdir(parents=True, exist_ok=True)

    def environment(self, **more):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CODER_")}
        return {**clean, "HOME": str(self.home), "CODER_CONFIG_DIR": str(self.folder / "cli"), **more}

    def start(self, seconds=60):
        log = open(self.log_path, "ab")
        command = [self.berth, "server", "--global-config", str(self.folder / "data"), "--cache-dir", str(self.folder / "cache"),
                   "--http-address", f"127.0.0.1:{self.port}", "--access-url", self.url, *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(**self.server_environment),
                                        start_new_session=True)
        log.close()

        def answers():
            check(self.process.poll() is None, f"the server ended with {self.process.poll()}:\n{self.log(3000)}")
            try:
                return self.api.call("GET", "/healthz", timeout=5).status == 200
            except OSError:
                return False
        wait_until("the server", answers, seconds)
        return self

    def first_user(self):
        user = self.api.post("/api/v2/users/first", {"email": EMAIL, "username": "admin", "name": "Admin", "password": PASSWORD,
                                                    "trial": False}, status=201)
        self.login()
        return user

    def login(self):
        login = self.api.post("/api/v2/users/login", {"email": EMAIL, "password": PASSWORD}, status=201)
        self.api.token = login["session_token"]

    def cli(self, *arguments, code=0, timeout=180, text_input="", **environment):
        done = subprocess.run([self.berth, *arguments], input=text_input, capture_output=True, text=True, timeout=timeout,
                              env=self.environment(**environment), errors="replace")
        if code is not None:
            check(done.returncode == code, f"berth {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def terminal(self, *arguments, **environment):
        return Terminal([self.berth, *arguments], self.environment(TERM="xterm", **environment))

    def popen(self, *arguments, **environment):
        """The command line in the background, both outputs in one pipe."""
        return subprocess.Popen([self.berth, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", env=self.environment(**environment))

    def stop(self, seconds=30):
        """As Ctrl-C does it. Returns the exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server does not stop within {seconds} s:\n{self.log(2000)}") from None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self, size=20000):
        return self.log_path.read_text(errors="replace")[-size:] if self.log_path.exists() else ""

    def clean_up(self):
        """Ends whatever is left; the folder stays for a look."""
        try:
            self.stop(20)
        except Failed:
            self.kill()
        for pid, _ in processes_in(self.folder):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder / "cache", ignore_errors=True)


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, command, environment, rows=24, columns=80):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(str(command[0]), [str(part) for part in command], environment)
            finally:
                os._exit(127)
        self.text, self.seen, self.code = "", 0, None
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What came; nothing at the end and when nothing comes for so long."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return ""
        try:
            return os.read(self.fd, 65536).decode(errors="replace")
        except OSError:
            return ""

    def expect(self, words, seconds=30):
        """Waits for the words after what was expected before; returns what stood before them."""
        deadline = time.monotonic() + seconds
        while words not in self.text[self.seen:]:
            check(time.monotonic() < deadline, f"the terminal lacks {words!r}:\n{self.text[self.seen:][-2000:]}")
            self.text += self.read(0.2)
        start = self.seen
        at = self.text.index(words, start)
        self.seen = at + len(words)
        return self.text[start:at]

    def send(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self, seconds=30):
        """Its exit code."""
        deadline = time.monotonic() + seconds
        while self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise Failed(f"the program at the terminal does not end:\n{self.text[-2000:]}")
            self.text += self.read(0.05)
        os.close(self.fd)
        return self.code


class Recorder:
    """An HTTP server that keeps what it was asked and answers with what a test wants: (status, body) of a request."""

    def __init__(self, answer):
        self.requests = requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                requests.append((self.path, dict(self.headers)))
                status, body = answer(len(requests))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Cluster:
    """A PostgreSQL of the test's own, for --postgres-url."""

    def __init__(self):
        # Not below the repository: another user must be able to reach it, and socket paths must be short.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="berth-pg-"))
        self.port = free_port()
        self.as_user = []
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
            self.as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        self.bin = self.find()
        self.run("initdb", "-D", str(folder / "data"), "-U", "berth", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.url = f"postgres://berth@127.0.0.1:{self.port}/postgres?sslmode=disable"

    @staticmethod
    def find():
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        check(found, "there is no PostgreSQL server under /usr/lib/postgresql")
        return found[-1]

    def run(self, program, *arguments):
        program_output([*self.as_user, str(self.bin / program), *arguments], cwd=self.folder)

    def start(self):
        options = f"-k {self.folder} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off"
        program_output([*self.as_user, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), "-o", options, "-w",
                        "-l", str(self.folder / "log"), "start"], cwd=self.folder)
        return self

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")


def attempt(function, *arguments):
    """What went wrong in one row of a table; an empty text when nothing did."""
    try:
        function(*arguments)
        return ""
    except Exception as error:
        return str(error) if isinstance(error, Failed) else "".join(traceback.format_exception(error))[-2000:]


class Group:
    """Cases that share one deployment."""

    arguments = ()

    @staticmethod
    def lacks():
        """What this machine lacks for the cases, which are skipped then; an empty text when nothing."""
        return ""

    def __init__(self, berth, folder):
        self.berth, self.folder = berth, folder
        self.deployment = Deployment(berth, folder, self.arguments)
        self.api = self.deployment.api

    def set_up(self):
        self.deployment.start().first_user()

    def tear_down(self):
        self.deployment.clean_up()

    def process_template(self, name="process"):
        return self.api.create_template(name, PROCESS_TEMPLATE, {"folder": str(self.deployment.workspaces)})

    def new_workspace(self, name, template, parameters=None):
        """A workspace whose first build is done."""
        workspace = self.api.create_workspace(name, template, parameters)
        build = self.api.wait_build(workspace["latest_build"]["id"])
        equal(build["job"]["status"], "succeeded", f"the build of {name} ({build['job'].get('error')})\n{self.api.build_logs(build['id'])}\n")
        return self.api.workspace(name)


def upgrade_status(api, path, headers=None):
    """(status, body) of a WebSocket handshake."""
    parts = urllib.parse.urlsplit(api.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", path, headers={
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **(headers or {})})
    answer = connection.getresponse()
    body = answer.read() if answer.status != 101 else b""
    connection.close()
    return answer.status, body.decode(errors="replace")

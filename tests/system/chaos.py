"""Builds go on while everything is killed around them. BERTH_CHAOS_SEED repeats a run's choices, though not their timing;
BERTH_CHAOS_BUILDS makes it longer."""

import collections
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness import HERE, Cluster, Deployment, Failed, Group, check, descendants, equal, parents, wait_until

TEMPLATE = HERE / "templates/chaos"
PSK = "a-pre-shared-key-of-the-chaos"
SLOTS, HANDS = 30, 8
FINAL = ("succeeded", "failed", "canceled")

# Notes which build applies when, and what its terraform wrote. Afterwards it is terraform, with the same pid.
WRAPPER = """#!/bin/sh
case "$1" in
apply)
    echo "$CODER_WORKSPACE_BUILD_ID" >../build_id
    echo "$$" >>"{journal}/applies/$CODER_WORKSPACE_ID"
    echo "$CODER_WORKSPACE_BUILD_ID" >>"{journal}/builds"
    for pid in $(cat "{journal}/applies/$CODER_WORKSPACE_ID"); do
        if [ "$pid" != $$ ] && tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | grep -qx "CODER_WORKSPACE_ID=$CODER_WORKSPACE_ID"; then
            echo "$CODER_WORKSPACE_ID: build $CODER_WORKSPACE_BUILD_ID (pid $$) while pid $pid" >>"{journal}/overlaps"
        fi
    done
    ;;
show)
    # Without a plan's name it is the state, after an apply that went well.
    if [ $# = 3 ] && [ -f ../build_id ]; then cp terraform.tfstate "{journal}/states/$(cat ../build_id)"; fi
    ;;
esac
exec "{terraform}" "$@"
"""


def program_of(pid):
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")).name, os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return "", ""


def processes_of(cluster):
    postmaster = int((cluster.folder / "data/postmaster.pid").read_text().split()[0])
    return [postmaster, *descendants(postmaster)]


def is_final(build):
    return build["job"]["status"] in FINAL


class Outside:
    """A `berth provisioner start` of its own."""

    def __init__(self, deployment, wrapper):
        self.deployment, self.wrapper = deployment, wrapper
        self.cache = deployment.folder / "outside"
        self.log_path = deployment.folder / "outside.log"

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.deployment.berth, "provisioner", "start", "--name", "outside", "--cache-dir", str(self.cache),
                 "--terraform-binary", str(self.wrapper)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.deployment.environment(CODER_URL=self.deployment.url, CODER_PROVISIONER_DAEMON_PSK=PSK))

    def kill(self):
        self.process.kill()
        self.process.wait()


class Journal:
    """What terraform and its resources said."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("applies", "states"):
            (folder / name).mkdir(parents=True)

    def words(self, name):
        path = self.folder / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def overlaps(self):
        return [" ".join(words) for words in self.words("overlaps")]

    def builds(self):
        return [words[0] for words in self.words("builds")]

    def state(self, build_id):
        path = self.folder / "states" / build_id
        return path.read_bytes() if path.exists() else None


class Builder:
    """Posts builds of its workspaces, several at once, until there are enough."""

    def __init__(self, api, template, seed, wanted):
        self.api, self.template, self.wanted = api, template, wanted
        self.random = random.Random(f"builder {seed}")
        self.lock = threading.Lock()
        self.idle = [f"w{number:02}" for number in range(SLOTS)]
        self.posted, self.answers, self.running = 0, collections.Counter(), set()
        self.enough = threading.Event()
        self.strange = []

    def call(self, method, path, body=None, usual=()):
        """None when there was no answer, or one that says to come later."""
        try:
            answer = self.api.call(method, path, body, timeout=20)
        except (OSError, http.client.HTTPException):
            with self.lock:
                self.answers["none"] += 1
            return None
        with self.lock:
            self.answers[answer.status] += 1
            if answer.status not in (200, 201, 503, *usual):
                self.strange.append(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return None if answer.status == 503 else answer

    def start(self):
        self.threads = [threading.Thread(target=self.work) for _ in range(HANDS)]
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def choose(self):
        with self.lock:
            name = self.idle.pop(self.random.randrange(len(self.idle)))
            return name, self.random.choices(("start", "stop", "delete"), (6, 3, 3))[0], self.random.choice((0, 0.2, 0.5, 1))

    def work(self):
        while not self.enough.is_set():
            name, transition, pause = self.choose()
            try:
                build_id = self.post(name, transition, pause)
                if build_id:
                    self.attend(build_id)
            except Failed as failure:
                self.strange.append(str(failure))
                self.enough.set()
            finally:
                with self.lock:
                    self.idle.append(name)

    def post(self, name, transition, pause):
        path = f"/api/v2/users/me/workspace/{name}"
        found = wait_until("an answer", lambda: self.call("GET", path, usual=(404,)), 90)
        pause = [{"name": "pause", "value": str(pause)}]
        if found.status == 404:
            made = self.call("POST", "/api/v2/users/me/workspaces", {
                "name": name, "template_id": self.template["id"], "rich_parameter_values": pause}, usual=(409,))
            build = made.json()["latest_build"] if made and made.status == 201 else None
        else:
            workspace = found.json()
            if not is_final(workspace["latest_build"]):
                return None
            made = self.call("POST", f"/api/v2/workspaces/{workspace['id']}/builds",
                             {"transition": transition, "rich_parameter_values": pause}, usual=(409,))
            build = made.json() if made and made.status == 201 else None
        if build is None:
            return None
        with self.lock:
            self.posted += 1
            if self.posted >= self.wanted:
                self.enough.set()
        return build["id"]

    def attend(self, build_id):
        """For a while only: a build whose daemon was killed may take its time."""
        with self.lock:
            self.running.add(build_id)

        def ended():
            answer = self.call("GET", f"/api/v2/workspacebuilds/{build_id}")
            return answer and answer.status == 200 and is_final(answer.json())
        try:
            wait_until("the build", ended, 20)
        except Failed:
            pass
        with self.lock:
            self.running.discard(build_id)


class Saboteur:
    KINDS = {"server": 2, "daemon": 2, "terraform": 4, "provider": 3, "postgres": 2, "pause": 3, "cancel": 4}

    def __init__(self, group, seed):
        self.group = group
        self.random = random.Random(f"saboteur {seed}")
        self.counts = collections.Counter()
        self.killed = set()

    def run(self):
        while not self.group.builder.enough.is_set():
            self.rest(self.random.uniform(0.2, 1.2))
            kind = self.random.choices(list(self.KINDS), list(self.KINDS.values()))[0]
            if getattr(self, kind)():
                self.counts[kind] += 1

    def rest(self, *choices):
        self.group.builder.enough.wait(self.random.choice(choices))

    def server(self):
        self.group.deployment.kill()
        self.rest(0, 0, 1)
        self.group.deployment.start(90)
        return True

    def daemon(self):
        self.group.outside.kill()
        self.rest(0, 0, 1)
        self.group.outside.start()
        return True

    def kill_one(self, pids):
        if not pids:
            return False
        pid = self.random.choice(sorted(pids))
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.killed.add(str(pid))
        return True

    def terraform(self):
        return self.kill_one(self.group.programs("terraform"))

    def provider(self):
        return self.kill_one(self.group.programs("terraform-provider-coder"))

    def postgres(self):
        self.group.cluster.stop("immediate")
        self.rest(0, 0, 1)
        self.group.cluster.start()
        return True

    def pause(self):
        pids = self.random.choice(([self.group.outside.process.pid], [self.group.deployment.process.pid],
                                   processes_of(self.group.cluster)))
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            if number == signal.SIGSTOP:
                self.rest(1)
        return True

    def cancel(self):
        with self.group.builder.lock:
            running = sorted(self.group.builder.running)
        if not running:
            return False
        answer = self.group.builder.call("PATCH", f"/api/v2/workspacebuilds/{self.random.choice(running)}/cancel", usual=(400, 409, 412))
        return answer is not None and answer.status == 200


class Chaos(Group):
    def __init__(self, berth, folder):
        super().__init__(berth, folder)
        self.seed = os.environ.get("BERTH_CHAOS_SEED") or str(random.randrange(10 ** 9))
        self.wanted = int(os.environ.get("BERTH_CHAOS_BUILDS") or 200)
        self.cluster = Cluster()
        self.journal = Journal(folder / "journal")
        self.wrapper = folder / "terraform"
        self.wrapper.write_text(WRAPPER.format(journal=self.journal.folder, terraform=shutil.which("terraform") or shutil.which("tofu")))
        self.wrapper.chmod(0o755)
        self.deployment = Deployment(berth, folder, (
            "--postgres-url", self.cluster.url, "--provisioner-daemons", "3", "--provisioner-daemon-psk", PSK,
            "--terraform-binary", str(self.wrapper)))
        self.api = self.deployment.api
        self.outside = Outside(self.deployment, self.wrapper)
        self.lines = []

    def set_up(self):
        self.cluster.start()
        super().set_up()
        self.outside.start()
        self.template = self.api.create_template("chaos", TEMPLATE, {
            "folder": str(self.deployment.workspaces), "journal": str(self.journal.folder / "resources")})
        self.builder = Builder(self.api, self.template, self.seed, self.wanted)
        self.saboteur = Saboteur(self, self.seed)
        self.say(f"seed {self.seed}")

    def tear_down(self):
        self.outside.kill()
        self.deployment.clean_up()
        self.cluster.stop("immediate")
        self.cluster.remove()

    def say(self, text):
        print(f"chaos: {text}", flush=True)

    def programs(self, name):
        """Processes of that program that work for one of the daemons."""
        homes = (str(self.deployment.folder / "cache"), str(self.outside.cache))
        found = []
        for pid in parents():
            program, folder = program_of(pid)
            if folder.startswith(homes) and (program == name or program.startswith(name + "_")):
                found.append(pid)
        return found

    def build_jobs(self):
        jobs = self.api.get("/api/v2/organizations/default/provisionerjobs?limit=100000")
        return [job for job in jobs if job["type"] == "workspace_build"]

    # --- the cases

    def case_builds_go_on_while_everything_is_killed(self):
        started = time.monotonic()
        self.builder.start()
        try:
            self.saboteur.run()
        finally:
            self.builder.finish()
        self.say(f"{self.builder.posted} builds posted in {time.monotonic() - started:.0f} s, "
                 f"answers {dict(sorted(self.builder.answers.items(), key=str))}")
        self.say(f"sabotage: {dict(sorted(self.saboteur.counts.items()))}")
        check(self.outside.process.poll() is None, f"the daemon ended by itself with {self.outside.process.poll()}")
        check(self.deployment.process.poll() is None, f"the server ended by itself with {self.deployment.process.poll()}")
        check(not self.builder.strange, "answers that nobody should get:\n" + "\n".join(self.builder.strange[:10]))

    def caches(self):
        return self.deployment.folder / "cache/provisioner", self.outside.cache

    def state(self, build_id):
        return self.api.call("GET", f"/api/v2/workspacebuilds/{build_id}/state").body

    def unfinished(self):
        return [job for job in self.build_jobs() if job["status"] not in FINAL]

    def case_every_job_ends(self):
        started = time.monotonic()
        quiet = started + 30
        wait_until("most jobs to end", lambda: not self.unfinished() or time.monotonic() > quiet, 60)
        # What is left was given to a daemon that was killed before it knew. The reaper waits for five minutes of silence, and
        # a daemon that does work at a job sets its time right again.
        silent = self.unfinished()
        if silent:
            self.cluster.run("psql", "-q", self.cluster.url, "-c",
                             "UPDATE provisioner_jobs SET updated_at = updated_at - interval '5 minutes' "
                             "WHERE started_at IS NOT NULL AND completed_at IS NULL")
        wait_until("the reaper to end the silent jobs", lambda: not self.unfinished(), 100)
        self.say(f"{len(silent)} jobs lost between server and daemon, and ended by the reaper")
        jobs = self.build_jobs()
        self.say(f"{len(jobs)} builds: {dict(sorted(collections.Counter(job['status'] for job in jobs).items()))}, "
                 f"the last ended after {time.monotonic() - started:.0f} s")
        errors = [job.get("error", "") for job in jobs if job["status"] == "failed"]
        for reason, count in collections.Counter(error.split("\n")[0][:80] for error in errors).most_common():
            self.say(f"  {count} failed: {reason}")
        self.statuses = {job["input"]["workspace_build_id"]: job["status"] for job in jobs}
        (self.folder / "jobs.json").write_text(json.dumps(jobs, indent=1))
        check(len(jobs) >= self.wanted, f"only {len(jobs)} builds")
        check(all(errors), "builds failed without a reason")
        coloured = [error for error in errors if "\x1b" in error]
        check(not coloured, f"reasons with a terminal's colours: {coloured[:3]}")

    def case_no_job_ran_twice_and_no_two_of_a_workspace_at_once(self):
        applies = collections.Counter(self.journal.builds())
        twice = [build_id for build_id, count in applies.items() if count > 1]
        overlaps = self.journal.overlaps()
        self.say(f"{len(applies)} applies, {len(twice)} twice, {len(overlaps)} at once")
        check(not twice, f"applied twice: {twice}")
        check(not overlaps, "applied at once:\n" + "\n".join(overlaps))

    def case_a_successful_state_is_what_terraform_wrote(self):
        compared = []
        for build_id, status in self.statuses.items():
            written = self.journal.state(build_id)
            if status == "succeeded" and written is not None:
                compared.append((build_id, self.state(build_id) == written))
        wrong = [build_id for build_id, same in compared if not same]
        self.say(f"{len(compared)} states compared, {len(wrong)} differ")
        check(len(compared) > self.wanted / 10, "too few builds succeeded")
        check(not wrong, f"the states of {wrong} are not what terraform wrote")

    def workspaces(self):
        return self.api.get("/api/v2/workspaces?limit=0")["workspaces"]

    def instances(self, state):
        """{id: (file, tainted)} of the resources in a state."""
        found = {}
        for resource in state.get("resources") or []:
            if resource["type"] == "terraform_data":
                for one in resource["instances"]:
                    found[one["attributes"]["id"]] = (one["attributes"]["input"]["value"]["file"], one.get("status") == "tainted")
        return found

    def files(self):
        """{path: the id of the resource it is}."""
        return {str(path): path.read_text() for path in self.deployment.workspaces.rglob("*") if path.is_file()}

    def build_all(self, transition_of):
        """A build of every workspace, which must succeed. Returns the resources of all."""
        builds = [self.api.build(workspace["id"], transition_of(index)) for index, workspace in enumerate(self.workspaces())]
        found = {}
        for build in builds:
            done = self.api.wait_build(build["id"])
            equal(done["job"]["status"], "succeeded", f"the last {build['transition']} ({done['job'].get('error')})")
            found.update(self.instances(self.api.state(build["id"])))
        return found

    def forgotten(self):
        """Resources that a terraform lost which was killed while it made them, or whose making it broke off: nobody but
        the template can find these again."""
        tainted = {one for build_id in self.statuses for one, (_, bad) in self.instances(self.api.state(build_id)).items() if bad}
        return {words[1] for words in self.journal.words("resources")
                if words[0] == "made" and (words[4] in self.saboteur.killed or words[1] in tainted)}

    def case_every_workspace_can_be_built_again_and_is_what_its_state_says(self):
        self.known = self.forgotten()
        self.kept = self.build_all(lambda index: ("start", "stop")[index % 2])
        wanted = {file: one for one, (file, _) in self.kept.items()}
        found = self.files()
        missing = [file for file, one in wanted.items() if found.get(file) != one]
        extra = {file: one for file, one in found.items() if file not in wanted}
        leaked = {file: one for file, one in extra.items() if one not in self.known}
        # Its removal broke off between the file and the state; it is not made again, since it is in the state.
        begun = {words[1] for words in self.journal.words("resources") if words[0] == "removing"}
        missing = [file for file in missing if wanted[file] not in begun]
        self.say(f"{len(self.workspaces())} workspaces settled with {len(wanted)} resources: {len(missing)} missing, {len(leaked)} leaked, "
                 f"{len(extra) - len(leaked)} forgotten by a killed terraform")
        check(not missing, f"in the state and not on disk: {missing}")
        check(not leaked, f"on disk and in no state: {leaked}")

    def case_no_resource_was_lost(self):
        made, removed = ({words[1] for words in self.journal.words("resources") if words[0] == kind} for kind in ("made", "removed"))
        gone = made - removed - set(self.kept)
        lost = gone - self.known
        self.say(f"{len(made)} resources made, {len(removed)} removed, {len(self.kept)} kept, {len(lost)} lost, "
                 f"{len(gone) - len(lost)} forgotten by a killed terraform")
        text = "\n".join(" ".join(words) for words in self.journal.words("resources") if words[1] in lost)
        check(not lost, f"made, never removed, and in no state:\n{text}")

    def case_deleting_leaves_nothing(self):
        equal(self.build_all(lambda index: "delete"), {}, "resources in the states of deleted workspaces")
        left = self.files()
        leaked = {file: one for file, one in left.items() if one not in self.known}
        self.say(f"all deleted: {len(leaked)} files leaked, {len(left) - len(leaked)} forgotten by a killed terraform")
        check(not leaked, f"files of deleted workspaces: {leaked}")

    def case_no_program_and_no_folder_of_a_session_is_left(self):
        def left():
            programs = [f"{name} in {program_of(pid)[1]}" for name in ("terraform", "terraform-provider-coder") for pid in self.programs(name)]
            folders = [f"{path}: {sorted(one.name for one in path.iterdir())}" for cache in self.caches() for path in cache.glob("*session-*")]
            return programs + folders
        try:
            wait_until("the last to go", lambda: not left(), 20)
        except Failed:
            raise Failed("left behind:\n" + "\n".join(left())) from None

    def case_no_result_waits_to_be_delivered(self):
        builds = {job["id"]: job["input"]["workspace_build_id"] for job in self.build_jobs()}
        waiting, known = [], 0
        for path in (path for cache in self.caches() for path in cache.glob("undelivered/*/*")):
            # A daemon that was killed while the server's thanks were on their way tells it again, and keeps what it refuses.
            if path.suffix == ".tfstate" and path.read_bytes() == self.state(builds[path.stem]):
                known += 1
            else:
                waiting.append(path)
        self.say(f"{len(waiting)} results undelivered, {known} told twice")
        check(not waiting, f"undelivered: {waiting}")

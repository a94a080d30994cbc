"""What happens when a part dies in the middle."""

import os
import signal
import threading
import time

from harness import Cluster, Deployment, Group, check, command_line, descendants, equal, parents, wait_until

SLOW = {"slow": 60}


def apply_running(server):
    """The pids of terraform processes that apply, below the server."""
    return [pid for pid in descendants(server) if "terraform" in command_line(pid).split(" ")[0] and " apply " in command_line(pid) + " "]


def pause_running(server):
    """The pauses of the applies below the server: by then each has made its home, and terraform knows it."""
    return [pid for pid in descendants(server) if command_line(pid).startswith("sleep 60")]


def ended(pids):
    return not any(command_line(pid) for pid in pids)


class KilledServer(Group):
    """The server is killed in the middle of two builds: a workspace's second, and another's first."""

    def set_up(self):
        super().set_up()
        self.template = self.process_template()
        self.keep = self.new_workspace("keep", self.template)

    def sessions(self):
        return set((self.deployment.folder / "cache/provisioner").glob("session-*"))

    def resources(self, build_id):
        return {f"{resource['type']}.{resource['name']}" for resource in self.api.state(build_id).get("resources", [])}

    def case_a_server_killed_in_the_middle_of_builds_starts_again(self):
        second = self.api.build(self.keep["id"], "start", SLOW)
        self.first = self.api.create_workspace("first", self.template, SLOW)
        server = self.deployment.process.pid
        wait_until("both applies to pause", lambda: len(pause_running(server)) == 2, 60)
        self.programs = [pid for pid in descendants(server) if "terraform" in command_line(pid).split(" ")[0]]
        check(len(self.programs) >= 4, f"two terraforms and their providers run: {self.programs}")
        self.old_sessions = self.sessions()
        equal(len(self.old_sessions), 2, "folders of sessions")
        self.builds = {"keep": second["id"], "first": self.first["latest_build"]["id"]}
        self.deployment.kill()
        check(not ended(self.programs), "terraform ended with the server: nothing is left to recover")
        self.deployment.start(90)
        equal(self.api.get("/api/v2/users/me")["username"], "admin", "the old session's user")

    def case_the_interrupted_builds_end_soon(self):
        for name, build_id in self.builds.items():
            build = self.api.wait_build(build_id, 30)
            check(build["job"]["status"] in ("failed", "succeeded"), f"the build of {name} is {build['job']['status']}")
            check(build["job"]["status"] == "succeeded" or build["job"].get("error"), f"no reason is given for {name}")

    def case_what_terraform_had_made_is_in_their_states(self):
        for name, build_id in self.builds.items():
            check("terraform_data.home" in self.resources(build_id), f"the state of {name} has only {sorted(self.resources(build_id))}")

    def case_nothing_of_the_old_server_stays(self):
        wait_until("terraform and its providers to end", lambda: ended(self.programs), 20)
        wait_until("the old sessions' folders to go", lambda: not self.old_sessions & self.sessions(), 20)
        left = [path for path in (self.deployment.folder / "cache/provisioner/undelivered").rglob("*") if path.is_file()]
        check(not left, f"results wait to be delivered: {left}")

    def case_the_restarted_server_serves_other_builds(self):
        self.new_workspace("after", self.template)

    def case_a_retry_works(self):
        for name in self.builds:
            workspace = self.api.workspace(name)
            self.api.build_done(workspace["id"], "start", {"slow": 0})
            self.api.wait_agent(name)

    def case_deleting_them_leaves_nothing(self):
        for name, build_id in self.builds.items():
            agent = int((self.deployment.workspaces / f"admin-{name}/agent.pid").read_text())
            deleted = self.api.build_done(self.api.workspace(name)["id"], "delete")
            equal(self.api.state(deleted["id"]).get("resources"), [], f"resources of {name}")
            wait_until(f"the agent of {name} to end", lambda: ended([agent]), 20)


class Terraform(Group):
    def set_up(self):
        super().set_up()
        self.template = self.process_template()

    def case_terraform_killed_in_the_middle_of_apply_fails_the_build_with_a_reason(self):
        workspace = self.api.create_workspace("half", self.template, SLOW)
        server = self.deployment.process.pid
        # The home is made by then, and known to terraform.
        wait_until("the pause of the apply", lambda: pause_running(server), 60)
        pids = apply_running(server)
        time_before_end = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        build = self.api.wait_build(workspace["latest_build"]["id"], 60)
        equal(build["job"]["status"], "failed", "the build")
        check(build["job"].get("error"), "no reason is given")
        check(time.monotonic() - time_before_end < 30, "it took too long to notice")
        self.workspace, self.failed = workspace, build

    def case_what_was_made_before_is_in_the_state(self):
        names = {f"{r['type']}.{r['name']}" for r in self.api.state(self.failed["id"]).get("resources", [])}
        check("terraform_data.home" in names, f"the state has only {sorted(names)}")

    def case_the_next_build_goes_on_from_there(self):
        self.api.build_done(self.workspace["id"], "start", {"slow": 0})
        self.api.wait_agent("half")
        self.api.build_done(self.workspace["id"], "delete")

    def case_a_canceled_build_ends_soon_and_leaves_no_terraform(self):
        workspace = self.api.create_workspace("cancelled", self.template, SLOW)
        wait_until("terraform to apply", lambda: apply_running(self.deployment.process.pid), 60)
        self.api.want("PATCH", f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}/cancel")
        build = self.api.wait_build(workspace["latest_build"]["id"], 60)
        equal(build["job"]["status"], "canceled", "the build")
        wait_until("terraform to end", lambda: not apply_running(self.deployment.process.pid), 20)
        wait_until("its children to end", lambda: not [p for p in descendants(self.deployment.process.pid) if "sleep 60" in command_line(p)], 20)
        self.api.build_done(workspace["id"], "delete", {"slow": 0})

    def case_a_second_build_while_one_runs_is_refused(self):
        workspace = self.api.create_workspace("busy", self.template, {"slow": 20})
        answer = self.api.call("POST", f"/api/v2/workspaces/{workspace['id']}/builds", {"transition": "stop"})
        equal(answer.status, 409, "status")
        answer.message()
        self.api.want("PATCH", f"/api/v2/workspacebuilds/{workspace['latest_build']['id']}/cancel")
        self.api.wait_build(workspace["latest_build"]["id"], 60)

    def case_the_server_stops_cleanly_in_the_middle_of_a_build(self):
        self.api.create_workspace("last", self.template, SLOW)
        wait_until("terraform to apply", lambda: apply_running(self.deployment.process.pid), 60)
        children = descendants(self.deployment.process.pid)
        equal(self.deployment.stop(60), 0, "exit code")
        left = [command_line(pid) for pid in children if command_line(pid) and "coder agent" not in command_line(pid)]
        check(not left, f"left behind: {left}")


def answers_during(api, disturb):
    """The statuses that requests get from before disturb() until they succeed again; what it is given waits for a 503."""
    seen, done = [], threading.Event()

    def load():
        while not done.is_set():
            try:
                seen.append(api.call("GET", "/api/v2/workspaces?q=", timeout=20).status)
            except OSError as error:
                seen.append(f"no answer: {error}")

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_until("a hundred answers", lambda: len(seen) > 100, 20)
        disturb(lambda: wait_until("a 503", lambda: 503 in seen, 20))
        before = len(seen)
        wait_until("requests to succeed again", lambda: seen[before:][-50:].count(200) == 50, 30)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return set(seen)


class Database(Group):
    """PostgreSQL is restarted while requests come."""

    def __init__(self, berth, folder):
        self.cluster = Cluster()
        super().__init__(berth, folder)
        self.deployment = Deployment(berth, folder, ("--postgres-url", self.cluster.url))
        self.api = self.deployment.api

    def set_up(self):
        self.cluster.start()
        super().set_up()
        self.template = self.process_template()

    def tear_down(self):
        self.deployment.clean_up()
        self.cluster.stop("immediate")
        self.cluster.remove()

    def case_requests_fail_with_503_and_recover_by_themselves(self):
        def restart(failing):
            self.cluster.stop("immediate")
            failing()
            self.cluster.start()
        statuses = answers_during(self.api, restart)
        check(statuses == {200, 503}, f"there were answers other than 200 and 503: {statuses}")

    def case_builds_work_after_the_restart(self):
        workspace = self.new_workspace("after", self.template)
        self.api.wait_agent("after")
        self.api.build_done(workspace["id"], "delete")


class OwnDatabase(Group):
    """The PostgreSQL that the server runs itself is killed under it."""

    def set_up(self):
        super().set_up()
        self.template = self.process_template()
        self.workspace = self.new_workspace("before", self.template)

    def postmasters(self):
        return [pid for pid, parent in parents().items()
                if parent == self.deployment.process.pid and "postgres -D" in command_line(pid)]

    def case_requests_fail_with_503_and_recover_by_themselves(self):
        killed = self.postmasters()
        equal(len(killed), 1, "postmasters below the server")

        def kill(failing):
            os.kill(killed[0], signal.SIGKILL)
            failing()
        statuses = answers_during(self.api, kill)
        check(statuses == {200, 503}, f"there were answers other than 200 and 503: {statuses}")
        check(self.postmasters() not in ([], killed), "no new PostgreSQL runs")

    def case_nothing_is_lost_and_builds_work(self):
        equal(self.api.workspace("before")["latest_build"]["job"]["status"], "succeeded", "the build before")
        self.new_workspace("after", self.template)
        self.api.build_done(self.workspace["id"], "delete")

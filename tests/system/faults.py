"""What happens when a part dies in the middle."""

import os
import signal
import threading
import time

from harness import Cluster, Deployment, Group, check, command_line, descendants, equal, wait_until

SLOW = {"slow": 60}


def apply_running(server):
    """The pids of terraform processes that apply, below the server."""
    return [pid for pid in descendants(server) if "terraform" in command_line(pid).split(" ")[0] and " apply " in command_line(pid) + " "]


class KilledServer(Group):
    """First half: the server is killed in the middle of a build. The reaper may take minutes to see it, so that the second
    half comes after the other groups."""

    def set_up(self):
        self.deployment.start().first_user()
        self.template = self.process_template()
        self.workspace = self.new_workspace("keep", self.template)

    def tear_down(self):
        self.shared["killed"] = self.deployment
        self.deployment.keep_workspace = self.workspace

    def case_a_server_killed_in_the_middle_of_a_build_starts_again(self):
        self.state = self.api.state(self.workspace["latest_build"]["id"])
        build = self.api.build(self.workspace["id"], "start", SLOW)
        wait_until("terraform to apply", lambda: apply_running(self.deployment.process.pid), 60)
        self.deployment.kill()
        self.deployment.start(90)
        equal(self.api.get("/api/v2/users/me")["username"], "admin", "the old session's user")
        check(self.api.get(f"/api/v2/workspacebuilds/{build['id']}")["job"]["status"] in ("running", "failed", "succeeded"), "the build is unknown")
        self.deployment.killed_build, self.deployment.kept_state = build["id"], self.state

    def case_the_restarted_server_serves_other_builds(self):
        self.new_workspace("after", self.template)


class KilledServerLater:
    """Second half, on the same deployment."""

    def __init__(self, _berth, _folder, shared):
        self.shared = shared

    def set_up(self):
        self.deployment = self.shared["killed"]
        self.api = self.deployment.api

    def tear_down(self):
        pass

    def case_the_interrupted_build_is_failed_or_finished(self):
        build = self.api.wait_build(self.deployment.killed_build, 480)
        check(build["job"]["status"] in ("failed", "succeeded"), f"status {build['job']['status']}")
        if build["job"]["status"] == "failed":
            check(build["job"].get("error"), "no reason is given")

    def case_the_state_is_not_lost(self):
        state = self.api.state(self.deployment.killed_build)
        check(state.get("resources"), "the state has no resources")

    def case_a_retry_works(self):
        self.api.build_done(self.deployment.keep_workspace["id"], "start", {"slow": 0})
        self.api.wait_agent("keep")
        self.api.build_done(self.deployment.keep_workspace["id"], "delete")


class Terraform(Group):
    def set_up(self):
        super().set_up()
        self.template = self.process_template()

    def case_terraform_killed_in_the_middle_of_apply_fails_the_build_with_a_reason(self):
        workspace = self.api.create_workspace("half", self.template, SLOW)
        server = self.deployment.process.pid
        # The home is made by then, and known to terraform.
        wait_until("the pause of the apply", lambda: [pid for pid in descendants(server) if command_line(pid).startswith("sleep 60")], 60)
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


class Database(Group):
    """PostgreSQL is restarted while requests come."""

    def __init__(self, berth, folder, shared):
        self.cluster = Cluster()
        super().__init__(berth, folder, shared)
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
        seen, done = [], threading.Event()

        def load():
            while not done.is_set():
                try:
                    seen.append(self.api.call("GET", "/api/v2/workspaces?q=", timeout=20).status)
                except OSError as error:
                    seen.append(f"no answer: {error}")

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            wait_until("a hundred answers", lambda: len(seen) > 100, 20)
            self.cluster.stop("immediate")
            wait_until("a 503", lambda: 503 in seen, 20)
            self.cluster.start()
            before = len(seen)
            wait_until("requests to succeed again", lambda: seen[before:][-50:].count(200) == 50, 30)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        others = {status for status in seen if status not in (200, 503)}
        check(not others, f"there were answers other than 200 and 503: {others}")

    def case_builds_work_after_the_restart(self):
        workspace = self.new_workspace("after", self.template)
        self.api.wait_agent("after")
        self.api.build_done(workspace["id"], "delete")

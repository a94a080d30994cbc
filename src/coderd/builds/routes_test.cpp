#include "coderd/builds/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Fixture;
using testing::Person;

using db::testing::quoted;

class BuildRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person theo = api.add_user("theo", "{template-admin}");
    std::vector<Person> people{api.owner, mary, paul, theo};
    Fixture::Imported made = api.add_shared_template("docker");
    Fixture::Build dev = api.add_running_workspace(made, mary.id, "dev");
    std::string builds = "/api/v2/workspaces/" + dev.workspace_id.to_string() + "/builds";
    std::string one = "/api/v2/workspacebuilds/" + dev.build_id.to_string();

    testing::Answer build(const std::string& body, const std::string& token = "") {
        return api.post(builds, token.empty() ? mary.token : token, body);
    }
    void add_log(const Uuid& job, const std::string& text) {
        api.sql(
            "INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output) VALUES ('" +
            job.to_string() + "', now(), 'provisioner', 'info', 'Planning', '" + text + "')");
    }
    static Uuid job_of(const testing::Answer& build) {
        return *Uuid::parse(std::string(build.json.at("job").at("id").as_string()));
    }
};

TEST_F(BuildRoutesTest, WhoMayDoWhat) {
    check_policies(
        api, people,
        {
            {"GET", one, "", {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}, {"theo", 200}}},
            {"GET", one + "/parameters", "", {{"-", 401}, {"mary", 200}, {"paul", 404}}},
            {"GET", one + "/resources", "", {{"-", 401}, {"mary", 200}, {"paul", 404}}},
            {"GET", one + "/logs", "", {{"-", 401}, {"mary", 200}, {"paul", 404}}},
            {"GET", one + "/timings", "", {{"-", 401}, {"mary", 200}, {"paul", 404}}},
            {"GET",
             one + "/state",
             "",
             {{"-", 401}, {"paul", 404}, {"mary", 404}, {"theo", 200}, {"ada", 200}}},
            {"PUT",
             one + "/state",
             R"({"state": "e30="})",
             {{"-", 401}, {"paul", 404}, {"mary", 404}, {"theo", 204}, {"ada", 204}}},
            {"PATCH", one + "/cancel", "", {{"-", 401}, {"paul", 404}, {"mary", 400}}},
            {"POST", builds, R"({"transition": "stop"})", {{"-", 401}, {"paul", 404}, {"theo", 403}}},
            {"GET",
             "/api/v2/users/mary/workspace/dev/builds/1",
             "",
             {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}}},
            {"GET", "/api/v2/users/mary/workspace/dev/builds/2", "", {{"mary", 404}}},
            {"GET", "/api/v2/users/mary/workspace/dev/builds/x", "", {{"mary", 400}}},
            {"GET", "/api/v2/users/mary/workspace/none/builds/1", "", {{"mary", 404}}},
            {"GET", "/api/v2/workspacebuilds/" + Uuid::random().to_string(), "", {{"ada", 404}}},
            {"GET", "/api/v2/workspacebuilds/x", "", {{"ada", 400}}},
        });
}

TEST_F(BuildRoutesTest, StopStartDelete) {
    auto stop = build(R"({"transition": "stop"})");
    ASSERT_EQ(stop.status, 201u) << stop.text;
    EXPECT_EQ(stop.json.at("build_number"), 2);
    EXPECT_EQ(stop["transition"], "stop");
    EXPECT_EQ(stop["status"], "pending");
    EXPECT_EQ(stop["workspace_owner_name"], "mary");
    // One at a time.
    auto second = build(R"({"transition": "start"})");
    EXPECT_EQ(second.status, 409u) << second.text;
    api.finish_job(job_of(stop));
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + stop["id"], mary.token)["status"], "stopped");
    auto start = build(R"({"transition": "start", "reason": "cli"})");
    ASSERT_EQ(start.status, 201u) << start.text;
    EXPECT_EQ(start["reason"], "cli");
    api.finish_job(job_of(start), "no");
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + start["id"], mary.token)["status"], "failed");
    auto gone = build(R"({"transition": "delete"})");
    ASSERT_EQ(gone.status, 201u) << gone.text;
    EXPECT_EQ(gone.json.at("build_number"), 4);
    EXPECT_EQ(api.get(builds, mary.token).json.as_array().size(), 4u);
    EXPECT_EQ(api.get(builds + "?limit=1", mary.token).json.at(0).at("build_number"), 4);
    EXPECT_EQ(api.get(builds + "?limit=1&offset=3", mary.token).json.at(0).at("build_number"), 1);
    auto rest = api.get(builds + "?after_id=" + start["id"], mary.token);
    ASSERT_EQ(rest.json.as_array().size(), 2u) << rest.text;
    EXPECT_EQ(rest.json.at(0).at("build_number"), 2);
    EXPECT_EQ(api.get(builds + "?limit=1&offset=1&after_id=" + start["id"], mary.token)
                  .json.at(0)
                  .at("build_number"),
              1);
    EXPECT_EQ(api.get(builds + "?after_id=" + Uuid::random().to_string(), mary.token).bad_fields(),
              "after_id");
}

TEST_F(BuildRoutesTest, BadInput) {
    auto other = api.add_shared_template("other");
    struct Case {
        std::string body;
        unsigned status;
        const char* fields;
    };
    for (const auto& [body, status, fields] : {
             Case{"{", 400, ""},
             Case{"{}", 400, "transition"},
             Case{R"({"transition": "fly"})", 400, "transition"},
             Case{R"({"transition": "start", "orphan": true})", 400, "orphan"},
             Case{R"({"transition": "start", "dry_run": true})", 400, "dry_run"},
             Case{
                 R"({"transition": "start", "template_version_id": ")" + other.version_id.to_string() + "\"}",
                 400, "template_version_id"},
             Case{R"({"transition": "stop", "template_version_id": ")" + other.version_id.to_string() + "\"}",
                  400, "template_version_id"},
             Case{R"({"transition": "delete", "template_version_id": ")" + other.version_id.to_string() +
                      "\"}",
                  400, "template_version_id"},
             Case{R"({"transition": "start", "template_version_id": ")" + Uuid::random().to_string() + "\"}",
                  404, ""},
             Case{R"({"transition": "start", "template_version_preset_id": ")" + Uuid::random().to_string() +
                      "\"}",
                  400, "template_version_preset_id"},
             Case{R"({"transition": "start", "rich_parameter_values": [{"name": "no", "value": ""}]})", 400,
                  "no"},
             Case{R"({"transition": "start", "state": "e30="})", 403, ""},
         }) {
        auto answer = build(body);
        EXPECT_EQ(answer.status, status) << body << answer.text;
        if (*fields != 0) {
            EXPECT_EQ(answer.bad_fields(), fields) << body << answer.text;
        }
    }
    EXPECT_EQ(api.post("/api/v2/workspaces/" + Uuid::random().to_string() + "/builds", mary.token,
                       R"({"transition": "stop"})")
                  .status,
              404u);
    EXPECT_EQ(api.get(builds + "?since=yesterday", mary.token).bad_fields(), "since");
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_builds"), "1");
}

TEST_F(BuildRoutesTest, AFailedImportCannotBeBuilt) {
    api.sql("UPDATE provisioner_jobs SET error = 'no' WHERE id = '" + made.job_id.to_string() + "'");
    auto answer = build(R"({"transition": "start"})");
    EXPECT_EQ(answer.status, 400u) << answer.text;
    EXPECT_EQ(build(R"({"transition": "stop"})").status, 201u);
}

TEST_F(BuildRoutesTest, AnArchivedVersionIsKeptButNotComeTo) {
    auto next = api.add_version(made);
    api.sql(
        "UPDATE template_versions SET archived = true WHERE id <> (SELECT active_version_id FROM templates "
        "WHERE id = '" +
        made.template_id.to_string() + "')");
    auto refused = build(R"({"transition": "start", "template_version_id": ")" + next.to_string() + "\"}");
    EXPECT_EQ(refused.bad_fields(), "template_version_id") << refused.text;
    api.sql("UPDATE template_versions SET archived = true");
    EXPECT_EQ(build(R"({"transition": "start"})").status, 201u);
}

TEST_F(BuildRoutesTest, ATemplateMayRequireItsActiveVersion) {
    auto next = api.add_version(made);
    api.sql("UPDATE templates SET require_active_version = true, active_version_id = '" + next.to_string() +
            "'");
    auto refused = build(R"({"transition": "start"})");
    EXPECT_EQ(refused.status, 403u) << refused.text;
    EXPECT_NE(refused.message().find("active version"), std::string::npos) << refused.text;
    auto stopped = build(R"({"transition": "stop"})");
    ASSERT_EQ(stopped.status, 201u) << stopped.text;
    api.finish_job(job_of(stopped));
    EXPECT_EQ(build(R"({"transition": "start", "template_version_id": ")" + next.to_string() + "\"}").status,
              201u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_builds"), "3");
}

TEST_F(BuildRoutesTest, AStopRepeatsNoValueThatWasForOneBuildOnly) {
    for (const char* ephemeral : {"true", "false"})
        api.sql(std::string(
                    "INSERT INTO template_version_parameters (template_version_id, name, type, form_type, "
                    "mutable, ephemeral, default_value, required) VALUES ('") +
                made.version_id.to_string() + "', 'p-" + ephemeral + "', 'string', 'input', true, " +
                ephemeral + ", '', false)");
    auto start = build(R"({"transition": "start", "rich_parameter_values": [{"name": "p-true", "value": "a"},
                          {"name": "p-false", "value": "b"}]})");
    ASSERT_EQ(start.status, 201u) << start.text;
    api.finish_job(job_of(start));
    auto stop = build(R"({"transition": "stop"})");
    ASSERT_EQ(stop.status, 201u) << stop.text;
    EXPECT_EQ(api.sql("SELECT string_agg(name || '=' || value, ' ') FROM workspace_build_parameters "
                      "WHERE workspace_build_id = '" +
                      stop["id"] + "'"),
              "p-false=b");
}

TEST_F(BuildRoutesTest, Cancels) {
    auto start = build(R"({"transition": "start"})");
    ASSERT_EQ(start.status, 201u) << start.text;
    const std::string cancel = "/api/v2/workspacebuilds/" + start["id"] + "/cancel";
    EXPECT_EQ(api.patch(cancel + "?expect_status=asleep", mary.token).bad_fields(), "expect_status");
    EXPECT_EQ(api.patch(cancel + "?expect_status=running", mary.token).status, 412u);
    auto done = api.patch(cancel + "?expect_status=pending", mary.token);
    EXPECT_EQ(done.status, 200u) << done.text;
    EXPECT_NE(done.message(), "");
    EXPECT_EQ(api.patch(cancel, mary.token).status, 400u);
    // Nobody had taken it: it is over at once.
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + start["id"], mary.token)["status"], "canceled");
    auto again = build(R"({"transition": "start"})");
    ASSERT_EQ(again.status, 201u) << again.text;
    api.sql("UPDATE provisioner_jobs SET started_at = now() WHERE id = '" + job_of(again).to_string() + "'");
    EXPECT_EQ(api.patch("/api/v2/workspacebuilds/" + again["id"] + "/cancel", mary.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + again["id"], mary.token)["status"], "canceling");
}

TEST_F(BuildRoutesTest, ATemplateMayForbidItsUsersToCancelRunningBuilds) {
    api.sql("UPDATE templates SET allow_user_cancel_workspace_jobs = false");
    auto waiting = build(R"({"transition": "start"})");
    const std::string builds_path = "/api/v2/workspacebuilds/";
    // Nothing runs yet, so nothing can break.
    EXPECT_EQ(api.patch(builds_path + waiting["id"] + "/cancel", paul.token).status, 404u);
    EXPECT_EQ(api.patch(builds_path + waiting["id"] + "/cancel", mary.token).status, 200u);
    auto running = build(R"({"transition": "start"})");
    api.sql("UPDATE provisioner_jobs SET started_at = now() WHERE id = " + quoted(job_of(running)));
    const std::string cancel = builds_path + running["id"] + "/cancel";
    EXPECT_EQ(api.patch(cancel, mary.token).status, 403u);
    EXPECT_EQ(api.patch(cancel + "?expect_status=pending", mary.token).status, 412u);
    EXPECT_EQ(api.job_status(job_of(running)), "running");
    // The template's access list counts like a role.
    api.sql("UPDATE templates SET user_acl = '{\"" + mary.id.to_string() + "\": [\"*\"]}'");
    EXPECT_EQ(api.patch(cancel + "?expect_status=running", mary.token).status, 200u);
    EXPECT_EQ(api.job_status(job_of(running)), "canceling");
}

TEST_F(BuildRoutesTest, OrphaningIsForThoseWhoMayChangeTheTemplate) {
    const std::string orphan = R"({"transition": "delete", "orphan": true})";
    auto refused = build(orphan);
    EXPECT_EQ(refused.status, 403u) << refused.text;
    EXPECT_NE(refused.message(), "");
    EXPECT_EQ(build(orphan, paul.token).status, 404u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_builds"), "1");
    api.sql("UPDATE templates SET user_acl = '{\"" + mary.id.to_string() + "\": [\"*\"]}'");
    EXPECT_EQ(build(orphan).status, 201u);
}

TEST_F(BuildRoutesTest, DebugLogsNeedAnAdministratorAndTheServersOption) {
    const std::string debug = R"({"transition": "start", "log_level": "debug"})";
    EXPECT_EQ(build(debug, api.owner.token).bad_fields(), "log_level");
    api.options.enable_terraform_debug_mode = true;
    auto refused = build(debug);
    EXPECT_EQ(refused.status, 400u) << refused.text;
    EXPECT_EQ(refused.bad_fields(), "log_level");
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_builds"), "1");
    auto made = build(debug, api.owner.token);
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(
        api.sql("SELECT input ->> 'log_level' FROM provisioner_jobs WHERE id = " + quoted(job_of(made))),
        "debug");
}

TEST_F(BuildRoutesTest, StateGoesInAndOutAndOn) {
    EXPECT_EQ(api.get(one + "/state", theo.token).text, "");
    ASSERT_EQ(api.put(one + "/state", api.owner.token, R"({"state": "eyJhIjoxfQ=="})").status, 204u);
    auto state = api.get(one + "/state", theo.token);
    EXPECT_EQ(state.text, R"({"a":1})");
    EXPECT_EQ(state.headers.get("Cache-Control"), "no-store");
    auto stop = build(R"({"transition": "stop"})");
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + stop["id"] + "/state", theo.token).text, R"({"a":1})");
    api.finish_job(job_of(stop));
    auto orphan = build(R"({"transition": "delete", "orphan": true})", api.owner.token);
    ASSERT_EQ(orphan.status, 201u) << orphan.text;
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + orphan["id"] + "/state", theo.token).text, "");
    // Lists never carry it.
    EXPECT_EQ(api.get(builds, mary.token).text.find("eyJhIjoxfQ"), std::string::npos);
}

TEST_F(BuildRoutesTest, Logs) {
    add_log(dev.job_id, "one");
    add_log(dev.job_id, "two");
    auto all = api.get(one + "/logs", mary.token);
    ASSERT_EQ(all.json.as_array().size(), 2u) << all.text;
    EXPECT_EQ(all.json.at(0).at("output"), "one");
    EXPECT_EQ(all.json.at(0).at("log_level"), "info");
    EXPECT_EQ(all.json.at(0).at("log_source"), "provisioner");
    EXPECT_EQ(all.json.at(0).at("stage"), "Planning");
    auto first = std::to_string(all.json.at(0).at("id").as_int64());
    EXPECT_EQ(api.get(one + "/logs?after=" + first, mary.token).json.as_array().size(), 1u);
    auto last = std::to_string(all.json.at(1).at("id").as_int64());
    auto earlier = api.get(one + "/logs?before=" + last, mary.token);
    ASSERT_EQ(earlier.json.as_array().size(), 1u);
    EXPECT_EQ(earlier.json.at(0).at("output"), "one");
    EXPECT_EQ(api.get(one + "/logs?after=" + first + "&before=" + last, mary.token).text, "[]");
    for (const char* query : {"?after=x", "?after=-1", "?before=x", "?follow", "?follow&before=3",
                              "?format=xml", "?format=text&follow", "?format=text&after=x"})
        EXPECT_EQ(api.get(one + "/logs" + query, mary.token).status, 400u) << query;
}

TEST_F(BuildRoutesTest, LogsAsText) {
    add_log(dev.job_id, "one");
    add_log(dev.job_id, "\x1b[1;31mred\x1b[0m\ttext\r\n\x1bMtwo\x7f\n");
    add_log(dev.job_id, "");
    api.sql("UPDATE provisioner_job_logs SET created_at = '2026-01-02T03:04:05.678Z'");
    const std::string start = "2026-01-02T03:04:05Z [info] [provisioner|Planning] ";
    auto all = api.get(one + "/logs?format=text", mary.token);
    EXPECT_EQ(all.status, 200u);
    EXPECT_EQ(all.headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(all.text, start + "one\n" + start + "red\ttext\n" + start + "two\n" + start + "\n");
    auto first = std::to_string(api.get(one + "/logs", mary.token).json.at(0).at("id").as_int64());
    EXPECT_EQ(api.get(one + "/logs?format=text&before=" + first, mary.token).text, "");
    EXPECT_TRUE(
        api.get(one + "/logs?format=text&after=" + first, mary.token).text.starts_with(start + "red"));
    EXPECT_EQ(api.get(one + "/logs?format=json", mary.token).json.as_array().size(), 3u);
    EXPECT_EQ(api.get(one + "/logs?format=text", paul.token).status, 404u);
}

TEST_F(BuildRoutesTest, OneListOfLinesHasAnEnd) {
    api.sql("INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output) SELECT " +
            quoted(dev.job_id) +
            ", now(), 'provisioner', 'info', 'Planning', '' FROM generate_series(1, 20003)");
    auto first = api.get(one + "/logs", mary.token);
    ASSERT_EQ(first.json.as_array().size(), 20'000u);
    auto last = std::to_string(first.json.at(19'999).at("id").as_int64());
    EXPECT_EQ(api.get(one + "/logs?after=" + last, mary.token).json.as_array().size(), 3u);
}

TEST_F(BuildRoutesTest, ResourcesWithTheirAgents) {
    auto agent = api.add_agent(dev.job_id, "main");
    api.sql(
        "INSERT INTO workspace_apps (id, created_at, agent_id, slug) VALUES (gen_random_uuid(), now(), '" +
        agent.id.to_string() + "', 'web')");
    auto resources = api.get(one + "/resources", mary.token);
    ASSERT_EQ(resources.json.as_array().size(), 1u) << resources.text;
    const auto& shown = resources.json.at(0).at("agents").at(0);
    EXPECT_EQ(shown.at("name"), "main");
    EXPECT_EQ(shown.at("status"), "connecting");
    EXPECT_EQ(shown.at("lifecycle_state"), "created");
    EXPECT_TRUE(shown.at("parent_id").is_null());
    EXPECT_EQ(shown.at("environment_variables").at("EDITOR"), "vi");
    EXPECT_EQ(shown.at("apps").at(0).at("slug"), "web");
    EXPECT_EQ(shown.at("health").at("healthy"), true);
    EXPECT_TRUE(shown.at("scripts").is_array());
    EXPECT_TRUE(shown.at("log_sources").is_array());
    // The agent's credential is nobody's business.
    EXPECT_EQ(resources.text.find(agent.token.to_string()), std::string::npos);
    EXPECT_EQ(api.get("/api/v2/workspaces/" + dev.workspace_id.to_string(), mary.token)
                  .text.find(agent.token.to_string()),
              std::string::npos);
}

TEST_F(BuildRoutesTest, Timings) {
    api.sql("INSERT INTO provisioner_job_timings VALUES ('" + dev.job_id.to_string() +
            "', now(), now(), 'plan', 's', 'create', 'r')");
    auto timings = api.get(one + "/timings", mary.token);
    ASSERT_EQ(timings.status, 200u);
    EXPECT_EQ(timings.json.at("provisioner_timings").at(0).at("stage"), "plan");
    EXPECT_TRUE(timings.json.at("agent_script_timings").is_array());
    EXPECT_TRUE(timings.json.at("agent_connection_timings").is_array());
}

}  // namespace
}  // namespace berth::coderd

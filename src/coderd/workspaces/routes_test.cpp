#include "coderd/workspaces/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Fixture;
using testing::Person;

class WorkspaceRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person theo = api.add_user("theo", "{template-admin}");
    Person urs = api.add_user("urs", "{user-admin}");
    Person audrey = api.add_user("audrey", "{auditor}");
    std::vector<Person> people{api.owner, mary, paul, theo, urs, audrey};
    Fixture::Imported made = api.add_shared_template("docker");
    Fixture::Imported hidden = api.add_template("hidden");
    Fixture::Build dev = api.add_running_workspace(made, mary.id, "dev");
    std::string path = "/api/v2/workspaces/" + dev.workspace_id.to_string();

    std::string create_body(const std::string& name, const std::string& more = "") {
        return R"({"name": ")" + name + R"(", "template_id": ")" + made.template_id.to_string() + "\"" +
               more + "}";
    }
};

TEST_F(WorkspaceRoutesTest, WhoMayDoWhat) {
    check_policies(
        api, people,
        {
            {"GET",
             path,
             "",
             {{"-", 401},
              {"mary", 200},
              {"paul", 404},
              {"ada", 200},
              {"theo", 200},
              {"urs", 404},
              {"audrey", 404}}},
            {"GET",
             "/api/v2/users/mary/workspace/dev",
             "",
             {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}, {"theo", 200}}},
            {"GET", "/api/v2/users/me/workspace/dev", "", {{"mary", 200}, {"paul", 404}}},
            {"GET", "/api/v2/workspaces", "", {{"-", 401}, {"mary", 200}, {"paul", 200}}},
            {"GET", path + "/watch", "", {{"-", 401}, {"paul", 404}}},
            {"GET", path + "/builds", "", {{"-", 401}, {"mary", 200}, {"paul", 404}, {"theo", 200}}},
            {"GET", path + "/timings", "", {{"-", 401}, {"mary", 200}, {"paul", 404}}},
            {"PATCH", path, R"({"name": "mine"})", {{"-", 401}, {"paul", 404}, {"theo", 403}, {"urs", 404}}},
            {"PUT",
             path + "/autostart",
             R"({"schedule": null})",
             {{"-", 401}, {"paul", 404}, {"theo", 403}, {"mary", 204}}},
            {"PUT",
             path + "/ttl",
             R"({"ttl_ms": null})",
             {{"-", 401}, {"paul", 404}, {"theo", 403}, {"mary", 204}}},
            {"PUT",
             path + "/autoupdates",
             R"({"automatic_updates": "always"})",
             {{"-", 401}, {"paul", 404}, {"theo", 403}, {"mary", 204}}},
            {"PUT", path + "/favorite", "", {{"-", 401}, {"paul", 404}, {"ada", 403}, {"mary", 204}}},
            {"DELETE", path + "/favorite", "", {{"-", 401}, {"paul", 404}, {"mary", 204}}},
            {"POST", path + "/usage", "", {{"-", 401}, {"paul", 404}, {"theo", 403}, {"mary", 204}}},
            {"POST",
             "/api/v2/users/mary/workspaces",
             create_body("x"),
             {{"-", 401}, {"paul", 404}, {"theo", 403}}},
            {"GET", "/api/v2/workspaces/" + Uuid::random().to_string(), "", {{"ada", 404}}},
            {"GET", "/api/v2/workspaces/x", "", {{"ada", 400}}},
        });
}

TEST_F(WorkspaceRoutesTest, CreateAndShape) {
    auto answer =
        api.post("/api/v2/users/me/workspaces", mary.token, create_body("fresh", R"(, "ttl_ms": 3600000)"));
    ASSERT_EQ(answer.status, 201u) << answer.text;
    const auto& json = answer.json.as_object();
    EXPECT_EQ(answer["name"], "fresh");
    EXPECT_EQ(answer["owner_name"], "mary");
    EXPECT_EQ(answer["template_name"], "docker");
    EXPECT_EQ(answer["organization_name"], "coder");
    EXPECT_EQ(json.at("ttl_ms"), 3'600'000);
    EXPECT_TRUE(json.at("latest_app_status").is_null());
    EXPECT_TRUE(json.at("dormant_at").is_null());
    EXPECT_TRUE(json.at("deleting_at").is_null());
    EXPECT_TRUE(json.at("next_start_at").is_null());
    EXPECT_EQ(json.at("outdated"), false);
    EXPECT_EQ(json.at("is_prebuild"), false);
    EXPECT_EQ(json.at("health").at("healthy"), true);
    EXPECT_TRUE(json.at("health").at("failing_agents").is_array());
    EXPECT_EQ(answer["automatic_updates"], "never");
    const auto& build = json.at("latest_build").as_object();
    EXPECT_EQ(build.at("build_number"), 1);
    EXPECT_EQ(build.at("transition"), "start");
    EXPECT_EQ(build.at("status"), "pending");
    EXPECT_EQ(build.at("reason"), "initiator");
    EXPECT_EQ(build.at("initiator_name"), "mary");
    EXPECT_EQ(build.at("job").at("status"), "pending");
    EXPECT_EQ(build.at("job").at("type"), "workspace_build");
    EXPECT_TRUE(build.at("resources").is_array());
    EXPECT_TRUE(build.at("deadline").is_null());
    EXPECT_TRUE(build.at("template_version_preset_id").is_null());
}

TEST_F(WorkspaceRoutesTest, CreateForOthers) {
    EXPECT_EQ(api.post("/api/v2/users/mary/workspaces", api.owner.token, create_body("from-ada")).status,
              201u);
    EXPECT_EQ(api.get("/api/v2/users/me/workspace/from-ada", mary.token).status, 200u);
    EXPECT_EQ(api.post("/api/v2/organizations/default/members/me/workspaces", paul.token, create_body("dev"))
                  .status,
              201u);
}

TEST_F(WorkspaceRoutesTest, CreateRefusesBadInput) {
    struct Case {
        std::string body;
        unsigned status;
        const char* fields;
    };
    for (
        const auto& [body, status, fields] : {
            Case{"{", 400, ""},
            Case{create_body("a b"), 400, "name"},
            Case{create_body("new"), 400, "name"},
            Case{create_body("DEV"), 409, "name"},
            Case{R"({"name": "n"})", 400, "template_id,template_version_id"},
            Case{R"({"name": "n", "template_id": "x"})", 400, "template_id"},
            Case{R"({"name": "n", "template_id": ")" + Uuid::random().to_string() + "\"}", 400,
                 "template_id"},
            // A template that may not be seen is as good as none.
            Case{R"({"name": "n", "template_id": ")" + hidden.template_id.to_string() + "\"}", 400,
                 "template_id"},
            Case{R"({"name": "n", "template_version_id": ")" + hidden.version_id.to_string() + "\"}", 400,
                 "template_version_id"},
            Case{create_body("n", R"(, "ttl_ms": 5)"), 400, "ttl_ms"},
            Case{create_body("n", R"(, "ttl_ms": -1)"), 400, "ttl_ms"},
            Case{create_body("n", R"(, "autostart_schedule": "often")"), 400, "schedule"},
            Case{create_body("n", R"(, "rich_parameter_values": [{"name": "no", "value": "1"}])"), 400, "no"},
            Case{
                create_body(
                    "n",
                    R"(, "rich_parameter_values": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}])"),
                400, "a"},
        }) {
        auto answer = api.post("/api/v2/users/me/workspaces", mary.token, body);
        EXPECT_EQ(answer.status, status) << body << answer.text;
        if (*fields != 0) {
            EXPECT_EQ(answer.bad_fields(), fields) << body << answer.text;
        }
    }
    // Nothing was left behind by what failed half-way.
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspaces"), "1");
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_builds"), "1");
}

TEST_F(WorkspaceRoutesTest, ParametersAreCheckedAtCreation) {
    api.sql(
        "INSERT INTO template_version_parameters (template_version_id, name, type, required, validation_min, "
        "validation_max) "
        "VALUES ('" +
        made.version_id.to_string() + "', 'cpus', 'number', true, 1, 8)");
    auto with = [&](const std::string& value) {
        return api.post(
            "/api/v2/users/me/workspaces", mary.token,
            create_body("w" + value.substr(0, 1),
                        R"(, "rich_parameter_values": [{"name": "cpus", "value": ")" + value + "\"}]"));
    };
    EXPECT_EQ(api.post("/api/v2/users/me/workspaces", mary.token, create_body("without")).bad_fields(),
              "cpus");
    EXPECT_EQ(with("9").bad_fields(), "cpus");
    EXPECT_EQ(with("x").bad_fields(), "cpus");
    auto good = with("4");
    ASSERT_EQ(good.status, 201u) << good.text;
    auto id = std::string(good.json.at("latest_build").at("id").as_string());
    EXPECT_EQ(api.get("/api/v2/workspacebuilds/" + id + "/parameters", mary.token).text,
              R"([{"name":"cpus","value":"4"}])");
}

TEST_F(WorkspaceRoutesTest, Lists) {
    api.add_running_workspace(made, paul.id, "web");
    api.sql(
        "INSERT INTO organizations (id, name, display_name, description, created_at, updated_at) VALUES "
        "(gen_random_uuid(), 'other', 'Other', '', now(), now())");
    struct Case {
        const char* query;
        const Person* who;
        std::int64_t count;
    };
    for (const auto& [query, who, count] : {
             Case{"", &mary, 1},
             Case{"", &paul, 1},
             Case{"", &api.owner, 2},
             Case{"", &urs, 0},
             Case{"", &theo, 2},
             Case{"?q=owner:me", &api.owner, 0},
             Case{"?q=owner:mary", &api.owner, 1},
             Case{"?q=owner:mary", &paul, 0},
             Case{"?q=name:de", &api.owner, 1},
             Case{"?q=mary/dev", &api.owner, 1},
             Case{"?q=template:docker", &api.owner, 2},
             Case{"?q=template:none", &api.owner, 0},
             Case{"?q=status:running", &api.owner, 2},
             Case{"?q=status:stopped", &api.owner, 0},
             Case{"?q=dormant:true", &api.owner, 0},
             Case{"?q=outdated:false", &api.owner, 2},
             Case{"?limit=1", &api.owner, 2},
             Case{"?limit=1&offset=1", &api.owner, 2},
             Case{"?limit=1&offset=2", &api.owner, 2},
             Case{"?offset=100", &api.owner, 2},
             Case{"?q=owner:mary&offset=7", &api.owner, 1},
             Case{"?q=organization:coder", &api.owner, 2},
             Case{"?q=organization:default", &api.owner, 2},
             Case{"?q=organization:other", &api.owner, 0},
             Case{"?q=organization:CODER", &mary, 1},
         }) {
        auto list = api.get(std::string("/api/v2/workspaces") + query, who->token);
        ASSERT_EQ(list.status, 200u) << query << list.text;
        EXPECT_EQ(list.json.at("count"), count) << query << " as " << who->name;
        EXPECT_LE(list.json.at("workspaces").as_array().size(), static_cast<std::size_t>(count)) << query;
    }
    EXPECT_EQ(api.get("/api/v2/workspaces?limit=1", api.owner.token).json.at("workspaces").as_array().size(),
              1u);
    for (const char* query :
         {"?q=status:flying", "?q=status:unknown", "?q=nonsense:1", "?limit=x", "?offset=-2",
          "?q=dormant:maybe", "?q=id:notauuid", "?q=organization:none", "?q=shared_with_user:none",
          "?q=shared_with_group:none", "?q=shared_with_group:none/Everyone", "?q=shared_with_group:/x"})
        EXPECT_EQ(api.get(std::string("/api/v2/workspaces") + query, api.owner.token).status, 400u) << query;
    // What may not be seen is refused like what is not there.
    EXPECT_EQ(api.get("/api/v2/workspaces?q=organization:other", mary.token).bad_fields(), "q");
}

TEST_F(WorkspaceRoutesTest, PagesOfTheList) {
    for (const char* name : {"beta", "Alpha"})
        api.add_running_workspace(made, mary.id, name);
    auto zed = api.add_running_workspace(made, paul.id, "zed");
    auto low = api.add_running_workspace(made, api.user, "low");
    // Stopped ones come after running ones.
    api.sql("UPDATE workspace_builds SET transition = 'stop' WHERE id = '" + low.build_id.to_string() + "'");
    api.sql("UPDATE workspaces SET favorite = true WHERE name = 'zed'");
    auto page = [&](const std::string& query, const Person& who) {
        std::string names;
        auto list = api.get("/api/v2/workspaces" + query, who.token);
        EXPECT_EQ(list.status, 200u) << query << list.text;
        for (const auto& workspace : list.json.at("workspaces").as_array())
            names += (names.empty() ? "" : " ") + std::string(workspace.at("name").as_string());
        return names;
    };
    EXPECT_EQ(page("", api.owner), "Alpha beta dev zed low");
    EXPECT_EQ(page("?limit=2&offset=1", api.owner), "beta dev");
    EXPECT_EQ(page("?limit=2&offset=4", api.owner), "low");
    EXPECT_EQ(page("?offset=5", api.owner), "");
    // A favorite comes first for its owner only.
    api.sql("UPDATE workspaces SET owner_id = '" + mary.id.to_string() + "' WHERE id = '" +
            zed.workspace_id.to_string() + "'");
    EXPECT_EQ(page("", mary), "zed Alpha beta dev");
    EXPECT_EQ(page("?limit=1&offset=1", mary), "Alpha");
    EXPECT_EQ(page("", api.owner), "Alpha beta dev zed low");
}

TEST_F(WorkspaceRoutesTest, ListsOfWhatIsShared) {
    auto web = api.add_running_workspace(made, paul.id, "web");
    auto lab = api.add_running_workspace(made, paul.id, "lab");
    auto group = Uuid::random().to_string();
    api.sql("INSERT INTO groups (id, name, organization_id) VALUES ('" + group + "', 'crew', '" +
            api.organization.to_string() + "')");
    api.sql("UPDATE workspaces SET user_acl = '{\"" + mary.id.to_string() + "\": [\"read\"]}' WHERE id = '" +
            web.workspace_id.to_string() + "'");
    api.sql("UPDATE workspaces SET group_acl = '{\"" + group + "\": [\"read\"]}' WHERE id = '" +
            lab.workspace_id.to_string() + "'");
    struct Case {
        std::string query;
        const Person* who;
        std::string names;
    };
    for (const auto& [query, who, expected] : {
             Case{"shared_with_user:mary", &api.owner, "web"},
             Case{"shared_with_user:Mary@example.com", &api.owner, "web"},
             Case{"shared_with_user:" + mary.id.to_string(), &api.owner, "web"},
             Case{"shared_with_user:paul", &api.owner, ""},
             Case{"shared_with_user:me", &api.owner, ""},
             Case{"shared_with_user:me", &mary, "web"},
             Case{"shared_with_group:crew", &api.owner, "lab"},
             Case{"shared_with_group:coder/CREW", &api.owner, "lab"},
             Case{"shared_with_group:" + group, &api.owner, "lab"},
             Case{"shared_with_group:Everyone", &api.owner, ""},
             Case{"id:" + dev.workspace_id.to_string() + "," + lab.workspace_id.to_string(), &api.owner,
                  "dev lab"},
         }) {
        auto list = api.get("/api/v2/workspaces?q=" + query, who->token);
        ASSERT_EQ(list.status, 200u) << query << list.text;
        std::string names;
        for (const auto& workspace : list.json.at("workspaces").as_array())
            names += (names.empty() ? "" : " ") + std::string(workspace.at("name").as_string());
        EXPECT_EQ(names, expected) << query << " as " << who->name;
    }
}

TEST_F(WorkspaceRoutesTest, Settings) {
    auto renamed = api.patch(path, mary.token, R"({"name": "prod"})");
    EXPECT_EQ(renamed.status, 204u) << renamed.text;
    EXPECT_EQ(renamed.text, "");
    EXPECT_EQ(api.get("/api/v2/users/me/workspace/prod", mary.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/users/me/workspace/PROD", mary.token).status, 200u);
    api.add_running_workspace(made, mary.id, "web");
    EXPECT_EQ(api.patch(path, mary.token, R"({"name": "Web"})").status, 409u);
    EXPECT_EQ(api.patch(path, mary.token, R"({"name": "a b"})").bad_fields(), "name");

    EXPECT_EQ(
        api.put(path + "/autostart", mary.token, R"({"schedule": "CRON_TZ=Europe/Dublin 30 9 * * 1-5"})")
            .status,
        204u);
    EXPECT_EQ(api.put(path + "/autostart", mary.token, R"({"schedule": "x"})").bad_fields(), "schedule");
    EXPECT_EQ(api.put(path + "/ttl", mary.token, R"({"ttl_ms": 7200000})").status, 204u);
    EXPECT_EQ(api.put(path + "/ttl", mary.token, R"({"ttl_ms": 1})").bad_fields(), "ttl_ms");
    EXPECT_EQ(api.put(path + "/autoupdates", mary.token, R"({"automatic_updates": "always"})").status, 204u);
    EXPECT_EQ(api.put(path + "/autoupdates", mary.token, R"({"automatic_updates": "often"})").status, 400u);
    EXPECT_EQ(api.put(path + "/favorite", mary.token).status, 204u);
    auto now = api.get(path, mary.token);
    EXPECT_EQ(now["autostart_schedule"], "CRON_TZ=Europe/Dublin 30 9 * * 1-5");
    EXPECT_EQ(now.json.at("ttl_ms"), 7'200'000);
    EXPECT_EQ(now["automatic_updates"], "always");
    EXPECT_EQ(now.json.at("favorite"), true);
    EXPECT_EQ(api.get(path, api.owner.token).json.at("favorite"), false);
    EXPECT_EQ(api.put(path + "/autostart", mary.token, R"({"schedule": ""})").status, 204u);
    EXPECT_FALSE(api.get(path, mary.token).json.as_object().contains("autostart_schedule"));
}

TEST_F(WorkspaceRoutesTest, DeletedOnesAreGoneUnlessAskedFor) {
    api.sql("UPDATE workspaces SET deleted = true WHERE id = '" + dev.workspace_id.to_string() + "'");
    EXPECT_EQ(api.get(path, mary.token).status, 410u);
    EXPECT_EQ(api.get(path + "?include_deleted=true", mary.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/users/me/workspace/dev", mary.token).status, 404u);
    EXPECT_EQ(api.get("/api/v2/users/me/workspace/dev?include_deleted=true", mary.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/workspaces", mary.token).json.at("count"), 0);
    EXPECT_EQ(api.post(path + "/builds", mary.token, R"({"transition": "start"})").status / 100, 4u);
    // Nothing of it can be changed, and nobody is told that it was.
    for (const auto& [method, rest, body] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"PATCH", "", R"({"name": "mine"})"},
             {"PUT", "/autostart", R"({"schedule": null})"},
             {"PUT", "/ttl", R"({"ttl_ms": null})"},
             {"PUT", "/autoupdates", R"({"automatic_updates": "always"})"},
             {"PUT", "/favorite", ""},
             {"DELETE", "/favorite", ""},
             {"POST", "/usage", ""}}) {
        auto refused = api.call(testing::method_of(method), path + rest, mary.token, body);
        EXPECT_EQ(refused.status, 404u) << rest << refused.text;
    }
    EXPECT_EQ(api.post("/api/v2/users/me/workspaces", mary.token, create_body("dev")).status, 201u);
}

}  // namespace
}  // namespace berth::coderd

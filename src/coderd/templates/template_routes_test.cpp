#include "coderd/templates/template_routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Fixture;
using testing::Person;

class TemplateRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person theo = api.add_user("theo", "{template-admin}");
    Person orla = api.add_user("orla", "{}", "{organization-admin}");
    Person audrey = api.add_user("audrey", "{auditor}");
    std::vector<Person> people{api.owner, mary, theo, orla, audrey};
    Fixture::Imported shared = api.add_shared_template("shared");
    Fixture::Imported hidden = api.add_template("hidden");
    std::string organization = "/api/v2/organizations/" + api.organization.to_string() + "/templates";

    std::string path(const Fixture::Imported& made, const std::string& rest = "") {
        return "/api/v2/templates/" + made.template_id.to_string() + rest;
    }
    /// A version without a template, its import done.
    Uuid new_version() {
        auto job = api.add_import_job();
        api.finish_job(job);
        return *Uuid::parse(
            api.sql("SELECT id FROM template_versions WHERE job_id = '" + job.to_string() + "'"));
    }
    std::string create_body(const std::string& name, const Uuid& version) {
        return R"({"name": ")" + name + R"(", "template_version_id": ")" + version.to_string() + "\"}";
    }
};

TEST_F(TemplateRoutesTest, WhoMayDoWhat) {
    check_policies(
        api, people,
        {
            {"GET", "/api/v2/templates", "", {{"-", 401}, {"mary", 200}}},
            {"GET", organization, "", {{"-", 401}, {"mary", 200}}},
            {"GET",
             path(shared),
             "",
             {{"-", 401}, {"mary", 200}, {"theo", 200}, {"orla", 200}, {"audrey", 200}}},
            {"GET", path(hidden), "", {{"mary", 404}, {"theo", 200}, {"orla", 200}, {"audrey", 200}}},
            {"GET", organization + "/shared", "", {{"mary", 200}, {"theo", 200}}},
            {"GET", organization + "/hidden", "", {{"mary", 404}, {"theo", 200}}},
            {"GET", path(shared, "/versions"), "", {{"-", 401}, {"mary", 200}}},
            {"GET", path(hidden, "/versions"), "", {{"mary", 404}}},
            {"GET", path(shared, "/acl"), "", {{"-", 401}, {"theo", 200}}},
            {"GET", path(hidden, "/acl"), "", {{"mary", 404}}},
            {"PATCH",
             path(shared, "/acl"),
             "{}",
             {{"-", 401}, {"mary", 403}, {"audrey", 403}, {"theo", 200}}},
            {"PATCH", path(hidden, "/acl"), "{}", {{"mary", 404}}},
            {"PATCH", path(shared), R"({"name": "mine"})", {{"-", 401}, {"mary", 403}, {"audrey", 403}}},
            {"PATCH", path(hidden), R"({"name": "mine"})", {{"mary", 404}}},
            {"PATCH",
             path(shared, "/versions"),
             R"({"id": ")" + shared.version_id.to_string() + "\"}",
             {{"-", 401}, {"mary", 403}, {"audrey", 403}, {"theo", 200}}},
            {"POST",
             path(shared, "/versions/archive"),
             R"({"all": false})",
             {{"-", 401}, {"mary", 403}, {"theo", 200}}},
            {"DELETE", path(shared), "", {{"-", 401}, {"mary", 403}, {"audrey", 403}}},
            {"DELETE", path(hidden), "", {{"mary", 404}}},
            {"GET", "/api/v2/templates/" + Uuid::random().to_string(), "", {{"ada", 404}}},
            {"GET", "/api/v2/templates/x", "", {{"ada", 400}}},
            {"GET", "/api/v2/templates/examples", "", {{"-", 401}, {"mary", 200}}},
        });
}

TEST_F(TemplateRoutesTest, CreateAndShape) {
    auto version = new_version();
    EXPECT_EQ(api.post(organization, "", create_body("fresh", version)).status, 401u);
    EXPECT_EQ(api.post(organization, mary.token, create_body("fresh", version)).status / 100, 4u);
    auto made = api.post(organization, theo.token, create_body("fresh", version));
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(made["name"], "fresh");
    EXPECT_EQ(made["active_version_id"], version.to_string());
    EXPECT_EQ(made["provisioner"], "terraform");
    EXPECT_EQ(made["created_by_name"], "theo");
    EXPECT_EQ(made["organization_name"], "coder");
    EXPECT_EQ(made["max_port_share_level"], "public");
    EXPECT_EQ(made.json.at("active_user_count"), 0);
    EXPECT_EQ(made.json.at("deprecated"), false);
    EXPECT_TRUE(made.json.at("build_time_stats").is_object());
    EXPECT_EQ(made.json.at("autostart_requirement").at("days_of_week").as_array().size(), 7u);
    // Everybody of the organization may use it.
    EXPECT_EQ(api.get("/api/v2/templates/" + made["id"], mary.token).status, 200u);
}

TEST_F(TemplateRoutesTest, CreateRefusesBadInput) {
    auto version = new_version();
    auto failed = api.add_import_job();
    api.finish_job(failed, "no");
    auto failed_version =
        *Uuid::parse(api.sql("SELECT id FROM template_versions WHERE job_id = '" + failed.to_string() + "'"));
    struct Case {
        std::string body;
        unsigned status;
        const char* fields;
    };
    const std::string id = version.to_string();
    for (const auto& [body, status, fields] : {
             Case{"{", 400, "body"},
             Case{R"({"template_version_id": ")" + id + "\"}", 400, "name"},
             Case{R"({"name": "fresh"})", 400, "template_version_id"},
             Case{create_body("a b", version), 400, "name"},
             Case{create_body("create", version), 400, "name"},
             Case{create_body("SHARED", version), 409, "name"},
             Case{create_body("fresh", Uuid::random()), 404, ""},
             Case{create_body("fresh", failed_version), 400, "template_version_id"},
             Case{create_body("fresh", shared.version_id), 400, "template_version_id"},
             Case{R"({"name": "fresh", "template_version_id": ")" + id + R"(", "default_ttl_ms": -1})", 400,
                  "default_ttl_ms"},
             Case{R"({"name": "fresh", "template_version_id": ")" + id +
                      R"(", "autostart_requirement": {"days_of_week": ["blursday"]}})",
                  400, "autostart_requirement.days_of_week"},
         }) {
        auto answer = api.post(organization, theo.token, body);
        EXPECT_EQ(answer.status, status) << body << answer.text;
        EXPECT_EQ(answer.bad_fields(), fields) << body << answer.text;
    }
    EXPECT_EQ(api.get(organization + "/fresh", theo.token).status, 404u);
}

TEST_F(TemplateRoutesTest, Lists) {
    struct Case {
        const char* query;
        const Person* who;
        std::size_t count;
    };
    for (const auto& [query, who, count] : {
             Case{"", &api.owner, 2},
             Case{"", &theo, 2},
             Case{"", &mary, 1},
             Case{"?q=shar", &theo, 1},
             Case{"?q=exact_name:shared", &theo, 1},
             Case{"?q=exact_name:shar", &theo, 0},
             Case{"?q=organization:coder", &theo, 2},
             Case{"?q=organization:none", &theo, 0},
             Case{"?q=author:me", &api.owner, 2},
             Case{"?q=author:mary", &theo, 0},
             Case{"?q=deprecated:true", &theo, 0},
         }) {
        auto list = api.get(std::string("/api/v2/templates") + query, who->token);
        ASSERT_EQ(list.status, 200u) << query << list.text;
        EXPECT_EQ(list.json.as_array().size(), count) << query << " as " << who->name;
    }
    EXPECT_EQ(api.get("/api/v2/templates?q=nonsense:1", theo.token).status, 400u);
    EXPECT_EQ(api.get(organization, mary.token).json.as_array().size(), 1u);
}

TEST_F(TemplateRoutesTest, Settings) {
    const std::string keep = R"("allow_user_autostart": true, "allow_user_autostop": true,
        "allow_user_cancel_workspace_jobs": true, "activity_bump_ms": 3600000)";
    EXPECT_EQ(api.patch(path(shared), theo.token, "{" + keep + "}").status, 304u);
    auto changed =
        api.patch(path(shared), theo.token,
                  R"({"name": "renamed", "description": "new", "default_ttl_ms": 7200000, )" + keep + "}");
    ASSERT_EQ(changed.status, 200u) << changed.text;
    EXPECT_EQ(changed["name"], "renamed");
    EXPECT_EQ(changed["description"], "new");
    EXPECT_EQ(changed.json.at("default_ttl_ms"), 7'200'000);
    EXPECT_EQ(api.get(organization + "/renamed", mary.token).status, 200u);
    const auto cache = "use_terraform_workspace_cache";
    EXPECT_FALSE(changed.json.as_object().contains(cache));
    const std::string kept = R"("default_ttl_ms": 7200000, )" + keep;
    auto set =
        api.patch(path(shared), theo.token, R"({"use_terraform_workspace_cache": true, )" + kept + "}");
    EXPECT_EQ(set.json.at(cache), true);
    EXPECT_EQ(api.patch(path(shared), theo.token, "{" + kept + "}").status, 304u);
    EXPECT_EQ(api.get(path(shared), mary.token).json.at(cache), true);
    auto unset =
        api.patch(path(shared), theo.token, R"({"use_terraform_workspace_cache": false, )" + kept + "}");
    EXPECT_FALSE(unset.json.as_object().contains(cache)) << unset.text;
    auto taken = api.patch(path(shared), theo.token, R"({"name": "hidden"})");
    EXPECT_EQ(taken.status, 409u) << taken.text;
    EXPECT_EQ(api.patch(path(shared), theo.token, R"({"failure_ttl_ms": 5})").bad_fields(), "failure_ttl_ms");
    EXPECT_EQ(api.patch(path(shared), theo.token, "[").status, 400u);
}

TEST_F(TemplateRoutesTest, Deletes) {
    api.add_running_workspace(shared, mary.id, "dev");
    auto refused = api.del(path(shared), theo.token);
    EXPECT_EQ(refused.status, 400u) << refused.text;
    EXPECT_EQ(api.get(path(shared), theo.token).status, 200u);
    api.sql("UPDATE workspaces SET deleted = true");
    EXPECT_EQ(api.del(path(shared), theo.token).status, 200u);
    EXPECT_EQ(api.get(path(shared), theo.token).status, 404u);
    EXPECT_EQ(api.get(organization + "/shared", theo.token).status, 404u);
    EXPECT_EQ(api.del(path(shared), theo.token).status, 404u);
    // The name is free again.
    EXPECT_EQ(api.post(organization, theo.token, create_body("shared", new_version())).status, 201u);
}

TEST_F(TemplateRoutesTest, Versions) {
    auto list = api.get(path(shared, "/versions"), mary.token);
    ASSERT_EQ(list.json.as_array().size(), 1u) << list.text;
    EXPECT_EQ(list.json.at(0).at("id"), boost::json::value(shared.version_id.to_string()));
    EXPECT_EQ(list.json.at(0).at("job").at("status"), "succeeded");
    EXPECT_EQ(list.json.at(0).at("archived"), false);
    for (const char* query : {"?limit=x", "?offset=-1", "?after_id=x"})
        EXPECT_EQ(api.get(path(shared, "/versions") + query, mary.token).status, 400u) << query;

    auto set = [&](const Uuid& version) {
        return api.patch(path(shared, "/versions"), theo.token, R"({"id": ")" + version.to_string() + "\"}");
    };
    EXPECT_EQ(set(Uuid::random()).status, 404u);
    EXPECT_EQ(set(hidden.version_id).status, 400u);
    auto next = new_version();
    EXPECT_EQ(set(next).status, 400u);
    api.sql("UPDATE template_versions SET template_id = '" + shared.template_id.to_string() +
            "' WHERE id = '" + next.to_string() + "'");
    EXPECT_EQ(set(next).status, 200u);
    EXPECT_EQ(api.get(path(shared), mary.token)["active_version_id"], next.to_string());
    auto archived = api.post(path(shared, "/versions/archive"), theo.token, R"({"all": true})");
    ASSERT_EQ(archived.status, 200u) << archived.text;
    EXPECT_EQ(archived.json.at("archived_ids").as_array().size(), 1u);
    EXPECT_EQ(api.get(path(shared, "/versions"), mary.token).json.as_array().size(), 1u);
    EXPECT_EQ(api.get(path(shared, "/versions?include_archived=true"), mary.token).json.as_array().size(),
              2u);
}

TEST_F(TemplateRoutesTest, ItsOwnListsDecideWhoPushesVersions) {
    const std::string versions = "/api/v2/organizations/default/templateversions";
    auto file = api.add_file();
    api.sql("UPDATE files SET created_by = '" + mary.id.to_string() + "'");
    auto push = [&](const std::string& more) {
        return api.post(versions, mary.token,
                        R"({"storage_method": "file", "provisioner": "terraform", "file_id": ")" +
                            file.to_string() + "\"" + more + "}");
    };
    auto into = [&](const Fixture::Imported& made) {
        return R"(, "template_id": ")" + made.template_id.to_string() + "\"";
    };
    auto give = [&](const std::string& role) {
        return api.patch(path(hidden, "/acl"), theo.token,
                         R"({"user_perms": {")" + mary.id.to_string() + R"(": ")" + role + "\"}}");
    };
    EXPECT_EQ(push(into(hidden)).status, 404u);
    ASSERT_EQ(give("use").status, 200u);
    auto user = push(into(hidden));
    EXPECT_EQ(user.status, 403u) << user.text;
    ASSERT_EQ(give("admin").status, 200u);
    auto made = push(into(hidden));
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(made["template_id"], hidden.template_id.to_string());
    EXPECT_EQ(made.json.at("job").at("status"), "pending");
    // Being let into one template opens neither others nor the organization.
    EXPECT_EQ(push(into(shared)).status, 403u);
    EXPECT_EQ(push("").status, 403u);
    auto again = push(into(hidden) + R"(, "name": ")" + made["name"] + "\"");
    EXPECT_EQ(again.status, 409u) << again.text;
    EXPECT_EQ(again.bad_fields(), "name");
    ASSERT_EQ(api.del(path(hidden), theo.token).status, 200u);
    EXPECT_EQ(push(into(hidden)).status, 404u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM template_versions"), "3");
}

TEST_F(TemplateRoutesTest, PagesOfVersions) {
    for (const char* name : {"b", "c", "d"}) {
        auto version = new_version().to_string();
        // The same moment for all: the order is that of the ids then.
        api.sql("UPDATE template_versions SET name = '" + std::string(name) + "', template_id = '" +
                shared.template_id.to_string() + "' WHERE id = '" + version + "'");
    }
    api.sql("UPDATE template_versions SET created_at = '2026-01-01'");
    std::vector<std::string> all;
    auto page = [&](const std::string& query) {
        std::vector<std::string> ids;
        auto answer = api.get(path(shared, "/versions") + query, mary.token);
        EXPECT_EQ(answer.status, 200u) << query << answer.text;
        if (!answer.json.is_array()) return ids;
        for (const auto& version : answer.json.as_array())
            ids.emplace_back(version.at("id").as_string());
        return ids;
    };
    all = page("");
    ASSERT_EQ(all.size(), 4u);
    using Ids = std::vector<std::string>;
    EXPECT_EQ(page("?limit=2"), Ids(all.begin(), all.begin() + 2));
    EXPECT_EQ(page("?limit=2&offset=1"), Ids(all.begin() + 1, all.begin() + 3));
    EXPECT_EQ(page("?offset=9"), Ids());
    EXPECT_EQ(page("?after_id=" + all[0]), Ids(all.begin() + 1, all.end()));
    EXPECT_EQ(page("?limit=1&after_id=" + all[1]), Ids{all[2]});
    EXPECT_EQ(page("?after_id=" + all[3]), Ids());
    auto unknown = api.get(path(shared, "/versions?after_id=" + hidden.version_id.to_string()), mary.token);
    EXPECT_EQ(unknown.status, 400u) << unknown.text;
    EXPECT_EQ(unknown.bad_fields(), "after_id");
}

TEST_F(TemplateRoutesTest, AccessLists) {
    auto give = [&](const std::string& role) {
        return api.patch(path(hidden, "/acl"), theo.token,
                         R"({"user_perms": {")" + mary.id.to_string() + R"(": ")" + role + "\"}}");
    };
    EXPECT_EQ(give("use").status, 200u);
    EXPECT_EQ(api.get(path(hidden), mary.token).status, 200u);
    EXPECT_EQ(api.patch(path(hidden), mary.token, R"({"name": "mine"})").status, 403u);
    auto acl = api.get(path(hidden, "/acl"), theo.token);
    ASSERT_EQ(acl.json.at("users").as_array().size(), 1u) << acl.text;
    EXPECT_EQ(acl.json.at("users").at(0).at("role"), "use");
    EXPECT_EQ(acl.json.at("users").at(0).at("username"), "mary");
    EXPECT_TRUE(acl.json.at("group").is_array());
    EXPECT_EQ(give("admin").status, 200u);
    EXPECT_EQ(api.patch(path(hidden), mary.token, R"({"name": "mine"})").status, 200u);
    EXPECT_EQ(give("").status, 200u);
    EXPECT_EQ(api.get(path(hidden), mary.token).status, 404u);
    EXPECT_EQ(give("king").status, 400u);
    EXPECT_EQ(api.patch(path(hidden, "/acl"), theo.token, R"({"user_perms": {"x": "use"}})").status, 400u);
}

}  // namespace
}  // namespace berth::coderd

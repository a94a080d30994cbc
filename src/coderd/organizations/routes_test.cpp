#include "coderd/organizations/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Person;

class OrganizationRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person urs = api.add_user("urs", "{user-admin}");
    Person orla = api.add_user("orla", "{}", "{organization-admin}");
    Person otto = api.add_user("otto", "{}", "{organization-user-admin}");
    Person stan = stranger();
    std::vector<Person> people{api.owner, mary, paul, urs, orla, otto, stan};
    std::string id = api.organization.to_string();
    std::string path = "/api/v2/organizations/" + id;

    /// A member of another organization.
    Person stranger() {
        auto person = api.add_user("stan");
        api.sql(
            "INSERT INTO organizations (id, name, display_name, description, created_at, updated_at) VALUES "
            "('00000000-0000-0000-0000-00000000000b', 'other', 'Other', '', now(), now())");
        api.sql(
            "UPDATE organization_members SET organization_id = '00000000-0000-0000-0000-00000000000b' WHERE "
            "user_id = '" +
            person.id.to_string() + "'");
        return person;
    }
};

TEST_F(OrganizationRoutesTest, WhoMayDoWhat) {
    check_policies(
        api, people,
        {
            {"GET", "/api/v2/organizations", "", {{"-", 401}, {"mary", 200}, {"stan", 200}}},
            {"GET", path, "", {{"-", 401}, {"mary", 200}, {"ada", 200}, {"stan", 404}}},
            {"GET", "/api/v2/organizations/coder", "", {{"mary", 200}, {"stan", 404}}},
            {"GET", "/api/v2/organizations/default", "", {{"mary", 200}, {"stan", 404}}},
            {"GET", "/api/v2/organizations/none", "", {{"mary", 404}, {"ada", 404}}},
            {"GET", "/api/v2/organizations/" + Uuid::random().to_string(), "", {{"ada", 404}}},
            {"GET", path + "/members", "", {{"-", 401}, {"mary", 200}, {"ada", 200}, {"stan", 404}}},
            {"GET", path + "/members/", "", {{"mary", 200}}},
            {"GET", path + "/members/roles", "", {{"-", 401}, {"mary", 200}, {"stan", 404}}},
            {"GET", "/api/v2/users/roles", "", {{"-", 401}, {"mary", 200}}},
            {"POST", path + "/members/stan", "", {{"-", 401}, {"mary", 404}, {"stan", 404}}},
            {"DELETE", path + "/members/mary", "", {{"-", 401}, {"paul", 404}, {"stan", 404}}},
            {"PUT",
             path + "/members/mary/roles",
             R"({"roles": []})",
             {{"-", 401}, {"paul", 404}, {"stan", 404}, {"mary", 400}}},
        });
}

TEST_F(OrganizationRoutesTest, Shapes) {
    auto one = api.get(path, mary.token);
    EXPECT_EQ(one["id"], id);
    EXPECT_EQ(one["name"], "coder");
    EXPECT_EQ(one["display_name"], "Coder");
    EXPECT_EQ(one.json.at("is_default"), true);
    EXPECT_TRUE(one.json.at("icon").is_string());
    auto all = api.get("/api/v2/organizations", api.owner.token);
    EXPECT_EQ(all.json.as_array().size(), 2u);
    EXPECT_EQ(api.get("/api/v2/organizations", stan.token).json.as_array().size(), 1u);

    auto members = api.get(path + "/members", api.owner.token);
    ASSERT_EQ(members.json.as_array().size(), 6u) << members.text;
    bool found = false;
    for (const auto& member : members.json.as_array()) {
        if (member.at("username") != "orla") continue;
        found = true;
        EXPECT_EQ(member.at("roles").at(0).at("name"), "organization-admin");
        EXPECT_EQ(member.at("roles").at(0).at("organization_id"), boost::json::value(id));
        EXPECT_EQ(member.at("email"), "orla@example.com");
        EXPECT_TRUE(member.at("global_roles").is_array());
    }
    EXPECT_TRUE(found);
    // Members see themselves, not each other's addresses.
    auto seen = api.get(path + "/members", mary.token);
    EXPECT_EQ(seen.text.find("paul@example.com"), std::string::npos) << seen.text;
}

TEST_F(OrganizationRoutesTest, MembersAreFound) {
    api.sql("INSERT INTO user_links (user_id, login_type, linked_id) VALUES ('" + mary.id.to_string() +
            "', 'github', '4711'), ('" + paul.id.to_string() + "', 'oidc', '4711')");
    struct Case {
        std::string query;
        std::string names;
    };
    for (const auto& [query, expected] : {
             Case{"", "ada mary orla otto paul urs"},
             Case{"?q=user_id:" + paul.id.to_string(), "paul"},
             Case{"?q=user_id:" + stan.id.to_string(), ""},
             Case{"?q=github_user_id:4711", "mary"},
             Case{"?q=github_user_id:12", ""},
             Case{"?q=include_system:false", "ada mary orla otto paul urs"},
             Case{"?q=user_id:paul", "! q"},
             Case{"?q=github_user_id:me", "! q"},
             Case{"?q=include_system:perhaps", "! q"},
             Case{"?q=name:paul", "! q"},
             Case{"?q=paul", "! q"},
         }) {
        auto answer = api.get(path + "/members" + query, api.owner.token);
        std::string names;
        if (!answer.json.is_array()) {
            names = "! " + answer.bad_fields();
        } else {
            for (const auto& member : answer.json.as_array())
                names += (names.empty() ? "" : " ") + std::string(member.at("username").as_string());
        }
        EXPECT_EQ(names, expected) << query << answer.text;
    }
}

TEST_F(OrganizationRoutesTest, MembersComeAndGo) {
    auto added = api.post(path + "/members/stan", api.owner.token);
    ASSERT_EQ(added.status, 200u) << added.text;
    EXPECT_EQ(added["user_id"], stan.id.to_string());
    EXPECT_EQ(api.get(path, stan.token).status, 200u);
    EXPECT_EQ(api.post(path + "/members/stan", api.owner.token).status, 409u);
    auto removed = api.del(path + "/members/stan", urs.token);
    EXPECT_EQ(removed.status, 204u) << removed.text;
    EXPECT_EQ(api.get(path, stan.token).status, 404u);
    EXPECT_EQ(api.del(path + "/members/stan", api.owner.token).status, 404u);
    EXPECT_EQ(api.del(path + "/members/me", api.owner.token).status, 400u);
}

TEST_F(OrganizationRoutesTest, NobodyGivesMoreThanTheirRolesLet) {
    const std::string roles = path + "/members/mary/roles";
    const std::string admin = R"({"roles": ["organization-admin"]})";
    EXPECT_EQ(api.put(roles, urs.token, admin).status, 403u);
    // Cannot see mary among the users at all.
    EXPECT_EQ(api.put(roles, otto.token, admin).status / 100, 4u);
    auto given = api.put(roles, api.owner.token, admin);
    ASSERT_EQ(given.status, 200u) << given.text;
    EXPECT_EQ(given.json.at("roles").at(0).at("name"), "organization-admin");
    EXPECT_EQ(api.put(roles, urs.token, R"({"roles": []})").status, 403u);
    auto unknown = api.put(roles, api.owner.token, R"({"roles": ["owner"]})");
    EXPECT_EQ(unknown.status, 400u);
    EXPECT_EQ(unknown.bad_fields(), "roles");
    EXPECT_EQ(api.put(path + "/members/me/roles", api.owner.token, admin).status, 400u);
    EXPECT_EQ(api.put(path + "/members/stan/roles", api.owner.token, admin).status, 404u);
}

// CVE-2026-111928: what an access list granted ends with the membership.
TEST_F(OrganizationRoutesTest, Cve2026_111928_AccessListsEndWithTheMembership) {
    auto made = api.add_template("docker");
    auto build = api.add_running_workspace(made, api.user, "shared");
    api.sql("UPDATE templates SET user_acl = '{\"" + mary.id.to_string() + "\": [\"read\", \"use\"]}'");
    api.sql("UPDATE workspaces SET user_acl = '{\"" + mary.id.to_string() + "\": [\"read\", \"ssh\"]}'");
    const std::string of_template = "/api/v2/templates/" + made.template_id.to_string();
    const std::string of_workspace = "/api/v2/workspaces/" + build.workspace_id.to_string();
    EXPECT_EQ(api.get(of_template, mary.token).status, 200u);
    EXPECT_EQ(api.get(of_workspace, mary.token).status, 200u);
    EXPECT_EQ(api.get(of_template, paul.token).status, 404u);
    ASSERT_EQ(api.del(path + "/members/mary", api.owner.token).status, 204u);
    EXPECT_EQ(api.get(of_template, mary.token).status, 404u);
    EXPECT_EQ(api.get(of_workspace, mary.token).status, 404u);
    EXPECT_EQ(api.get("/api/v2/templates", mary.token).text, "[]");
    EXPECT_EQ(api.get("/api/v2/workspaces", mary.token).json.at("count"), 0);
}

TEST_F(OrganizationRoutesTest, RolesThatCanBeGiven) {
    auto site = api.get("/api/v2/users/roles", api.owner.token);
    ASSERT_GE(site.json.as_array().size(), 4u);
    EXPECT_EQ(site.json.at(0).at("name"), "owner");
    EXPECT_EQ(site.json.at(0).at("assignable"), true);
    EXPECT_EQ(site.json.at(0).at("built_in"), true);
    EXPECT_TRUE(site.json.at(0).at("site_permissions").is_array());
    EXPECT_EQ(api.get("/api/v2/users/roles", mary.token).json.at(0).at("assignable"), false);
    auto inside = api.get(path + "/members/roles", mary.token);
    EXPECT_EQ(inside.json.at(0).at("organization_id"), boost::json::value(id));
}

TEST_F(OrganizationRoutesTest, Authcheck) {
    auto ask = [&](const std::string& token, const std::string& checks) {
        return api.post("/api/v2/authcheck", token, R"({"checks": )" + checks + "}");
    };
    const std::string own =
        R"({"create": {"object": {"resource_type": "workspace", "owner_id": "me", "organization_id": ")" +
        id +
        R"("}, "action": "create"}, "all": {"object": {"resource_type": "user"}, "action": "create"},
                            "any": {"object": {"resource_type": "workspace", "owner_id": "me", "any_org": true}, "action": "create"}})";
    auto answer = ask(mary.token, own);
    ASSERT_EQ(answer.status, 200u) << answer.text;
    EXPECT_EQ(answer.json.at("create"), true);
    EXPECT_EQ(answer.json.at("any"), true);
    EXPECT_EQ(answer.json.at("all"), false);
    EXPECT_EQ(ask(api.owner.token, own).json.at("all"), true);
    EXPECT_EQ(ask("", own).status, 401u);
    struct Case {
        const char* checks;
        const char* field;
    };
    for (auto [checks, field] : {
             Case{R"({"x": {"object": {"resource_type": "moon"}, "action": "read"}})", "resource_type"},
             Case{R"({"x": {"object": {"resource_type": "user"}, "action": "fly"}})", "action"},
             Case{R"({"x": {"object": {"resource_type": "user", "owner_id": "nobody"}, "action": "read"}})",
                  "owner_id"},
             Case{R"({"x": {"object": {"resource_type": "user", "organization_id": "x"}, "action": "read"}})",
                  "organization_id"},
         }) {
        auto bad = ask(mary.token, checks);
        EXPECT_EQ(bad.status, 400u) << checks;
        EXPECT_NE(bad.bad_fields().find(field), std::string::npos) << checks << bad.text;
    }
}

}  // namespace
}  // namespace berth::coderd

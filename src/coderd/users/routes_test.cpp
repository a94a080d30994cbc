#include "coderd/users/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Person;

class UserRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person urs = api.add_user("urs", "{user-admin}");
    Person theo = api.add_user("theo", "{template-admin}");
    Person audrey = api.add_user("audrey", "{auditor}");
    std::vector<Person> people{api.owner, mary, paul, urs, theo, audrey};
};

const std::string new_user =
    R"({"email": "new@example.com", "username": "fresh", "password": "correct horse 42"})";

TEST_F(UserRoutesTest, WhoMayReadWhat) {
    check_policies(
        api, people,
        {
            {"GET", "/api/v2/users/me", "", {{"-", 401}, {"mary", 200}, {"ada", 200}}},
            {"GET",
             "/api/v2/users",
             "",
             {{"-", 401}, {"mary", 200}, {"ada", 200}, {"urs", 200}, {"audrey", 200}}},
            {"GET",
             "/api/v2/users/mary",
             "",
             {{"-", 401},
              {"mary", 200},
              {"paul", 404},
              {"ada", 200},
              {"urs", 200},
              {"theo", 200},
              {"audrey", 200}}},
            {"GET", "/api/v2/users/" + mary.id.to_string(), "", {{"mary", 200}, {"paul", 404}, {"urs", 200}}},
            {"GET", "/api/v2/users/nobody", "", {{"ada", 404}, {"mary", 404}}},
            {"GET", "/api/v2/users/" + Uuid::random().to_string(), "", {{"ada", 404}, {"mary", 404}}},
            {"GET", "/api/v2/users/mary/roles", "", {{"mary", 200}, {"paul", 404}, {"ada", 200}}},
            {"GET", "/api/v2/users/mary/appearance", "", {{"mary", 200}, {"paul", 404}}},
            {"GET", "/api/v2/users/mary/login-type", "", {{"mary", 200}, {"paul", 404}}},
            {"GET",
             "/api/v2/users/mary/organizations",
             "",
             {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}}},
            {"GET", "/api/v2/users/mary/organizations/coder", "", {{"mary", 200}, {"paul", 404}}},
            {"GET",
             "/api/v2/users/mary/gitsshkey",
             "",
             {{"-", 401}, {"paul", 404}, {"audrey", 403}, {"mary", 404}}},
        });
}

TEST_F(UserRoutesTest, WhoMayChangeWhat) {
    const std::string profile = R"({"username": "mary", "name": "Mary"})";
    check_policies(
        api, people,
        {
            {"POST", "/api/v2/users", new_user, {{"-", 401}, {"mary", 403}, {"theo", 403}, {"audrey", 403}}},
            {"PUT",
             "/api/v2/users/mary/profile",
             profile,
             {{"-", 401},
              {"paul", 404},
              {"audrey", 403},
              {"theo", 403},
              {"mary", 200},
              {"urs", 200},
              {"ada", 200}}},
            {"PUT",
             "/api/v2/users/mary/appearance",
             R"({"theme_preference": "dark", "terminal_font": "fira-code"})",
             {{"-", 401}, {"paul", 404}, {"audrey", 403}, {"mary", 200}}},
            {"PUT",
             "/api/v2/users/mary/status/suspend",
             "",
             {{"-", 401}, {"paul", 404}, {"mary", 400}, {"audrey", 403}, {"theo", 403}}},
            {"PUT",
             "/api/v2/users/mary/roles",
             R"({"roles": []})",
             {{"-", 401}, {"paul", 404}, {"mary", 400}, {"audrey", 403}}},
            {"PUT",
             "/api/v2/users/mary/password",
             R"({"password": "correct horse 42"})",
             {{"-", 401}, {"paul", 404}, {"audrey", 403}, {"theo", 403}}},
            {"PUT",
             "/api/v2/users/mary/gitsshkey",
             "",
             {{"-", 401}, {"paul", 404}, {"audrey", 403}, {"mary", 200}}},
            {"DELETE",
             "/api/v2/users/mary",
             "",
             {{"-", 401}, {"paul", 404}, {"mary", 403}, {"audrey", 403}, {"theo", 403}}},
        });
    EXPECT_EQ(api.get("/api/v2/users/me", mary.token).status, 200u);
}

TEST_F(UserRoutesTest, AUserAsRestShowsThem) {
    auto user = api.get("/api/v2/users/mary", api.owner.token);
    ASSERT_EQ(user.status, 200u) << user.text;
    EXPECT_EQ(user["id"], mary.id.to_string());
    EXPECT_EQ(user["username"], "mary");
    EXPECT_EQ(user["email"], "mary@example.com");
    EXPECT_EQ(user["status"], "active");
    EXPECT_EQ(user["login_type"], "password");
    EXPECT_TRUE(user.json.at("organization_ids").is_array());
    EXPECT_EQ(user.json.at("roles").as_array().size(), 0u);
    // Nothing secret can be among the members.
    for (const auto& [name, value] : user.json.as_object())
        EXPECT_EQ(std::string(name).find("password"), std::string::npos) << std::string(name);
}

TEST_F(UserRoutesTest, Lists) {
    struct Case {
        const char* query;
        std::int64_t count;
        std::size_t shown;
    };
    for (auto [query, count, shown] : {
             Case{"", 6, 6},
             Case{"?limit=2", 6, 2},
             Case{"?limit=2&offset=5", 6, 1},
             Case{"?limit=2&offset=6", 6, 0},
             Case{"?offset=100", 6, 0},
             Case{"?q=nobody&offset=3", 0, 0},
             Case{"?q=status:active,suspended", 6, 6},
             Case{"?q=login_type:github", 0, 0},
             Case{"?q=login_type:PASSWORD", 6, 6},
             Case{"?q=mary", 1, 1},
             Case{"?q=search:PAUL", 1, 1},
             Case{"?q=role:auditor", 1, 1},
             Case{"?q=status:suspended", 0, 0},
             Case{"?q=status:active", 6, 6},
         }) {
        auto list = api.get(std::string("/api/v2/users") + query, api.owner.token);
        ASSERT_EQ(list.status, 200u) << query << list.text;
        EXPECT_EQ(list.json.at("count"), count) << query;
        EXPECT_EQ(list.json.at("users").as_array().size(), shown) << query;
    }
    for (const char* query : {"?limit=x", "?offset=-1", "?q=nonsense:1", "?after_id=x", "?q=status:asleep",
                              "?q=status:active,asleep", "?q=login_type:magic"})
        EXPECT_EQ(api.get(std::string("/api/v2/users") + query, api.owner.token).status, 400u) << query;
    EXPECT_EQ(api.get("/api/v2/users?q=status:asleep", api.owner.token).bad_fields(), "q");
    auto own = api.get("/api/v2/users", mary.token);
    EXPECT_EQ(own.json.at("users").as_array().size(), 1u);
    EXPECT_EQ(own.text.find("paul"), std::string::npos);
}

TEST_F(UserRoutesTest, PagesGoOnWhereTheLastEnded) {
    auto page = [&](const std::string& query) {
        std::string names;
        auto answer = api.get("/api/v2/users" + query, api.owner.token);
        EXPECT_EQ(answer.status, 200u) << query << answer.text;
        for (const auto& user : answer.json.at("users").as_array())
            names += (names.empty() ? "" : " ") + std::string(user.at("username").as_string());
        return names;
    };
    api.sql("UPDATE users SET username = 'PAUL' WHERE username = 'paul'");
    EXPECT_EQ(page(""), "ada audrey mary PAUL theo urs");
    EXPECT_EQ(page("?limit=2"), "ada audrey");
    EXPECT_EQ(page("?limit=2&offset=3"), "PAUL theo");
    EXPECT_EQ(page("?limit=2&after_id=" + mary.id.to_string()), "PAUL theo");
    EXPECT_EQ(page("?after_id=" + paul.id.to_string()), "theo urs");
    EXPECT_EQ(page("?after_id=" + urs.id.to_string()), "");
}

TEST_F(UserRoutesTest, Creates) {
    for (const auto* who : {&api.owner, &urs}) {
        std::string name = "by-" + who->name;
        auto made = api.post("/api/v2/users", who->token,
                             R"({"email": ")" + name + R"(@example.com", "username": ")" + name +
                                 R"(", "password": "correct horse 42", "organization_ids": [")" +
                                 api.organization.to_string() + "\"]}");
        ASSERT_EQ(made.status, 201u) << made.text;
        EXPECT_EQ(made["username"], name);
        EXPECT_EQ(made["status"], "dormant");
        EXPECT_EQ(made.json.at("organization_ids").as_array().size(), 1u);
        auto login = api.post("/api/v2/users/login", "",
                              R"({"email": ")" + name + R"(@example.com", "password": "correct horse 42"})");
        EXPECT_EQ(login.status, 201u) << login.text;
    }
}

TEST_F(UserRoutesTest, CreateRefusesBadInput) {
    struct Case {
        const char* body;
        unsigned status;
        const char* fields;
    };
    for (
        auto [body, status, fields] : {
            Case{"{", 400, "body"},
            Case{R"({"username": "fresh", "password": "correct horse 42"})", 400, "email"},
            Case{R"({"email": "new@example.com", "username": "a b", "password": "correct horse 42"})", 400,
                 "username"},
            Case{R"({"email": "new@example.com", "username": "fresh", "password": "short"})", 400,
                 "password"},
            Case{R"({"email": "new@example.com", "username": "fresh", "login_type": "oidc"})", 400,
                 "login_type"},
            Case{
                R"({"email": "new@example.com", "username": "fresh", "login_type": "none", "password": "x"})",
                400, "password"},
            Case{R"({"email": "MARY@example.com", "username": "fresh", "password": "correct horse 42"})", 409,
                 "email"},
            Case{R"({"email": "new@example.com", "username": "Mary", "password": "correct horse 42"})", 409,
                 "username"},
        }) {
        auto answer = api.post("/api/v2/users", api.owner.token, body);
        EXPECT_EQ(answer.status, status) << body << answer.text;
        EXPECT_EQ(answer.bad_fields(), fields) << body;
    }
    auto elsewhere =
        api.post("/api/v2/users", api.owner.token,
                 R"({"email": "new@example.com", "username": "fresh", "password": "correct horse 42",
                                  "organization_ids": ["00000000-0000-0000-0000-00000000000f"]})");
    EXPECT_EQ(elsewhere.status / 100, 4u) << elsewhere.text;
    EXPECT_EQ(api.get("/api/v2/users/fresh", api.owner.token).status, 404u);
}

TEST_F(UserRoutesTest, UsernamesStayUnique) {
    auto answer = api.put("/api/v2/users/mary/profile", mary.token, R"({"username": "PAUL", "name": ""})");
    EXPECT_EQ(answer.status, 409u) << answer.text;
    EXPECT_EQ(answer.bad_fields(), "username");
    EXPECT_EQ(api.put("/api/v2/users/mary/profile", mary.token, R"({"username": "", "name": ""})").status,
              400u);
    auto renamed =
        api.put("/api/v2/users/mary/profile", mary.token, R"({"username": "maria", "name": "Maria"})");
    EXPECT_EQ(renamed.status, 200u);
    EXPECT_EQ(renamed["username"], "maria");
    EXPECT_EQ(api.get("/api/v2/users/mary", api.owner.token).status, 404u);
}

TEST_F(UserRoutesTest, SuspendAndActivate) {
    auto suspended = api.put("/api/v2/users/mary/status/suspend", urs.token);
    ASSERT_EQ(suspended.status, 200u) << suspended.text;
    EXPECT_EQ(suspended["status"], "suspended");
    EXPECT_EQ(api.get("/api/v2/users/me", mary.token).status, 401u);
    auto active = api.put("/api/v2/users/mary/status/activate", urs.token);
    EXPECT_EQ(active["status"], "active");
    EXPECT_EQ(api.get("/api/v2/users/me", mary.token).status, 200u);
    // Nobody is locked out of the deployment that way.
    EXPECT_EQ(api.put("/api/v2/users/ada/status/suspend", urs.token).status, 400u);
    EXPECT_EQ(api.put("/api/v2/users/me/status/suspend", api.owner.token).status, 400u);
}

TEST_F(UserRoutesTest, Roles) {
    auto given =
        api.put("/api/v2/users/mary/roles", api.owner.token, R"({"roles": ["template-admin", "auditor"]})");
    ASSERT_EQ(given.status, 200u) << given.text;
    EXPECT_EQ(given.json.at("roles").as_array().size(), 2u);
    auto roles = api.get("/api/v2/users/mary/roles", mary.token);
    EXPECT_EQ(roles.json.at("roles").as_array().size(), 2u);
    EXPECT_TRUE(roles.json.at("organization_roles").as_object().contains(api.organization.to_string()))
        << roles.text;
    auto unknown = api.put("/api/v2/users/mary/roles", api.owner.token, R"({"roles": ["king"]})");
    EXPECT_EQ(unknown.status, 400u);
    EXPECT_EQ(unknown.bad_fields(), "roles");
    EXPECT_EQ(api.put("/api/v2/users/mary/roles", urs.token, R"({"roles": []})").status, 403u);
    EXPECT_EQ(api.put("/api/v2/users/me/roles", api.owner.token, R"({"roles": []})").status, 400u);
}

TEST_F(UserRoutesTest, DeleteNeedsNoWorkspaces) {
    auto made = api.add_shared_template("docker");
    api.add_running_workspace(made, mary.id, "dev");
    auto refused = api.del("/api/v2/users/mary", api.owner.token);
    EXPECT_EQ(refused.status, 400u) << refused.text;
    EXPECT_EQ(api.get("/api/v2/users/me", mary.token).status, 200u);
    auto deleted = api.del("/api/v2/users/paul", urs.token);
    EXPECT_EQ(deleted.status, 200u) << deleted.text;
    EXPECT_EQ(api.get("/api/v2/users/me", paul.token).status, 401u);
    // The name is free again.
    EXPECT_EQ(api.post("/api/v2/users", api.owner.token,
                       R"({"email": "paul@example.com", "username": "paul", "password": "correct horse 42"})")
                  .status,
              201u);
}

TEST_F(UserRoutesTest, OnlyOwnersDeleteOwners) {
    api.add_user("olga", "{owner}");
    auto refused = api.del("/api/v2/users/olga", urs.token);
    EXPECT_EQ(refused.status, 403u) << refused.text;
    auto deleted = api.del("/api/v2/users/olga", api.owner.token);
    EXPECT_EQ(deleted.status, 200u) << deleted.text;
}

TEST_F(UserRoutesTest, TheSshKeyShowsItsPublicHalfOnly) {
    auto first = api.put("/api/v2/users/me/gitsshkey", mary.token);
    ASSERT_EQ(first.status, 200u) << first.text;
    EXPECT_TRUE(first["public_key"].starts_with("ssh-ed25519 "));
    EXPECT_EQ(first.text.find("PRIVATE"), std::string::npos);
    auto second = api.put("/api/v2/users/me/gitsshkey", mary.token);
    EXPECT_NE(first["public_key"], second["public_key"]);
    EXPECT_EQ(api.get("/api/v2/users/me/gitsshkey", mary.token)["public_key"], second["public_key"]);
}

TEST_F(UserRoutesTest, PasswordStrengthMayBeAskedByAnybody) {
    auto weak = api.post("/api/v2/users/validate-password", "", R"({"password": "aaaa"})");
    EXPECT_EQ(weak.status, 200u) << weak.text;
    EXPECT_EQ(weak.json.at("valid"), false);
    EXPECT_NE(weak["details"], "");
    auto good = api.post("/api/v2/users/validate-password", "", R"({"password": "correct horse 42"})");
    EXPECT_EQ(good.json.at("valid"), true);
}

}  // namespace
}  // namespace berth::coderd

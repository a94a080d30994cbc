#include "coderd/users/api_key_routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Person;

class ApiKeyRoutesTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person urs = api.add_user("urs", "{user-admin}");
    std::vector<Person> people{api.owner, mary, paul, urs};

    std::string make(const std::string& body) {
        auto made = api.post("/api/v2/users/me/keys/tokens", mary.token, body);
        EXPECT_EQ(made.status, 201u) << made.text;
        return made["key"];
    }
};

TEST_F(ApiKeyRoutesTest, WhoMayTouchWhose) {
    auto id = make(R"({"token_name": "ci"})").substr(0, 10);
    const std::string keys = "/api/v2/users/mary/keys";
    check_policies(
        api, people,
        {
            {"GET", keys + "/tokens", "", {{"-", 401}, {"paul", 404}, {"mary", 200}, {"ada", 200}}},
            {"GET",
             keys + "/" + id,
             "",
             {{"-", 401}, {"paul", 404}, {"urs", 404}, {"mary", 200}, {"ada", 200}}},
            {"GET", keys + "/tokens/ci", "", {{"-", 401}, {"paul", 404}, {"urs", 404}, {"mary", 200}}},
            {"GET", "/api/v2/users/paul/keys/" + id, "", {{"paul", 404}, {"ada", 404}}},
            {"GET", keys + "/tokens/none", "", {{"mary", 404}}},
            {"GET", keys + "/none", "", {{"mary", 404}}},
            {"GET", keys + "/tokens/tokenconfig", "", {{"-", 401}, {"mary", 200}}},
            {"POST", keys, "", {{"-", 401}, {"paul", 404}, {"urs", 403}, {"mary", 201}, {"ada", 201}}},
            {"POST", keys + "/tokens", "{}", {{"-", 401}, {"paul", 404}, {"urs", 403}, {"mary", 201}}},
            {"DELETE", "/api/v2/users/paul/keys/" + id, "", {{"paul", 404}, {"ada", 404}}},
            {"DELETE", keys + "/" + id, "", {{"-", 401}, {"paul", 404}, {"urs", 404}}},
            {"DELETE", keys + "/" + id, "", {{"mary", 204}}},
            {"DELETE", keys + "/" + id, "", {{"mary", 404}}},
        });
}

TEST_F(ApiKeyRoutesTest, ATokenIsShownOnceAndWorks) {
    auto token = make(R"({"token_name": "ci", "lifetime": 3600000000000})");
    EXPECT_EQ(token.size(), 33u);
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 200u);
    auto shown = api.get("/api/v2/users/me/keys/tokens/ci", mary.token);
    ASSERT_EQ(shown.status, 200u) << shown.text;
    EXPECT_EQ(shown["id"], token.substr(0, 10));
    EXPECT_EQ(shown["login_type"], "token");
    EXPECT_EQ(shown["scope"], "all");
    EXPECT_EQ(shown.json.at("scopes").at(0), "coder:all");
    EXPECT_EQ(shown.json.at("allow_list").at(0), "*:*");
    EXPECT_EQ(shown.json.at("lifetime_seconds"), 3600);
    EXPECT_EQ(shown.text.find(token.substr(11)), std::string::npos);
    auto list = api.get("/api/v2/users/me/keys/tokens", mary.token);
    ASSERT_EQ(list.json.as_array().size(), 1u) << list.text;
    EXPECT_EQ(list.json.at(0).at("username"), "mary");
    EXPECT_EQ(list.text.find(token.substr(11)), std::string::npos);
    api.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 401u);
}

TEST_F(ApiKeyRoutesTest, ListsOnesOwnAndForOwnersAll) {
    make(R"({"token_name": "ci"})");
    EXPECT_EQ(api.get("/api/v2/users/me/keys/tokens", api.owner.token).json.as_array().size(), 0u);
    EXPECT_EQ(
        api.get("/api/v2/users/me/keys/tokens?include_all=true", api.owner.token).json.as_array().size(), 1u);
    EXPECT_EQ(api.get("/api/v2/users/me/keys/tokens?include_all=true", paul.token).json.as_array().size(),
              0u);
}

TEST_F(ApiKeyRoutesTest, BadInput) {
    make(R"({"token_name": "ci"})");
    struct Case {
        const char* body;
        unsigned status;
        const char* fields;
    };
    for (auto [body, status, fields] : {
             Case{"{", 400, ""},
             Case{R"({"scope": "everything"})", 400, "scopes"},
             Case{R"({"scopes": ["workspace:fly"]})", 400, "scopes"},
             Case{R"({"allow_list": ["workspace:x"]})", 400, "allow_list[0]"},
             Case{R"({"lifetime": -1})", 400, "lifetime"},
             Case{R"({"lifetime": 1})", 400, "lifetime"},
             Case{R"({"lifetime": 9223372036854775807})", 400, "lifetime"},
             Case{R"({"token_name": "ci"})", 409, "token_name"},
         }) {
        auto answer = api.post("/api/v2/users/me/keys/tokens", mary.token, body);
        EXPECT_EQ(answer.status, status) << body << answer.text;
        if (*fields != 0) {
            EXPECT_EQ(answer.bad_fields(), fields) << body;
        }
    }
    api.options.max_token_lifetime = std::chrono::hours(2);
    EXPECT_EQ(api.post("/api/v2/users/me/keys/tokens", mary.token, R"({"lifetime": 7200000000001})").status,
              400u);
    // Administrators have a shorter ceiling than the rest.
    api.options.max_admin_token_lifetime = std::chrono::hours(1);
    EXPECT_EQ(api.post("/api/v2/users/me/keys/tokens", mary.token, R"({"lifetime": 7200000000000})").status,
              201u);
    EXPECT_EQ(
        api.post("/api/v2/users/me/keys/tokens", api.owner.token, R"({"lifetime": 7200000000000})").status,
        400u);
    EXPECT_EQ(
        api.get("/api/v2/users/me/keys/tokens/tokenconfig", api.owner.token).json.at("max_token_lifetime"),
        3'600'000'000'000);
}

TEST_F(ApiKeyRoutesTest, ScopesNarrowWhatATokenMayDo) {
    auto made = api.add_shared_template("docker");
    auto build = api.add_running_workspace(made, mary.id, "dev");
    auto other = api.add_running_workspace(made, mary.id, "other");
    auto path = "/api/v2/workspaces/" + build.workspace_id.to_string();
    struct Case {
        const char* what;
        std::string token;
        unsigned read;
        unsigned rename;
        unsigned read_other;
    };
    const std::string rename = R"({"name": "dev"})";
    for (const auto& row : {
             Case{"everything", api.add_token(mary.id), 200, 204, 200},
             Case{"read", api.add_token(mary.id, "{workspace:read,template:read,user:read}", "token"), 200,
                  403, 200},
             Case{"one",
                  api.add_token(mary.id, "{coder:all}", "token",
                                "{workspace:" + build.workspace_id.to_string() + "}"),
                  200, 204, 404},
             Case{"other kinds", api.add_token(mary.id, "{template:read}", "token"), 404, 404, 404},
         }) {
        EXPECT_EQ(api.get(path, row.token).status, row.read) << row.what << api.get(path, row.token).text;
        EXPECT_EQ(api.patch(path, row.token, rename).status, row.rename) << row.what;
        EXPECT_EQ(api.get("/api/v2/workspaces/" + other.workspace_id.to_string(), row.token).status,
                  row.read_other)
            << row.what;
    }
}

// Behaviour 23, GHSA-j6xf-jwrj-v5qp: a claimed workspace must find no key of the prebuilds user.
TEST_F(ApiKeyRoutesTest, GhsaJ6xf_ThePrebuildsUserNeverHoldsAKey) {
    const std::string keys = "/api/v2/users/prebuilds/keys";
    EXPECT_EQ(api.post(keys, api.owner.token).status, 403u);
    EXPECT_EQ(api.post(keys + "/tokens", api.owner.token, "{}").status, 403u);
    EXPECT_EQ(
        api.sql("SELECT count(*) FROM api_keys AS k JOIN users AS u ON u.id = k.user_id WHERE u.is_system"),
        "0");
}

}  // namespace
}  // namespace berth::coderd

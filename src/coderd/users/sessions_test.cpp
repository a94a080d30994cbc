#include "coderd/users/sessions.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using http::Method;
using testing::Api;

constexpr const char* good_password = "correct horse 42";

/// A deployment without any user.
class Empty : public Api {
public:
    Empty() {
        sql("DELETE FROM organization_members; DELETE FROM api_keys; DELETE FROM users WHERE NOT is_system");
    }
};

std::string first_user(const std::string& more = "") {
    return std::string(R"({"email": "grace@example.com", "username": "grace", "password": ")") +
           good_password + "\"" + more + "}";
}

std::string login_body(const std::string& email, const std::string& password) {
    return R"({"email": ")" + email + R"(", "password": ")" + password + "\"}";
}

TEST(FirstUser, IsMadeOnce) {
    Empty api;
    auto none = api.get("/api/v2/users/first", "");
    EXPECT_EQ(none.status, 404u);
    EXPECT_TRUE(none.headers.get("X-Coder-Build-Version"));

    auto made = api.post("/api/v2/users/first", "", first_user());
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(made["organization_id"], api.organization.to_string());
    EXPECT_EQ(api.get("/api/v2/users/first", "").status, 200u);

    auto again = api.post("/api/v2/users/first", "", first_user());
    EXPECT_EQ(again.status, 403u) << again.text;

    auto login = api.post("/api/v2/users/login", "", login_body("grace@example.com", good_password));
    ASSERT_EQ(login.status, 201u) << login.text;
    auto me = api.get("/api/v2/users/me", login["session_token"]);
    ASSERT_EQ(me.status, 200u) << me.text;
    EXPECT_EQ(me["id"], made["user_id"]);
    EXPECT_EQ(me.json.at("roles").at(0).at("name"), "owner");
    EXPECT_EQ(me.json.at("organization_ids").at(0), boost::json::value(api.organization.to_string()));
    auto key = api.get("/api/v2/users/me/gitsshkey", login["session_token"]);
    EXPECT_EQ(key.status, 200u) << key.text;
    EXPECT_TRUE(key["public_key"].starts_with("ssh-ed25519 "));
}

TEST(FirstUser, OneOfSeveralAtOnce) {
    Empty api;
    std::atomic<int> made = 0;
    std::vector<std::thread> people;
    for (int i = 0; i < 4; ++i) {
        people.emplace_back([&api, &made, i] {
            auto name = "grace" + std::to_string(i);
            auto answer = api.post("/api/v2/users/first", "",
                                   R"({"email": ")" + name + R"(@example.com", "username": ")" + name +
                                       R"(", "password": ")" + good_password + "\"}");
            if (answer.status == 201) ++made;
        });
    }
    for (auto& person : people)
        person.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(api.sql("SELECT count(*) FROM users WHERE NOT is_system"), "1");
}

TEST(FirstUser, BadInput) {
    Empty api;
    struct Case {
        const char* body;
        const char* fields;
    };
    for (auto [body, fields] : {
             Case{R"({"email": "a@b.c", "username": "grace", "password": "short"})", "password"},
             Case{R"({"email": "a@b.c", "username": "grace", "password": "aaaaaaaaaaaa"})", "password"},
             Case{R"({"email": "nobody", "username": "grace", "password": "correct horse 42"})", "email"},
             Case{R"({"email": "a@b.c", "username": "-x", "password": "correct horse 42"})", "username"},
             Case{R"({"email": "a@b.c", "password": "correct horse 42"})", "username"},
         }) {
        auto answer = api.post("/api/v2/users/first", "", body);
        EXPECT_EQ(answer.status, 400u) << body;
        EXPECT_EQ(answer.bad_fields(), fields) << body;
    }
    EXPECT_EQ(api.get("/api/v2/users/first", "").status, 404u);
}

/// A deployment with `grace`, who has a password.
class WithGrace : public Empty {
public:
    WithGrace() {
        auto made = post("/api/v2/users/first", "", first_user());
        EXPECT_EQ(made.status, 201u) << made.text;
        id = made["user_id"];
    }
    testing::Answer login(const std::string& password = good_password) {
        return post("/api/v2/users/login", "", login_body("grace@example.com", password));
    }
    std::string id;
};

TEST(Login, DoesNotTellWhoExists) {
    WithGrace api;
    auto wrong = api.login("wrong horse 42");
    auto unknown = api.post("/api/v2/users/login", "", login_body("nobody@example.com", good_password));
    auto system = api.post("/api/v2/users/login", "", login_body("prebuilds@system.test", good_password));
    auto endless = api.login(std::string(100'000, 'x'));
    EXPECT_EQ(wrong.status, 401u);
    EXPECT_EQ(unknown.status, 401u);
    EXPECT_EQ(system.status, 401u);
    EXPECT_EQ(endless.status, 401u);
    EXPECT_EQ(wrong.text, unknown.text);
    EXPECT_EQ(wrong.text, system.text);
    EXPECT_EQ(wrong.text, endless.text);
    EXPECT_FALSE(wrong.headers.get("Set-Cookie"));
}

TEST(Login, GivesTokenAndCookie) {
    WithGrace api;
    auto login = api.login();
    ASSERT_EQ(login.status, 201u);
    auto cookie = std::string(login.headers.get("Set-Cookie").value_or(""));
    EXPECT_TRUE(cookie.starts_with("coder_session_token=" + login["session_token"] + ";")) << cookie;
    EXPECT_NE(cookie.find("HttpOnly"), std::string::npos);
    EXPECT_NE(cookie.find("SameSite=Lax"), std::string::npos);
    EXPECT_EQ(cookie.find("Secure"), std::string::npos);
    api.options.access_url = "https://berth.test";
    EXPECT_NE(std::string(api.login().headers.get("Set-Cookie").value_or("")).find("; Secure"),
              std::string::npos);
}

TEST(Login, IgnoresTheCaseOfTheAddress) {
    WithGrace api;
    EXPECT_EQ(api.post("/api/v2/users/login", "", login_body("Grace@Example.com", good_password)).status,
              201u);
}

TEST(Login, MayBeSwitchedOff) {
    WithGrace api;
    api.options.disable_password_auth = true;
    EXPECT_EQ(api.login().status, 403u);
    auto methods = api.get("/api/v2/users/authmethods", "");
    EXPECT_EQ(methods.status, 200u);
    EXPECT_EQ(methods.json.at("password").at("enabled"), false);
    EXPECT_EQ(methods.json.at("oidc").at("enabled"), false);
}

TEST(Login, SuspendedPeopleAreOut) {
    WithGrace api;
    auto token = api.login()["session_token"];
    api.sql("UPDATE users SET status = 'suspended' WHERE username = 'grace'");
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 401u);
    EXPECT_EQ(api.login().status, 401u);
    // Who does not know the password does not learn that the account is suspended.
    EXPECT_EQ(api.login("wrong horse 42").message(), "Incorrect email or password.");
    api.sql("UPDATE users SET status = 'active' WHERE username = 'grace'");
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 200u);
}

TEST(Sessions, TheTokenMayComeInFourWays) {
    Api api;
    http::Request plain;
    plain.target = plain.path = "/api/v2/users/me";
    auto by_header = plain;
    by_header.headers.set("Coder-Session-Token", api.owner.token);
    auto by_cookie = plain;
    by_cookie.headers.set("Cookie", "a=b; coder_session_token=" + api.owner.token);
    auto by_query = plain;
    by_query.query.add("coder_session_token", api.owner.token);
    auto by_bearer = plain;
    by_bearer.headers.set("Authorization", "Bearer " + api.owner.token);
    EXPECT_EQ(api.send(plain).status, 401u);
    for (const auto& request : {by_header, by_cookie, by_query, by_bearer})
        EXPECT_EQ(api.send(request).status, 200u);
}

TEST(Sessions, BadTokensAreAllAlike) {
    Api api;
    auto id = api.owner.token.substr(0, 10);
    for (const std::string& token :
         {std::string("x"), std::string("-"), id, id + "-", id + "-0123456789012345678901",
          "aaaaaaaaaa" + api.owner.token.substr(10), api.owner.token + "x", api.owner.token + " ",
          std::string(5000, 'a'), "'; DROP TABLE users; --" + id}) {
        auto answer = api.get("/api/v2/users/me", token);
        EXPECT_EQ(answer.status, 401u) << token;
        EXPECT_EQ(answer.message(),
                  "You are signed out or your session has expired. Please sign in again to continue.");
    }
}

TEST(Sessions, ExpireUnlessUsed) {
    Api api;
    auto token = api.add_token(api.user, "{coder:all}", "token");
    api.clock.advance(std::chrono::hours(23));
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 200u);
    api.clock.advance(std::chrono::hours(23));
    // The session slid; the token ends when its owner said.
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 200u);
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 401u);
    api.clock.advance(std::chrono::hours(25));
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 401u);
}

TEST(Sessions, LogoutEndsOneSession) {
    Api api;
    auto other = api.add_token(api.user);
    auto out = api.post("/api/v2/users/logout", api.owner.token);
    EXPECT_EQ(out.status, 200u);
    EXPECT_NE(std::string(out.headers.get("Set-Cookie").value_or("")).find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 401u);
    EXPECT_EQ(api.post("/api/v2/users/logout", api.owner.token).status, 401u);
    EXPECT_EQ(api.get("/api/v2/users/me", other).status, 200u);
}

TEST(Sessions, RolesAreReadAfresh) {
    Api api;
    auto mary = api.add_user("mary", "{owner}");
    EXPECT_EQ(api.get("/api/v2/deployment/config", mary.token).status, 200u);
    api.sql("UPDATE users SET rbac_roles = '{}' WHERE username = 'mary'");
    EXPECT_EQ(api.get("/api/v2/deployment/config", mary.token).status, 403u);
}

// "Deleted users' tokens stayed valid" (v0.8.25 to 0.22.2).
TEST(Sessions, Advisory2023_DeletedUsersTokensAreDead) {
    Api api;
    auto mary = api.add_user("mary");
    auto api_token = api.add_token(mary.id, "{coder:all}", "token");
    auto deleted = api.del("/api/v2/users/mary", api.owner.token);
    ASSERT_EQ(deleted.status, 200u) << deleted.text;
    EXPECT_EQ(api.get("/api/v2/users/me", mary.token).status, 401u);
    EXPECT_EQ(api.get("/api/v2/users/me", api_token).status, 401u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM api_keys WHERE user_id = '" + mary.id.to_string() + "'"), "0");
    // Even with a key that was left behind.
    auto left = api.add_token(mary.id);
    EXPECT_EQ(api.get("/api/v2/users/me", left).status, 401u);
    EXPECT_EQ(api.get("/api/v2/users/mary", api.owner.token).status, 404u);
}

TEST(Passwords, ChangingOnesOwnNeedsTheOldAndEndsSessions) {
    WithGrace api;
    auto token = api.login()["session_token"];
    auto other = api.login()["session_token"];
    const std::string path = "/api/v2/users/me/password";
    auto without = api.put(path, token, R"({"password": "another horse 43"})");
    EXPECT_EQ(without.status, 400u) << without.text;
    auto wrong =
        api.put(path, token, R"({"old_password": "wrong horse 42", "password": "another horse 43"})");
    EXPECT_EQ(wrong.status, 400u);
    EXPECT_EQ(wrong.bad_fields(), "old_password");
    auto weak = api.put(path, token,
                        std::string(R"({"old_password": ")") + good_password + R"(", "password": "aaaa"})");
    EXPECT_EQ(weak.status, 400u);
    EXPECT_EQ(weak.bad_fields(), "password");
    EXPECT_EQ(api.get("/api/v2/users/me", other).status, 200u);

    auto done = api.put(
        path, token,
        std::string(R"({"old_password": ")") + good_password + R"(", "password": "another horse 43"})");
    EXPECT_EQ(done.status, 204u) << done.text;
    EXPECT_EQ(done.text, "");
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 401u);
    EXPECT_EQ(api.get("/api/v2/users/me", other).status, 401u);
    EXPECT_EQ(api.login().status, 401u);
    EXPECT_EQ(api.login("another horse 43").status, 201u);
}

// #25709: whoever may reset an owner's password is an owner.
TEST(Passwords, Issue25709_UserAdminCannotResetAnOwnersPassword) {
    WithGrace api;
    auto token = api.login()["session_token"];
    auto admin = api.add_user("urs", "{user-admin}");
    auto member = api.add_user("mary");
    auto refused =
        api.put("/api/v2/users/grace/password", admin.token, R"({"password": "another horse 43"})");
    EXPECT_EQ(refused.status, 403u) << refused.text;
    EXPECT_EQ(api.login().status, 201u);
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 200u);
    // A member's they may.
    EXPECT_EQ(
        api.put("/api/v2/users/mary/password", admin.token, R"({"password": "another horse 43"})").status,
        204u);
    EXPECT_EQ(api.get("/api/v2/users/me", member.token).status, 401u);
    // Nor may they make themselves owner, or log in as one.
    EXPECT_EQ(api.put("/api/v2/users/grace/roles", admin.token, R"({"roles": []})").status, 403u);
    EXPECT_EQ(api.put("/api/v2/users/mary/roles", admin.token, R"({"roles": ["owner"]})").status, 403u);
    EXPECT_EQ(api.post("/api/v2/users/grace/keys", admin.token).status, 403u);
    EXPECT_EQ(api.post("/api/v2/users/grace/keys/tokens", admin.token, "{}").status, 403u);
}

}  // namespace
}  // namespace berth::coderd

#include "coderd/api/dispatcher.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "sdk/endpoints.h"

namespace berth::coderd {
namespace {

using http::Method;
using testing::Answer;
using testing::Api;

http::Request request_of(Method method, const std::string& path) {
    http::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.headers.set("Host", "berth.test");
    return request;
}

TEST(Dispatcher, AnswersWhatIsNotThere) {
    Api api;
    struct Case {
        const char* method;
        const char* path;
        unsigned status;
    };
    for (auto [method, path, status] : {
             Case{"GET", "/api/v2/nothing", 404},
             Case{"GET", "/nothing", 404},
             Case{"GET", "/api/v2/buildinfo/more", 404},
             Case{"DELETE", "/api/v2/buildinfo", 405},
             Case{"POST", "/api/v2/workspaces/00000000-0000-0000-0000-000000000001", 405},
             // Published, but not built.
             Case{"GET", "/api/v2/aibridge/interceptions", 501},
             Case{"POST", "/api/v2/licenses", 501},
             Case{"PATCH", "/api/v2/workspaces/00000000-0000-0000-0000-000000000001/acl", 501},
             Case{"POST", "/api/v2/workspaceagents/azure-instance-identity", 405},
         }) {
        auto answer = api.call(testing::method_of(method), path, api.owner.token);
        EXPECT_EQ(answer.status, status) << method << " " << path << " " << answer.text;
        if (std::string_view(path).starts_with("/api/")) {
            EXPECT_NE(answer.message(), "") << path;
        }
        EXPECT_TRUE(answer.headers.get("X-Coder-Build-Version")) << path;
    }
}

TEST(Dispatcher, EveryPublishedEndpointAnswers) {
    Api api;
    for (const auto& endpoint : sdk::endpoints()) {
        std::string path(endpoint.path);
        // Nothing answers 404 "Route not found.", whatever it needs.
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{', open)) {
            auto close = path.find('}', open);
            path.replace(open, close - open + 1, "00000000-0000-0000-0000-000000000001");
        }
        auto answer = api.call(endpoint.method, path);
        EXPECT_NE(answer.message(), "Route not found.") << path;
        EXPECT_NE(answer.status, 405u) << path;
    }
}

TEST(Dispatcher, TellsTheMethodsThatARouteTakes) {
    Api api;
    auto answer = api.call(Method::put, "/api/v2/buildinfo");
    EXPECT_EQ(answer.status, 405u);
    EXPECT_EQ(answer.headers.get("Allow"), "GET");
}

// CVE-2026-111931: a path of two slashes sends nobody to another host.
TEST(Dispatcher, Cve2026_111931_DoubleSlashIsNoRedirect) {
    Api api;
    for (const char* path : {"//evil.example", "//evil.example/..", "/\\evil.example", "/%2Fevil.example"}) {
        auto answer = api.call(Method::get, path);
        EXPECT_EQ(answer.status, 404u) << path;
        EXPECT_FALSE(answer.headers.get("Location")) << path;
    }
}

TEST(Dispatcher, BodiesAreBoundedBeforeTheyAreRead) {
    Api api;
    EXPECT_EQ(api.dispatcher->body_limit(request_of(Method::post, "/api/v2/users/login")), std::size_t(1)
                                                                                               << 20);
    EXPECT_LE(api.dispatcher->body_limit(request_of(Method::post, "/nothing")), std::size_t(64) << 10);
    auto rejected = api.dispatcher->reject(413, "The body is too large.");
    EXPECT_EQ(rejected.status, 413u);
    EXPECT_TRUE(rejected.headers.get("X-Coder-Build-Version"));
}

TEST(Dispatcher, MalformedBodiesNameTheField) {
    Api api;
    struct Case {
        const char* body;
        const char* fields;
    };
    for (auto [body, fields] : {
             Case{"", ""},
             Case{"{", ""},
             Case{"[]", ""},
             Case{"null", "email,password"},
             Case{"{}", "email,password"},
             Case{R"({"email": 3, "password": "x"})", "email"},
             Case{R"({"email": "no address", "password": "x"})", "email"},
         }) {
        auto answer = api.post("/api/v2/users/login", "", body);
        EXPECT_EQ(answer.status, 400u) << body;
        EXPECT_NE(answer.message(), "") << body;
        if (*fields != 0) {
            EXPECT_EQ(answer.bad_fields(), fields) << body << " " << answer.text;
        }
    }
}

TEST(Dispatcher, CrossSiteWritesAreThoseByCookieFromElsewhere) {
    struct Case {
        const char* what;
        Method method;
        std::vector<std::pair<std::string, std::string>> headers;
        bool refused;
    };
    const std::pair<std::string, std::string> cookie{"Cookie", "coder_session_token=x"};
    const std::vector<Case> cases{
        {"no credentials", Method::post, {{"Origin", "http://evil.test"}}, false},
        {"reading", Method::get, {cookie, {"Origin", "http://evil.test"}}, false},
        {"same origin", Method::post, {cookie, {"Origin", "http://berth.test"}}, false},
        {"same origin over TLS", Method::post, {cookie, {"Origin", "https://berth.test"}}, false},
        {"a program", Method::post, {cookie}, false},
        {"by header",
         Method::post,
         {cookie, {"Origin", "http://evil.test"}, {"Coder-Session-Token", "x"}},
         false},
        {"another origin", Method::post, {cookie, {"Origin", "http://evil.test"}}, true},
        {"another port", Method::del, {cookie, {"Origin", "http://berth.test:81"}}, true},
        {"a longer name", Method::put, {cookie, {"Origin", "http://berth.test.evil.test"}}, true},
        {"null origin", Method::patch, {cookie, {"Origin", "null"}}, true},
        {"fetch metadata", Method::post, {cookie, {"Sec-Fetch-Site", "cross-site"}}, true},
        {"a sibling host", Method::post, {cookie, {"Sec-Fetch-Site", "same-site"}}, true},
        {"our own page", Method::post, {cookie, {"Sec-Fetch-Site", "same-origin"}}, false},
        {"by hand", Method::post, {cookie, {"Sec-Fetch-Site", "none"}}, false},
        // #26204: a header that anybody may send does not say who we are.
        {"forwarded host",
         Method::post,
         {cookie, {"Origin", "http://evil.test"}, {"X-Forwarded-Host", "evil.test"}},
         true},
        {"WebSocket",
         Method::get,
         {cookie, {"Origin", "http://evil.test"}, {"Connection", "Upgrade"}, {"Upgrade", "websocket"}},
         true},
        {"our own WebSocket",
         Method::get,
         {cookie, {"Origin", "http://berth.test"}, {"Connection", "Upgrade"}, {"Upgrade", "websocket"}},
         false},
    };
    for (const auto& row : cases) {
        auto request = request_of(row.method, "/api/v2/users/logout");
        for (const auto& [name, value] : row.headers)
            request.headers.add(name, value);
        EXPECT_EQ(is_cross_site_write(request), row.refused) << row.what;
    }
}

TEST(Dispatcher, ACookieFromAnotherSiteChangesNothing) {
    Api api;
    auto request = request_of(Method::post, "/api/v2/users/logout");
    request.headers.set("Cookie", "coder_session_token=" + api.owner.token);
    auto forged = request;
    forged.headers.set("Origin", "http://evil.test");
    EXPECT_EQ(api.send(forged).status, 403u);
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 200u);
    request.headers.set("Origin", "http://berth.test");
    EXPECT_EQ(api.send(request).status, 200u);
    EXPECT_EQ(api.get("/api/v2/users/me", api.owner.token).status, 401u);
}

}  // namespace
}  // namespace berth::coderd

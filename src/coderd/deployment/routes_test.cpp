#include "coderd/deployment/routes.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/version.h"
#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;

TEST(DeploymentRoutes, WhoMayReadWhat) {
    Api api;
    std::vector<testing::Person> people{api.owner, api.add_user("mary"), api.add_user("audrey", "{auditor}")};
    check_policies(api, people,
                   {
                       {"GET", "/api/v2/buildinfo", "", {{"-", 200}, {"mary", 200}}},
                       {"GET", "/api/v2", "", {{"-", 200}}},
                       {"GET", "/healthz", "", {{"-", 200}}},
                       {"GET", "/latency-check", "", {{"-", 200}}},
                       {"GET", "/api/v2/appearance", "", {{"-", 200}}},
                       {"GET", "/api/v2/updatecheck", "", {{"-", 200}}},
                       {"GET", "/api/v2/openapi.json", "", {{"-", 200}}},
                       {"GET",
                        "/api/v2/deployment/config",
                        "",
                        {{"-", 401}, {"mary", 403}, {"ada", 200}, {"audrey", 200}}},
                       {"GET", "/api/v2/deployment/ssh", "", {{"-", 401}, {"mary", 200}}},
                       {"GET", "/api/v2/experiments", "", {{"-", 401}, {"mary", 200}}},
                       {"GET", "/api/v2/experiments/available", "", {{"-", 401}, {"mary", 200}}},
                       {"GET", "/api/v2/entitlements", "", {{"-", 401}, {"mary", 200}}},
                       {"GET", "/api/v2/regions", "", {{"-", 401}, {"mary", 200}}},
                       {"GET", "/api/v2/applications/host", "", {{"-", 401}, {"mary", 200}}},
                   });
}

TEST(DeploymentRoutes, Shapes) {
    Api api;
    auto info = api.get("/api/v2/buildinfo", "");
    EXPECT_EQ(info["version"], std::string(base::version));
    EXPECT_EQ(info["dashboard_url"], "http://berth.test");
    EXPECT_EQ(info["agent_api_version"].substr(0, 2), "2.");
    EXPECT_EQ(info["provisioner_api_version"].substr(0, 2), "1.");
    EXPECT_TRUE(Uuid::parse(info["deployment_id"]));
    EXPECT_EQ(info.headers.get("X-Coder-Build-Version"), std::string_view(base::version));

    auto entitlements = api.get("/api/v2/entitlements", api.owner.token);
    EXPECT_EQ(entitlements.json.at("has_license"), true);
    EXPECT_TRUE(entitlements.json.at("warnings").is_array());
    EXPECT_TRUE(entitlements.json.at("errors").is_array());
    for (const auto& [name, feature] : entitlements.json.at("features").as_object()) {
        EXPECT_EQ(feature.at("entitlement"), "entitled") << std::string(name);
        EXPECT_EQ(feature.at("enabled"), true) << std::string(name);
    }
    api.options.experiments = {"workspace-build-updates"};
    EXPECT_EQ(api.get("/api/v2/experiments", api.owner.token).text, R"(["workspace-build-updates"])");
    api.options.ssh_config_options = {{"ForwardAgent", "yes"}};
    auto ssh = api.get("/api/v2/deployment/ssh", api.owner.token);
    EXPECT_EQ(ssh["hostname_prefix"], "coder.");
    EXPECT_EQ(ssh.json.at("ssh_config_options").at("ForwardAgent"), "yes");
    EXPECT_EQ(api.get("/api/v2/regions", api.owner.token).json.at("regions").at(0).at("path_app_url"),
              "http://berth.test");
    EXPECT_EQ(api.get("/healthz", "").text, "OK");
}

TEST(DeploymentRoutes, SecretsOfTheConfigurationAreLeftOut) {
    Api api;
    api.options.set_options = {{"postgres-url", "postgres://u:hunter2@db/x"},
                               {"provisioner-daemon-psk", "hunter2"},
                               {"http-address", "0.0.0.0:80"}};
    auto config = api.get("/api/v2/deployment/config", api.owner.token);
    ASSERT_EQ(config.status, 200u);
    EXPECT_EQ(config.text.find("hunter2"), std::string::npos);
    EXPECT_NE(config.text.find("0.0.0.0:80"), std::string::npos);
    EXPECT_TRUE(config.json.at("config").is_object());
    EXPECT_GT(config.json.at("options").as_array().size(), 50u);
}

TEST(DeploymentRoutes, EveryOptionHasItsValueInTheConfiguration) {
    struct Row {
        std::string_view flag, given, path, value;
    };
    const Row rows[] = {
        // Given
        {"tls-enable", "true", "/tls/enable", "true"},
        {"tls-cert-file", "/a.pem,/b.pem", "/tls/cert_file", R"(["/a.pem","/b.pem"])"},
        {"session-duration", "1h30m", "/session_lifetime/default_duration", "5400000000000"},
        {"provisioner-daemons", "7", "/provisioner/daemons", "7"},
        {"oidc-group-mapping", R"({"a": "b"})", "/oidc/group_mapping", R"({"a":"b"})"},
        {"oidc-client-secret", "hunter2", "/oidc/client_secret", R"("")"},
        {"provisioner-daemon-psk", "hunter2", "/provisioner/daemon_psk", R"("")"},
        // Defaults
        {"", "", "/pg_auth", R"("password")"},
        {"", "", "/http_cookies/same_site", R"("lax")"},
        {"", "", "/retention/api_keys", "604800000000000"},
        {"", "", "/oidc/auth_url_params", R"({"access_type":"offline"})"},
        {"", "", "/derp/server/enable", "true"},
    };
    Api api;
    for (const auto& row : rows) {
        if (!row.flag.empty()) api.options.set_options[std::string(row.flag)] = row.given;
    }
    auto answer = api.get("/api/v2/deployment/config", api.owner.token);
    ASSERT_EQ(answer.status, 200u) << answer.text;
    for (const auto& row : rows) {
        boost::system::error_code error;
        const auto* value = answer.json.at("config").find_pointer(row.path, error);
        ASSERT_NE(value, nullptr) << row.path;
        EXPECT_EQ(boost::json::serialize(*value), row.value) << row.path;
    }
    EXPECT_EQ(answer.text.find("hunter2"), std::string::npos);
}

TEST(DeploymentRoutes, TheDocumentNamesEveryRoute) {
    Api api;
    auto document = api.get("/api/v2/openapi.json", "");
    ASSERT_TRUE(document.json.is_object());
    const auto& paths = document.json.at("paths").as_object();
    for (const auto& route : api.routes.all()) {
        if (route.endpoint.pattern.starts_with("/api/")) {
            EXPECT_TRUE(paths.contains(route.endpoint.pattern)) << route.endpoint.pattern;
        }
    }
}

TEST(DeploymentRoutes, TheDocumentTellsWhatRawRoutesSpeakAndWhatQueriesTheyTake) {
    Api api;
    auto document = api.get("/api/v2/openapi.json", "");
    ASSERT_TRUE(document.json.is_object());
    struct Case {
        const char* path;
        const char* method;
        const char* query;
        const char* answers;
    };
    for (auto [path, method, query, answers] : {
             Case{"/api/v2/workspaces/{workspace}", "get", "include_deleted", "Workspace"},
             Case{"/api/v2/workspacebuilds/{workspacebuild}/logs", "get", "after before follow format",
                  "ProvisionerJobLog"},
             Case{"/api/v2/workspacebuilds/{workspacebuild}/cancel", "patch", "expect_status", "Response"},
             Case{"/api/v2/templates/{template}", "patch", "", "Template"},
             Case{"/api/v2/users/login", "post", "", "LoginWithPasswordResponse"},
             Case{"/api/v2/users", "get", "q limit offset after_id", "GetUsersResponse"},
             Case{"/api/v2/workspaces", "get", "q limit offset", "WorkspacesResponse"},
         }) {
        const auto& operation = document.json.at("paths").at(path).at(method).as_object();
        std::string names;
        if (const auto* parameters = operation.if_contains("parameters"))
            for (const auto& parameter : parameters->as_array())
                if (parameter.at("in") == "query")
                    names += (names.empty() ? "" : " ") + std::string(parameter.at("name").as_string());
        EXPECT_EQ(names, query) << path;
        auto success = operation.at("responses").as_object().begin()->value();
        EXPECT_NE(boost::json::serialize(success).find("schemas/" + std::string(answers) + "\""),
                  std::string::npos)
            << path << boost::json::serialize(success);
    }
    EXPECT_NE(document.text.find("schemas/LoginWithPasswordRequest"), std::string::npos);
}

TEST(DownloadRoutes, BinaryAndScript) {
    Api api;
    auto path = std::filesystem::temp_directory_path() / ("berth-binary-" + Uuid::random().to_string());
    std::ofstream(path) << "the program";
    api.options.agent_binary = path;
    auto binary = api.get("/bin/coder-linux-amd64", "");
    ASSERT_EQ(binary.status, 200u) << binary.text;
    EXPECT_EQ(binary.headers.get("ETag"), "\"" + base::sha1_hex("the program") + "\"");
    http::Request again;
    again.target = again.path = "/bin/coder-linux-amd64";
    again.headers.set("If-None-Match", std::string(*binary.headers.get("ETag")));
    EXPECT_EQ(api.send(again).status, 304u);
    for (const char* other :
         {"/bin/coder-windows-amd64.exe", "/bin/..", "/bin/../etc/passwd", "/bin/passwd", "/bin/"})
        EXPECT_EQ(api.get(other, "").status, 404u) << other;
    std::filesystem::remove(path);

    auto script = api.get("/api/v2/init-script/linux/amd64", "");
    ASSERT_EQ(script.status, 200u) << script.text;
    EXPECT_NE(script.text.find("http://berth.test/"), std::string::npos);
    EXPECT_EQ(script.text.find("${ACCESS_URL}"), std::string::npos);
    EXPECT_EQ(api.get("/api/v2/init-script/plan9/amd64", "").status, 400u);
}

}  // namespace
}  // namespace berth::coderd

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/crypto.h"
#include "coderd/api/dispatcher.h"
#include "coderd/files/archive_testing.h"
#include "coderd/files/routes.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/provisionerdserver/routes.h"
#include "coderd/templates/template_routes.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/authenticator.h"
#include "coderd/users/api_key.h"

namespace berth::coderd {
namespace {

using testing::Fixture;

using db::testing::quoted;

/// The routes of files, templates and provisioners behind the real dispatcher, with a session of the
/// fixture's user.
class Api {
public:
    explicit Api(Fixture& fixture)
        : fixture_(fixture),
          server_(fixture.context),
          authenticator_(fixture.context),
          files_(fixture.context),
          versions_(fixture.context),
          templates_(fixture.context),
          provisioners_(fixture.context, server_, authenticator_) {
        files_.register_routes(routes_);
        versions_.register_routes(routes_);
        templates_.register_routes(routes_);
        provisioners_.register_routes(routes_);
        dispatcher_ = std::make_unique<Dispatcher>(routes_, authenticator_, base::Logger("test"));
        token_ = session_of(fixture.user);
    }

    std::string session_of(const Uuid& user) {
        auto token = ApiKeyToken::generate();
        auto hash = token.hashed_secret();
        auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
        fixture_.sql(
            "INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, "
            "updated_at, "
            "login_type) VALUES ('" +
            token.id + "', '\\x" + base::hex_encode(bytes) + "', " + quoted(user) +
            ", now(), now() + interval '1 day', now(), now(), 'password')");
        return token.text().reveal();
    }
    void use_token(std::string token) { token_ = std::move(token); }

    struct Answer {
        unsigned status = 0;
        std::string body;
        [[nodiscard]] boost::json::value json() const { return boost::json::parse(body); }
        [[nodiscard]] std::string text(std::string_view key) const {
            auto value = json();
            return std::string(value.at(key).as_string());
        }
    };
    Answer call(http::Method method, const std::string& target, std::string body = "",
                const std::string& type = "application/json") {
        http::Request request;
        request.method = method;
        request.target = target;
        auto mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos) request.query = *http::Query::parse(target.substr(mark + 1));
        if (!token_.empty()) request.headers.set("Coder-Session-Token", token_);
        for (const auto& [name, value] : extra_headers)
            request.headers.set(name, value);
        request.headers.set("Content-Type", type);
        request.body = std::move(body);
        auto response = fixture_.runtime.run(dispatcher_->handle(request));
        Answer answer;
        answer.status = response.status;
        if (const auto* text = std::get_if<std::string>(&response.body)) answer.body = *text;
        return answer;
    }
    std::vector<std::pair<std::string, std::string>> extra_headers;

private:
    Fixture& fixture_;
    ProvisionerdServer server_;
    StoreAuthenticator authenticator_;
    FileRoutes files_;
    TemplateVersionRoutes versions_;
    TemplateRoutes templates_;
    ProvisionerRoutes provisioners_;
    Routes routes_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::string token_;
};

using http::Method;

TEST(FilesApi, RefusesAndKeeps) {
    Fixture fixture;
    Api api(fixture);
    auto tar = make_tar({{"main.tf", "terraform {}\n"}});
    EXPECT_EQ(api.call(Method::post, "/api/v2/files", tar, "text/plain").status, 400u);
    EXPECT_EQ(api.call(Method::post, "/api/v2/files", "", "application/x-tar").status, 400u);
    EXPECT_EQ(api.call(Method::post, "/api/v2/files", "no zip", "application/zip").status, 400u);
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/nonsense").status, 400u);
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/" + Uuid::random().to_string()).status, 404u);

    auto first = api.call(Method::post, "/api/v2/files", tar, "application/x-tar");
    EXPECT_EQ(first.status, 201u) << first.body;
    auto second = api.call(Method::post, "/api/v2/files", tar, "application/x-tar");
    EXPECT_EQ(second.status, 200u);
    EXPECT_EQ(first.text("hash"), second.text("hash"));
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/" + first.text("hash")).body, tar);
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/" + first.text("hash") + "?format=rar").status, 400u);
    auto zip = api.call(Method::get, "/api/v2/files/" + first.text("hash") + "?format=zip");
    EXPECT_EQ(zip.status, 200u);
    EXPECT_EQ(list_archive(zip.body), (ArchiveFiles{{"main.tf", "terraform {}\n"}}));
    auto from_zip =
        api.call(Method::post, "/api/v2/files", make_zip({{"a.tf", "x"}}), "application/zip; charset=utf-8");
    EXPECT_EQ(from_zip.status, 201u) << from_zip.body;

    // Somebody else's file is not there for others.
    auto other = Uuid::random();
    fixture.sql("INSERT INTO users (id, email, username, created_at, updated_at) VALUES (" + quoted(other) +
                ", 'eve@example.com', 'eve', now(), now())");
    fixture.sql(
        "INSERT INTO organization_members (organization_id, user_id, created_at, updated_at) VALUES (" +
        quoted(fixture.organization) + ", " + quoted(other) + ", now(), now())");
    api.use_token(api.session_of(other));
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/" + first.text("hash")).status, 404u);
    EXPECT_EQ(api.call(Method::post, "/api/v2/organizations/default/templateversions",
                       R"({"storage_method":"file","provisioner":"terraform","file_id":")" +
                           first.text("hash") + "\"}")
                  .status,
              404u);
    api.use_token("");
    EXPECT_EQ(api.call(Method::get, "/api/v2/files/" + first.text("hash")).status, 401u);
}

TEST(TemplatesApi, VersionToTemplateToTheEnd) {
    Fixture fixture;
    Api api(fixture);
    const std::string organization = "/api/v2/organizations/default";
    auto file = api.call(Method::post, "/api/v2/files", make_tar({{"main.tf", "x"}}), "application/x-tar")
                    .text("hash");

    struct Bad {
        const char* body;
        unsigned status;
    };
    const Bad bad[] = {
        {"{", 400},
        {"{}", 400},
        {R"({"storage_method":"file","provisioner":"terraform"})", 400},
        {R"({"storage_method":"file","provisioner":"pulumi","example_id":"x"})", 400},
        {R"({"storage_method":"file","provisioner":"terraform","example_id":"no-such"})", 404},
        {R"({"storage_method":"file","provisioner":"terraform","file_id":"7c9c4d51-3c2c-4b5a-9b6b-000000000000"})",
         404}};
    for (const auto& row : bad)
        EXPECT_EQ(api.call(Method::post, organization + "/templateversions", row.body).status, row.status)
            << row.body;

    auto made =
        api.call(Method::post, organization + "/templateversions",
                 R"({"name":"one","storage_method":"file","provisioner":"terraform","tags":{},"file_id":")" +
                     file + "\"}");
    ASSERT_EQ(made.status, 201u) << made.body;
    auto version = made.text("id");
    EXPECT_EQ(made.json().at("job").at("status").as_string(), "pending");
    EXPECT_EQ(made.json().at("job").at("queue_position").to_number<int>(), 0)
        << "there is no daemon to wait for";
    const std::string of_version = "/api/v2/templateversions/" + version;
    EXPECT_EQ(api.call(Method::get, of_version + "/rich-parameters").status, 400u);
    auto log = api.call(Method::get, of_version + "/logs").json();
    ASSERT_EQ(log.as_array().size(), 1u);
    EXPECT_EQ(log.at(0).at("output").as_string(), "The job waits: no provisioner daemon is connected.");
    EXPECT_EQ(api.call(Method::get, of_version + "/logs?after=x").status, 400u);
    EXPECT_EQ(api.call(Method::get, of_version + "/logs?follow").status, 400u);
    EXPECT_EQ(api.call(Method::get, of_version + "/logs?format=xml").status, 400u);
    auto text = api.call(Method::get, of_version + "/logs?format=text").body;
    EXPECT_NE(text.find("Z [warn] [provisioner_daemon|"), std::string::npos) << text;
    EXPECT_NE(text.find("] The job waits: no provisioner daemon is connected.\n"), std::string::npos) << text;

    const std::string create = R"({"name":"base","template_version_id":")" + version + "\"}";
    EXPECT_EQ(api.call(Method::post, organization + "/templates", create).status, 400u);
    fixture.sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now()");
    EXPECT_EQ(api.call(Method::post, organization + "/templates",
                       R"({"name":"no good name","template_version_id":")" + version + "\"}")
                  .status,
              400u);
    auto base = api.call(Method::post, organization + "/templates", create);
    ASSERT_EQ(base.status, 201u) << base.body;
    EXPECT_EQ(base.json().at("created_by_name").as_string(), "ada");
    EXPECT_EQ(base.json().at("autostart_requirement").at("days_of_week").as_array().size(), 7u);
    EXPECT_EQ(api.call(Method::post, organization + "/templates", create).status, 409u);

    const std::string one = "/api/v2/templates/" + base.text("id");
    EXPECT_EQ(api.call(Method::get, one).status, 200u);
    EXPECT_EQ(api.call(Method::get, organization + "/templates/base").text("id"), base.text("id"));
    EXPECT_EQ(api.call(Method::get, organization + "/templates/none").status, 404u);
    EXPECT_EQ(api.call(Method::get, "/api/v2/templates?q=exact_name:base").json().as_array().size(), 1u);
    EXPECT_EQ(api.call(Method::get, "/api/v2/templates?q=exact_name:other").json().as_array().size(), 0u);
    EXPECT_EQ(api.call(Method::get, "/api/v2/templates?q=colour:blue").status, 400u);
    EXPECT_EQ(api.call(Method::get, one + "/versions").json().as_array().size(), 1u);
    EXPECT_EQ(api.call(Method::get, one + "/versions/one").text("id"), version);
    EXPECT_EQ(api.call(Method::get, organization + "/templates/base/versions/one/previous").status, 404u);
    EXPECT_EQ(api.call(Method::get, of_version + "/presets").body, "[]");
    EXPECT_EQ(api.call(Method::get, of_version + "/external-auth").body, "[]");
    EXPECT_EQ(api.call(Method::get, of_version + "/variables").body, "[]");
    EXPECT_EQ(api.call(Method::get, of_version + "/resources").body, "[]");
    EXPECT_EQ(api.call(Method::post, of_version + "/archive").status, 400u);
    EXPECT_EQ(api.call(Method::patch, of_version + "/cancel").status, 412u);

    const std::string same =
        R"({"activity_bump_ms":3600000,"allow_user_autostart":true,"allow_user_autostop":true,
        "allow_user_cancel_workspace_jobs":true)";
    EXPECT_EQ(api.call(Method::patch, one, same + "}").status, 304u);
    EXPECT_EQ(api.call(Method::patch, one, same + R"(,"default_ttl_ms":-1})").status, 400u);
    EXPECT_EQ(api.call(Method::patch, one, same + R"(,"autostop_requirement":{"days_of_week":["someday"]}})")
                  .status,
              400u);
    EXPECT_EQ(api.call(Method::patch, one, same + R"(,"description":"new"})").text("description"), "new");
    EXPECT_EQ(api.call(Method::get, one + "/acl").json().at("group").as_array().size(), 1u);

    auto run = api.call(Method::post, of_version + "/dry-run",
                        R"({"workspace_name":"w","rich_parameter_values":[]})");
    ASSERT_EQ(run.status, 201u) << run.body;
    const std::string dry = of_version + "/dry-run/" + run.text("id");
    EXPECT_EQ(api.call(Method::get, dry).text("status"), "pending");
    EXPECT_EQ(api.call(Method::get, dry + "/resources").status, 400u);
    auto waits = api.call(Method::get, dry + "/logs?format=text");
    EXPECT_EQ(waits.status, 200u);
    EXPECT_EQ(waits.body.find('{'), std::string::npos) << waits.body;
    EXPECT_EQ(api.call(Method::patch, dry + "/cancel").status, 200u);
    EXPECT_EQ(api.call(Method::get, dry).text("status"), "canceled");
    EXPECT_EQ(api.call(Method::patch, dry + "/cancel").status, 412u);
    EXPECT_EQ(api.call(Method::get, of_version + "/dry-run/" + Uuid::random().to_string()).status, 404u);

    fixture.sql(
        "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name) "
        "VALUES "
        "(gen_random_uuid(), now(), now(), " +
        quoted(fixture.user) + ", " + quoted(fixture.organization) + ", '" + base.text("id") + "', 'w')");
    EXPECT_EQ(api.call(Method::del, one).status, 400u);
    fixture.sql("UPDATE workspaces SET deleted = true");
    EXPECT_EQ(api.call(Method::del, one).status, 200u);
    EXPECT_EQ(api.call(Method::get, one).status, 404u);
}

TEST(ProvisionersApi, RefusesDaemonsWithText) {
    Fixture fixture;
    Api api(fixture);
    const std::string serve = "/api/v2/organizations/default/provisionerdaemons/serve";
    const std::string offer = "?name=d&provisioner=terraform&version=";
    auto newer = api.call(Method::get, serve + offer + "2.0");
    EXPECT_EQ(newer.status, 400u);
    EXPECT_NE(newer.body.find("newer"), std::string::npos);
    EXPECT_EQ(api.call(Method::get, serve + offer + "1.99").status, 400u);
    EXPECT_EQ(api.call(Method::get, serve + "?name=d&version=1.14").status, 400u);
    EXPECT_EQ(api.call(Method::get, serve + "?provisioner=magic&version=1.14").status, 400u);
    EXPECT_EQ(api.call(Method::get, serve + offer + "1.14&tag=broken").status, 400u);
    api.use_token("");
    EXPECT_EQ(api.call(Method::get, serve + offer + "1.14").status, 401u);
    api.extra_headers = {{"Coder-Provisioner-Daemon-Key", "wrong"}};
    EXPECT_EQ(api.call(Method::get, serve + offer + "1.14").status, 401u);
    api.extra_headers = {{"Coder-Provisioner-Daemon-PSK", "wrong"}};
    EXPECT_EQ(api.call(Method::get, serve + offer + "1.14").status, 401u);
    // Everything right but for the missing upgrade.
    api.extra_headers = {{"Coder-Provisioner-Daemon-PSK", "a-pre-shared-key"}};
    auto plain = api.call(Method::get, serve + offer + "1.14");
    EXPECT_EQ(plain.status, 400u);
    EXPECT_NE(plain.body.find("WebSocket"), std::string::npos);
}

TEST(ProvisionersApi, ListsDaemonsAndJobs) {
    Fixture fixture;
    Api api(fixture);
    fixture.add_template("base");
    fixture.add_import_job();
    const std::string organization = "/api/v2/organizations/default";
    auto jobs = api.call(Method::get, organization + "/provisionerjobs");
    ASSERT_EQ(jobs.status, 200u) << jobs.body;
    EXPECT_EQ(jobs.json().as_array().size(), 2u);
    auto pending = api.call(Method::get, organization + "/provisionerjobs?status=pending");
    ASSERT_EQ(pending.json().as_array().size(), 1u);
    auto id = std::string(pending.json().at(0).at("id").as_string());
    EXPECT_EQ(api.call(Method::get, organization + "/provisionerjobs/" + id).status, 200u);
    EXPECT_EQ(api.call(Method::get, organization + "/provisionerjobs/" + Uuid::random().to_string()).status,
              404u);
    EXPECT_EQ(api.call(Method::get, organization + "/provisionerjobs?status=wild").status, 400u);
    EXPECT_EQ(api.call(Method::get, organization + "/provisionerdaemons").body, "[]");
    EXPECT_EQ(api.call(Method::get, organization + "/provisionerdaemons?tags=nonsense").status, 400u);

    const std::string keys = organization + "/provisionerkeys";
    EXPECT_EQ(api.call(Method::post, keys, R"({"name":"no good","tags":{}})").status, 400u);
    EXPECT_EQ(api.call(Method::post, keys, R"({"name":"psk","tags":{}})").status, 400u);
    auto key = api.call(Method::post, keys, R"({"name":"gpu","tags":{"gpu":"1"}})");
    ASSERT_EQ(key.status, 201u) << key.body;
    EXPECT_EQ(api.call(Method::post, keys, R"({"name":"gpu","tags":{}})").status, 409u);
    EXPECT_EQ(api.call(Method::get, keys).json().as_array().size(), 1u);
    // The key opens the door, with its own tags.
    api.extra_headers = {{"Coder-Provisioner-Daemon-Key", key.text("key")}};
    auto plain = api.call(
        Method::get, organization + "/provisionerdaemons/serve?name=g&provisioner=terraform&version=1.17");
    EXPECT_NE(plain.body.find("WebSocket"), std::string::npos) << plain.body;
    api.extra_headers.clear();
    EXPECT_EQ(fixture.sql("SELECT tags->>'gpu' FROM provisioner_daemons WHERE name = 'g'"), "1");
    EXPECT_EQ(api.call(Method::del, keys + "/gpu").status, 204u);
    EXPECT_EQ(api.call(Method::del, keys + "/psk").status, 403u);
    EXPECT_EQ(api.call(Method::del, keys + "/none").status, 404u);
}

}  // namespace
}  // namespace berth::coderd

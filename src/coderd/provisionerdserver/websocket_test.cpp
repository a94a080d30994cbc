#include <gtest/gtest.h>

#include "base/crypto.h"
#include "coderd/jobs/channels.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/provisionerdserver/routes.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/api_key.h"
#include "coderd/users/authenticator.h"
#include "net/http/client.h"
#include "net/http/server.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using db::testing::quoted;
using testing::Fixture;
using testing::sql;

/// A listening server with the routes of versions and provisioners.
struct Listening {
    explicit Listening(Fixture& fixture)
        : provisionerd(fixture.context),
          authenticator(fixture.context),
          versions(fixture.context),
          provisioners(fixture.context, provisionerd, authenticator) {
        versions.register_routes(routes);
        provisioners.register_routes(routes);
        dispatcher = std::make_unique<Dispatcher>(routes, authenticator, base::Logger("test"));
        http = http::Server::create(fixture.runtime, *dispatcher, {}, base::Logger("test"));
        port = http->listen("127.0.0.1:0").value();
        auto token = ApiKeyToken::generate();
        auto hash = token.hashed_secret();
        auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
        fixture.sql(
            "INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, "
            "updated_at, "
            "login_type) VALUES ('" +
            token.id + "', '\\x" + base::hex_encode(bytes) + "', " + quoted(fixture.user) +
            ", now(), now() + interval '1 day', now(), now(), 'password')");
        session = token.text().reveal();
    }

    ProvisionerdServer provisionerd;
    StoreAuthenticator authenticator;
    TemplateVersionRoutes versions;
    ProvisionerRoutes provisioners;
    Routes routes;
    std::unique_ptr<Dispatcher> dispatcher;
    std::unique_ptr<http::Server> http;
    std::uint16_t port = 0;
    std::string session;
};

std::unique_ptr<http::Client> make_client(Fixture& fixture, const Listening& server) {
    auto url = http::Url::parse("http://127.0.0.1:" + std::to_string(server.port));
    return http::Client::create(fixture.runtime.executor(0), *url);
}

asio::awaitable<void> follow_log(Fixture& fixture, Listening& server, Uuid job) {
    auto version = co_await sql(fixture, "SELECT id FROM template_versions WHERE job_id = " + quoted(job));
    auto line = [&](const std::string& text) {
        return "INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output) VALUES "
               "(" +
               quoted(job) + ", now(), 'provisioner', 'info', 'Plan', '" + text + "') RETURNING id";
    };
    co_await sql(fixture, line("first"));
    auto client = make_client(fixture, server);
    http::ClientRequest request;
    request.target = "/api/v2/templateversions/" + version + "/logs?follow";
    request.headers.set("Cookie", "coder_session_token=" + server.session);
    auto socket = co_await client->websocket(request);
    EXPECT_TRUE(socket) << socket.error().to_string();
    if (!socket) co_return;
    auto first = co_await (*socket)->read();
    EXPECT_TRUE(first && *first);
    if (!first || !*first) co_return;
    EXPECT_FALSE((*first)->binary);
    EXPECT_NE((*first)->data.find("\"output\":\"first\""), std::string::npos) << (*first)->data;

    co_await sql(fixture, line("second"));
    auto told = co_await fixture.context.pubsub.publish(job_channel(job), "");
    EXPECT_TRUE(told);
    auto second = co_await (*socket)->read();
    EXPECT_TRUE(second && *second);
    if (second && *second) {
        EXPECT_NE((*second)->data.find("\"output\":\"second\""), std::string::npos);
    }

    co_await sql(fixture, "UPDATE provisioner_jobs SET started_at = now(), completed_at = now()");
    auto ended = co_await fixture.context.pubsub.publish(job_channel(job), "");
    EXPECT_TRUE(ended);
    auto last = co_await (*socket)->read();
    // Nothing: the server closed it in the normal way.
    EXPECT_TRUE(last && !*last);
}

TEST(JobLogs, AreFollowedOverAWebSocket) {
    Fixture fixture;
    auto job = fixture.add_import_job();
    Listening server(fixture);
    fixture.runtime.run(follow_log(fixture, server, job));
    fixture.runtime.run(server.http->drain(std::chrono::seconds(1)));
}

asio::awaitable<void> drive_daemon(net::TaskGroup& group, Fixture& fixture, http::WebSocketPtr& socket) {
    auto session = yamux::Session::create(group.executor(), http::stream_from_websocket(std::move(socket)),
                                          yamux::Role::client);
    group.spawn("daemon's yamux", session->run());
    auto client = drpc::Client::over(session);
    auto wish = co_await client.open(rpc::acquire_job_with_cancel);
    EXPECT_TRUE(wish);
    if (!wish) co_return;
    auto job = co_await wish->recv();
    EXPECT_TRUE(job && *job);
    if (!job || !*job) co_return;
    EXPECT_TRUE((*job)->has_template_import());
    pb::FailedJob failure;
    failure.set_job_id((*job)->job_id());
    failure.set_error("on purpose");
    auto failed = co_await client.call(rpc::fail_job, failure);
    EXPECT_TRUE(failed) << failed.error().to_string();
    auto error = co_await sql(fixture, "SELECT error FROM provisioner_jobs WHERE completed_at IS NOT NULL");
    EXPECT_EQ(error, "on purpose");
    session->close();
}

asio::awaitable<void> serve_daemon_test(Fixture& fixture, Listening& server) {
    auto client = make_client(fixture, server);
    http::ClientRequest request;
    request.target =
        "/api/v2/organizations/default/provisionerdaemons/"
        "serve?version=1.14&version=1.14&name=far&provisioner=terraform"
        "&tag=scope%3Dorganization";
    request.headers.set("Coder-Provisioner-Daemon-PSK", "wrong");
    http::ClientResponse rejected;
    http::WebSocketOptions plain;
    auto refused = co_await client->websocket(request, plain, &rejected);
    EXPECT_FALSE(refused);
    EXPECT_EQ(rejected.status, 401u);
    request.headers.set("Coder-Provisioner-Daemon-PSK", "a-pre-shared-key");
    auto socket = co_await client->websocket(request, plain, &rejected);
    EXPECT_TRUE(socket) << rejected.body;
    if (!socket) co_return;
    co_await net::TaskGroup::scope(base::Logger("test"), drive_daemon, std::ref(fixture), std::ref(*socket));
}

TEST(ProvisionerdServer, ServesADaemonOverAWebSocket) {
    Fixture fixture;
    fixture.add_import_job();
    Listening server(fixture);
    fixture.runtime.run(serve_daemon_test(fixture, server));
    fixture.runtime.run(server.http->drain(std::chrono::seconds(1)));
    EXPECT_EQ(fixture.sql("SELECT name || ' ' || api_version FROM provisioner_daemons"), "far 1.14");
}

asio::awaitable<void> receive_job(net::TaskGroup& group, http::WebSocketPtr& socket, std::size_t limit,
                                  std::string& template_files) {
    auto session = yamux::Session::create(group.executor(), http::stream_from_websocket(std::move(socket)),
                                          yamux::Role::client);
    group.spawn("daemon's yamux", session->run());
    auto client = drpc::Client::over(session, base::system_clock(), limit);
    auto wish = co_await client.open(rpc::acquire_job_with_cancel);
    EXPECT_TRUE(wish);
    if (!wish) co_return;
    auto job = co_await wish->recv();
    EXPECT_TRUE(job && *job);
    if (job && *job) template_files = (*job)->template_source_archive();
    session->close();
}

/// What a daemon gets that names `max_message` when it connects, or names nothing; or the refusal.
asio::awaitable<void> ask_for_job(Fixture& fixture, Listening& server, std::string max_message,
                                  std::string& template_files, unsigned& status) {
    auto client = make_client(fixture, server);
    http::ClientRequest request;
    request.target =
        "/api/v2/organizations/default/provisionerdaemons/serve?version=1.14&provisioner=terraform";
    request.headers.set("Coder-Provisioner-Daemon-PSK", "a-pre-shared-key");
    if (!max_message.empty()) request.headers.set(rpc::max_message_header, max_message);
    http::ClientResponse rejected;
    http::WebSocketOptions plain;
    auto socket = co_await client->websocket(request, plain, &rejected);
    status = socket ? 101 : rejected.status;
    if (!socket) co_return;
    std::size_t limit = max_message.empty() ? drpc::max_message : rpc::max_message;
    co_await net::TaskGroup::scope(base::Logger("test"), receive_job, std::ref(*socket), limit,
                                   std::ref(template_files));
}

TEST(ProvisionerdServer, OnlyADaemonThatTakesThemGetsLargeTemplates) {
    constexpr std::size_t large = (5 << 20);
    Fixture fixture;
    auto first = fixture.add_import_job();
    fixture.sql("UPDATE files SET data = convert_to(repeat('t', " + std::to_string(large) + "), 'UTF8')");
    auto small = fixture.add_import_job();
    Listening server(fixture);
    std::string files;
    unsigned status = 0;
    for (const char* bad : {"x", "-1", "1000"}) {
        fixture.runtime.run(ask_for_job(fixture, server, bad, std::ref(files), std::ref(status)));
        EXPECT_EQ(status, 400u) << bad;
    }
    fixture.runtime.run(ask_for_job(fixture, server, "", std::ref(files), std::ref(status)));
    EXPECT_LT(files.size(), large) << "the small one";
    EXPECT_NE(fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(first)).find("4 MiB"),
              std::string::npos);
    EXPECT_EQ(fixture.job_status(small), "running");

    fixture.add_import_job();
    fixture.sql("UPDATE files SET data = convert_to(repeat('t', " + std::to_string(large) + "), 'UTF8')");
    fixture.runtime.run(ask_for_job(fixture, server, "999999999999", std::ref(files), std::ref(status)));
    EXPECT_EQ(files.size(), large);
    fixture.runtime.run(server.http->drain(std::chrono::seconds(1)));
}

}  // namespace
}  // namespace berth::coderd

// The client against a real HTTP server on a loopback port.
#include "sdk/client.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "net/http/server.h"
#include "net/http/sse.h"
#include "net/runtime.h"

namespace berth::sdk {
namespace {

using namespace std::chrono_literals;

/// Remembers the last request and answers with whatever the test set.
class Recorder : public http::Handler {
public:
    using Answer = std::function<asio::awaitable<http::Response>(http::Request&)>;

    std::size_t body_limit(const http::Request&) const override { return 1 << 20; }
    asio::awaitable<http::Response> handle(http::Request& request) override {
        last = request;
        targets.push_back(request.target);
        auto response = co_await answer(request);
        co_return response;
    }

    http::Request last;
    std::vector<std::string> targets;
    Answer answer;
};

asio::awaitable<http::Response> fixed(http::Response response) { co_return response; }

class ClientTest : public testing::Test {
protected:
    ClientTest() : runtime_(1), server_(http::Server::create(runtime_, recorder_, {}, base::Logger("test"))) {
        port_ = *server_->listen("127.0.0.1:0");
        client_ = std::make_unique<Client>(
            runtime_.executor(), http::Url{.scheme = "http", .host = "127.0.0.1", .port = port_, .path = {}});
        client_->set_session_token(SecretString("id-secret"));
    }
    ~ClientTest() override {
        runtime_.run(close_client(client_));
        runtime_.run(server_->drain(5s));
        runtime_.stop();
    }

    static asio::awaitable<void> close_client(std::unique_ptr<Client>& client) {
        client.reset();
        co_return;
    }

    void answer_with(http::Response response) {
        auto shared = std::make_shared<http::Response>(std::move(response));
        recorder_.answer = [shared](http::Request&) { return fixed(*shared); };
    }
    void answer_json(std::string json, unsigned status = 200) {
        answer_with(http::Response::json(status, std::move(json)));
    }
    std::string header(std::string_view name) {
        return std::string(recorder_.last.headers.get(name).value_or(""));
    }

    net::Runtime runtime_;
    Recorder recorder_;
    std::unique_ptr<http::Server> server_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, SendsTheTokenAndReadsTheAnswer) {
    answer_json(R"({"version":"v2.34.0","external_url":"https://example.com","new_field":[1]})");
    auto info = runtime_.run(client_->build_info());
    ASSERT_TRUE(info) << info.error().to_string();
    EXPECT_EQ(info->version, "v2.34.0");
    EXPECT_EQ(header("Coder-Session-Token"), "id-secret");
    EXPECT_EQ(recorder_.last.target, "/api/v2/buildinfo");
}

TEST_F(ClientTest, NamesAreEscapedInPathsAndQueries) {
    answer_json("{}");
    auto user = runtime_.run(client_->user("a/b?c=ä"));
    ASSERT_TRUE(user) << user.error().to_string();
    EXPECT_EQ(recorder_.last.target, "/api/v2/users/a%2Fb%3Fc%3D%C3%A4");
    auto list = runtime_.run(client_->workspaces("owner:me name:\"x y\"", {.limit = 5}));
    ASSERT_TRUE(list) << list.error().to_string();
    EXPECT_EQ(recorder_.last.target, "/api/v2/workspaces?limit=5&q=owner%3Ame%20name%3A%22x%20y%22");
    EXPECT_EQ(recorder_.last.query.get("q"), "owner:me name:\"x y\"");
}

TEST_F(ClientTest, BodiesAreJson) {
    answer_json(R"({"session_token":"abc"})", 201);
    auto token = runtime_.run(client_->login({"a@b.example", "pass\"word"}));
    ASSERT_TRUE(token) << token.error().to_string();
    EXPECT_EQ(token->session_token, "abc");
    EXPECT_EQ(recorder_.last.body, R"({"email":"a@b.example","password":"pass\"word"})");
    EXPECT_EQ(header("Content-Type"), "application/json");
}

TEST_F(ClientTest, FailuresCarryTheServersWords) {
    struct Row {
        unsigned status;
        ErrorCode code;
    };
    for (const auto& row : std::vector<Row>{{400, ErrorCode::invalid_argument},
                                            {401, ErrorCode::unauthenticated},
                                            {403, ErrorCode::permission_denied},
                                            {404, ErrorCode::not_found},
                                            {409, ErrorCode::conflict},
                                            {412, ErrorCode::failed_precondition},
                                            {413, ErrorCode::too_large},
                                            {429, ErrorCode::resource_exhausted},
                                            {500, ErrorCode::internal},
                                            {501, ErrorCode::unimplemented},
                                            {503, ErrorCode::unavailable},
                                            {504, ErrorCode::deadline_exceeded}}) {
        answer_json(
            R"({"message":"No.","detail":"why","validations":[{"field":"name","detail":"is required"}]})",
            row.status);
        auto user = runtime_.run(client_->user());
        ASSERT_FALSE(user) << row.status;
        EXPECT_EQ(user.error().code(), row.code) << row.status;
        EXPECT_EQ(user.error().message(), "No.");
        EXPECT_EQ(user.error().detail(), "why");
        EXPECT_EQ(user.error().fields(), (std::vector<FieldError>{{"name", "is required"}}));
    }
}

TEST_F(ClientTest, ForeignErrorBodiesAreClipped) {
    answer_with(http::Response::text(502, "<html>" + std::string(10'000, 'x') + "\xff"));
    auto user = runtime_.run(client_->user());
    ASSERT_FALSE(user);
    EXPECT_EQ(user.error().message(), "The server answered 502.");
    EXPECT_EQ(user.error().detail().size(), 2048U);
}

TEST_F(ClientTest, NonsenseAnswersAreErrors) {
    for (const char* body : {"", "null x", "<html>", "[]", R"({"id":5})"}) {
        answer_json(body);
        auto user = runtime_.run(client_->user());
        ASSERT_FALSE(user) << body;
        EXPECT_NE(user.error().message().find("The server's answer makes no sense"), std::string::npos);
    }
    http::Response moved;
    moved.status = 302;
    moved.headers.set("Location", "https://login.example.com");
    moved.body = std::string();
    answer_with(moved);
    auto user = runtime_.run(client_->user());
    ASSERT_FALSE(user);
    EXPECT_EQ(user.error().detail(), "https://login.example.com");
}

TEST_F(ClientTest, FirstUser) {
    answer_json("{}", 404);
    auto no_server = runtime_.run(client_->has_first_user());
    EXPECT_FALSE(no_server);
    auto response = http::Response::json(404, R"({"message":"none"})");
    response.headers.set("X-Coder-Build-Version", "v2.34.0");
    answer_with(response);
    auto none = runtime_.run(client_->has_first_user());
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    answer_json(R"({"message":"there"})");
    auto there = runtime_.run(client_->has_first_user());
    ASSERT_TRUE(there);
    EXPECT_TRUE(*there);
}

TEST_F(ClientTest, FilesAndStatesAreRawBytes) {
    const std::string bytes("\0\x01\xff", 3);
    answer_json(R"({"hash":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"})", 201);
    auto upload = runtime_.run(client_->upload(bytes, "application/zip"));
    ASSERT_TRUE(upload) << upload.error().to_string();
    EXPECT_EQ(recorder_.last.body, bytes);
    EXPECT_EQ(header("Content-Type"), "application/zip");

    answer_with(http::Response::text(200, bytes, "application/x-tar"));
    auto download = runtime_.run(client_->download(upload->hash, "zip"));
    ASSERT_TRUE(download);
    EXPECT_EQ(download->data, bytes);
    EXPECT_EQ(download->content_type, "application/x-tar");
    auto state = runtime_.run(client_->build_state(upload->hash));
    ASSERT_TRUE(state);
    EXPECT_EQ(*state, bytes);
    auto updated = runtime_.run(client_->update_build_state(upload->hash, bytes));
    ASSERT_TRUE(updated) << updated.error().to_string();
    EXPECT_EQ(recorder_.last.body, R"({"state":"AAH/"})");
}

std::string job_log(int id) {
    ProvisionerJobLog log;
    log.id = id;
    log.output = "line " + std::to_string(id);
    return encode(log);
}

/// Two lines and a lost connection, then the rest, then a clean end.
asio::awaitable<void> send_job_logs(http::WebSocketPtr socket, bool first) {
    if (first) {
        for (int id : {1, 2}) {
            auto written = co_await socket->write_text(job_log(id));
            EXPECT_TRUE(written);
        }
        socket->abort();
        co_return;
    }
    auto written = co_await socket->write_text(job_log(3));
    EXPECT_TRUE(written);
    co_await socket->close(http::CloseCode::normal, "");
}

asio::awaitable<http::Response> job_logs(http::Request& request) {
    bool first = !request.query.has("after");
    co_return http::Response::websocket(
        [first](http::WebSocketPtr socket) { return send_job_logs(std::move(socket), first); });
}

asio::awaitable<void> read_job_logs(Client& client, std::vector<std::int64_t>& ids) {
    auto reader = client.follow_build_logs(Uuid{});
    while (true) {
        auto log = co_await reader.next();
        EXPECT_TRUE(log) << log.error().to_string();
        if (!log || !*log) co_return;
        ids.push_back((*log)->id);
    }
}

TEST_F(ClientTest, FollowedLogsGoOnAfterALostConnection) {
    recorder_.answer = job_logs;
    std::vector<std::int64_t> ids;
    runtime_.run(read_job_logs(*client_, ids));
    EXPECT_EQ(ids, (std::vector<std::int64_t>{1, 2, 3}));
    ASSERT_EQ(recorder_.targets.size(), 2U);
    EXPECT_TRUE(recorder_.targets[0].ends_with("/logs?follow")) << recorder_.targets[0];
    EXPECT_TRUE(recorder_.targets[1].ends_with("/logs?follow&after=2")) << recorder_.targets[1];
}

asio::awaitable<void> send_agent_logs(http::WebSocketPtr socket) {
    for (const char* frame :
         {R"([{"id":1,"output":"a"},{"id":2,"output":"b"}])", "[]", R"([{"id":3,"output":"c"}])"}) {
        auto written = co_await socket->write_text(frame);
        EXPECT_TRUE(written);
    }
    co_await socket->close(http::CloseCode::normal, "");
}

asio::awaitable<void> read_agent_logs(Client& client, std::string& output) {
    auto reader = client.follow_agent_logs(Uuid{});
    while (true) {
        auto log = co_await reader.next();
        EXPECT_TRUE(log) << log.error().to_string();
        if (!log || !*log) co_return;
        output += (*log)->output;
    }
}

TEST_F(ClientTest, AgentLogsComeInArrays) {
    answer_with(http::Response::websocket(send_agent_logs));
    std::string output;
    runtime_.run(read_agent_logs(*client_, output));
    EXPECT_EQ(output, "abc");
}

asio::awaitable<Result<std::optional<ProvisionerJobLog>>> first_log(Client& client) {
    auto reader = client.follow_build_logs(Uuid{});
    auto log = co_await reader.next();
    co_return log;
}

TEST_F(ClientTest, RefusedLogsAreNotAskedForAgain) {
    answer_json(R"({"message":"No such build."})", 404);
    auto log = runtime_.run(first_log(*client_));
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code(), ErrorCode::not_found);
    EXPECT_EQ(log.error().message(), "No such build.");
    EXPECT_EQ(recorder_.targets.size(), 1U);
}

asio::awaitable<void> workspace_events(http::BodyWriter& writer) {
    const std::vector<std::string> events{
        http::format_event("ping"),
        http::format_event("data", R"({"name":"one"})"),
        http::format_event("data", R"({"name":"two"})"),
        http::format_event("error", R"({"message":"It is over.","detail":"deleted"})"),
    };
    for (const auto& event : events) {
        auto written = co_await writer.write(event);
        EXPECT_TRUE(written);
    }
}

asio::awaitable<void> watch(Client& client, std::vector<std::string>& seen) {
    auto watcher = co_await client.watch_workspace(Uuid());
    EXPECT_TRUE(watcher) << watcher.error().to_string();
    if (!watcher) co_return;
    while (true) {
        auto workspace = co_await watcher->next();
        if (!workspace) {
            seen.push_back("error: " + workspace.error().message());
            co_return;
        }
        if (!*workspace) co_return;
        seen.push_back((*workspace)->name);
    }
}

TEST_F(ClientTest, WatchesAWorkspace) {
    answer_with(http::Response::streamed(workspace_events, "text/event-stream"));
    std::vector<std::string> seen;
    runtime_.run(watch(*client_, seen));
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two", "error: It is over."}));
}

asio::awaitable<void> echo(http::WebSocketPtr socket) {
    auto stream = http::stream_from_websocket(std::move(socket));
    // Ends with an error when the client drops the connection, as it does here.
    auto copied = co_await net::copy(*stream, *stream);
    EXPECT_TRUE(copied || copied.error().code() == ErrorCode::unavailable) << copied.error().to_string();
}

asio::awaitable<std::string> through_tunnel(Client& client, std::string text) {
    auto stream = co_await client.open_tunnel(Uuid(), TunnelTarget::tcp("127.0.0.1", 8080));
    EXPECT_TRUE(stream) << stream.error().to_string();
    if (!stream) co_return std::string();
    auto written = co_await (*stream)->write(net::as_bytes(text));
    EXPECT_TRUE(written);
    std::vector<std::byte> buffer(text.size());
    auto read = co_await net::read_exactly(**stream, buffer);
    EXPECT_TRUE(read);
    (*stream)->close();
    co_return std::string(net::as_text(buffer));
}

TEST_F(ClientTest, TunnelsAreStreams) {
    answer_with(http::Response::websocket(echo));
    EXPECT_EQ(runtime_.run(through_tunnel(*client_, "hello")), "hello");
    EXPECT_TRUE(recorder_.last.target.ends_with("/tunnel?kind=tcp&host=127.0.0.1&port=8080"))
        << recorder_.last.target;
}

asio::awaitable<Result<void>> serve(Client& client, ServeProvisionerDaemonRequest request,
                                    std::string organization = "default") {
    auto stream =
        co_await client.serve_provisioner_daemon(std::move(request), "1.14", std::move(organization));
    if (!stream) co_return stream.error();
    (*stream)->close();
    co_return Result<void>();
}

TEST_F(ClientTest, DaemonsSayWhoTheyAre) {
    answer_with(http::Response::websocket(echo));
    ServeProvisionerDaemonRequest request;
    request.name = "d 1";
    request.provisioners = {ProvisionerType::terraform, ProvisionerType::echo};
    request.tags = {{"scope", "organization"}, {"a b", "c=d"}};
    request.provisioner_key = "key";
    auto served = runtime_.run(serve(*client_, request));
    ASSERT_TRUE(served) << served.error().to_string();
    EXPECT_EQ(recorder_.last.path, "/api/v2/organizations/default/provisionerdaemons/serve");
    EXPECT_EQ(recorder_.last.query.get("version"), "1.14");
    EXPECT_EQ(recorder_.last.query.get("name"), "d 1");
    EXPECT_EQ(recorder_.last.query.get_all("provisioner"),
              (std::vector<std::string_view>{"terraform", "echo"}));
    EXPECT_EQ(recorder_.last.query.get_all("tag"),
              (std::vector<std::string_view>{"a b=c=d", "scope=organization"}));
    EXPECT_EQ(header("Coder-Provisioner-Daemon-Key"), "key");

    answer_json(R"({"message":"The key is wrong."})", 401);
    auto refused = runtime_.run(serve(*client_, request));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::unauthenticated);
    EXPECT_EQ(refused.error().message(), "The key is wrong.");
}

TEST_F(ClientTest, NamesOfDaemonsTagsAndOrganizationsMayHoldAnything) {
    answer_with(http::Response::websocket(echo));
    ServeProvisionerDaemonRequest request;
    request.name = "one&two";
    request.provisioners = {ProvisionerType::terraform};
    request.tags = {{"zone", "é=1"}};
    request.pre_shared_key = "psk";
    auto served = runtime_.run(serve(*client_, request, "a b"));
    ASSERT_TRUE(served) << served.error().to_string();
    EXPECT_EQ(recorder_.last.target,
              "/api/v2/organizations/a%20b/provisionerdaemons/serve?version=1.14&name=one%26two"
              "&provisioner=terraform&tag=zone%3D%C3%A9%3D1");
    EXPECT_EQ(header("Coder-Provisioner-Daemon-PSK"), "psk");
    EXPECT_EQ(header("Coder-Provisioner-Daemon-Key"), "");
}

}  // namespace
}  // namespace berth::sdk

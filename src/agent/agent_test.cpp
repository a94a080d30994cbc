#include "agent/agent.h"

#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "agent/agent_testing.h"
#include "agent/relay.h"
#include "base/text.h"
#include "base/version.h"
#include "net/http/server.h"
#include "net/process.h"

#include <boost/asio/ip/tcp.hpp>

namespace berth::agent {
namespace {

namespace pb = coder::agent::v2;
using asio::ip::tcp;
using States = std::vector<std::string>;

class AgentTest : public ::testing::Test {
protected:
    AgentTest() {
        auto& manifest = server_.manifest;
        manifest.set_agent_id(Uuid::random().raw());
        manifest.set_workspace_name("demo");
        manifest.set_agent_name("main");
        manifest.set_directory("$HOME/project");
        std::filesystem::create_directory(directory_.path() / "project");
    }
    ~AgentTest() override { stop(); }

    Options options() {
        Options options;
        options.token = SecretString("the-token");
        options.log_directory = directory_.path();
        options.data_directory = directory_.path() / "data";
        options.environment = process_environment();
        (*options.environment)["HOME"] = directory_.path().string();
        options.dial = server_.dialer();
        return options;
    }
    void start(Options options) {
        agent_ = std::make_unique<Agent>(runtime_.executor(0), std::move(options));
        running_ = std::thread([this] { runtime_.run(agent_->run()); });
    }
    void start() { start(options()); }
    void stop() {
        if (!running_.joinable()) return;
        asio::post(runtime_.executor(0), [this] { agent_->stop(); });
        running_.join();
    }
    pb::WorkspaceAgentScript* add_script(const std::string& source, const std::string& text,
                                         bool on_stop = false) {
        auto* script = server_.manifest.add_scripts();
        script->set_id(Uuid::random().raw());
        script->set_log_source_id(source);
        script->set_display_name(source);
        script->set_script(text);
        script->set_run_on_start(!on_stop);
        script->set_run_on_stop(on_stop);
        return script;
    }
    std::vector<std::string> lines(const std::string& source) const {
        std::vector<std::string> out;
        for (const auto& line : server_.record().lines)
            if (line.source == source) out.push_back(line.text);
        return out;
    }
    bool reached(const std::string& state) const {
        return ScriptedServer::eventually([&] {
            auto states = server_.states();
            return std::find(states.begin(), states.end(), state) != states.end();
        });
    }
    /// Sends the line, half-closes with `input` before, and returns all that comes back.
    std::string talk(const std::string& line, const std::string& input = {}) {
        auto stream = server_.open_tunnel_stream();
        return runtime_.run(exchange(stream.get(), line + "\n" + input));
    }
    static asio::awaitable<std::string> exchange(net::Stream* stream, std::string text) {
        std::string all;
        auto written = co_await stream->write(net::as_bytes(text));
        if (!written) co_return all;
        auto shut = co_await stream->shutdown_write();
        (void)shut;
        std::vector<std::byte> buffer(4096);
        while (true) {
            auto got = co_await stream->read_some(buffer);
            if (!got || *got == 0) co_return all;
            all += net::as_text(std::span(buffer).first(*got));
        }
    }

    TestDirectory directory_;
    net::Runtime runtime_{1};
    ScriptedServer server_{runtime_};
    std::unique_ptr<Agent> agent_;
    std::thread running_;
};

TEST_F(AgentTest, FromStartToShutdown) {
    add_script("hello", "pwd; echo $CODER_WORKSPACE_NAME; command -v coder");
    add_script("goodbye", "echo bye", true);
    auto* item = server_.manifest.add_metadata();
    item->set_key("answer");
    item->set_script("echo 42; echo oops >&2; exit 3");
    item->mutable_interval()->set_seconds(1);
    start();
    ASSERT_TRUE(reached("READY"));
    ASSERT_TRUE(ScriptedServer::eventually([&] {
        auto record = server_.record();
        return record.metadata["answer"].size() >= 2 && record.stats.size() >= 2 &&
               lines("hello").size() == 3;
    }));
    stop();
    EXPECT_EQ(server_.states(), (States{"STARTING", "READY", "SHUTTING_DOWN", "OFF"}));
    auto record = server_.record();
    EXPECT_EQ(lines("hello"), (States{std::filesystem::canonical(directory_.path() / "project").string(),
                                      "demo", (directory_.path() / "data" / "bin" / "coder").string()}));
    EXPECT_EQ(lines("goodbye"), States{"bye"});
    ASSERT_EQ(record.startups.size(), 1U);
    EXPECT_EQ(record.startups[0].version(), base::version);
    EXPECT_EQ(record.startups[0].expanded_directory(), (directory_.path() / "project").string());
    EXPECT_EQ(record.timings.size(), 2U);
    EXPECT_EQ(record.metadata["answer"][0].value(), "42");
    EXPECT_EQ(record.metadata["answer"][0].error(), "exit code 3: oops");
}

TEST_F(AgentTest, OutcomesOfTheStart) {
    const struct {
        const char* name;
        const char* start;
        std::int32_t timeout_ms;
        const char* stop;
        States states;
    } cases[] = {
        {"fails", "exit 1", 0, "true", {"STARTING", "START_ERROR", "SHUTTING_DOWN", "OFF"}},
        {"takes too long", "sleep 100", 100, "true", {"STARTING", "START_TIMEOUT", "SHUTTING_DOWN", "OFF"}},
        {"shutdown fails", "true", 0, "exit 1", {"STARTING", "READY", "SHUTTING_DOWN", "SHUTDOWN_ERROR"}},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        ScriptedServer server(runtime_);
        server.manifest = server_.manifest;
        server_.manifest.clear_scripts();
        auto* script = add_script("start", test.start);
        script->mutable_timeout()->set_nanos(test.timeout_ms * 1'000'000);
        add_script("stop", test.stop, true);
        server.manifest = server_.manifest;
        auto with = options();
        with.dial = server.dialer();
        start(std::move(with));
        ASSERT_TRUE(ScriptedServer::eventually([&] { return server.states().size() == 2; }));
        stop();
        EXPECT_EQ(server.states(), test.states);
        agent_.reset();
    }
}

TEST_F(AgentTest, ComesBackAfterEveryKindOfLoss) {
    add_script("once", "echo ran");
    server_.refuse(Error(ErrorCode::unauthenticated, "the server refuses the agent token"));
    start();
    // Refused, and refused again: it goes on asking.
    ASSERT_TRUE(ScriptedServer::eventually([&] { return server_.record().targets.size() >= 4; }));
    server_.refuse(std::nullopt);
    ASSERT_TRUE(reached("READY"));
    server_.drop_connections();
    ASSERT_TRUE(ScriptedServer::eventually([&] { return server_.record().startups.size() == 2; }));
    EXPECT_EQ(talk(R"({"kind":"exec","command":"echo up"})"), "{\"ok\":true}\nup\n");
    stop();
    EXPECT_EQ(server_.states(), (States{"STARTING", "READY", "SHUTTING_DOWN", "OFF"}));
    EXPECT_EQ(lines("once"), States{"ran"});
    EXPECT_EQ(server_.record().targets[0].substr(0, 34), "/api/v2/workspaceagents/me/rpc?ver");
}

TEST_F(AgentTest, StopEndsStartScriptsFirst) {
    add_script("long", "trap 'echo ended; exit 0' TERM; echo began; while :; do sleep 0.05; done");
    add_script("last", "echo last", true);
    start();
    ASSERT_TRUE(ScriptedServer::eventually([&] { return lines("long").size() == 1; }));
    stop();
    // Shells differ in what else they say about the child that was ended with them.
    EXPECT_EQ(lines("long").front(), "began");
    EXPECT_EQ(lines("long").back(), "ended");
    EXPECT_EQ(lines("last"), States{"last"});
    EXPECT_EQ(server_.states(), (States{"STARTING", "SHUTTING_DOWN", "OFF"}));
}

TEST_F(AgentTest, TunnelStreamsBeginWithOneLine) {
    start();
    ASSERT_TRUE(reached("READY"));
    const struct {
        std::string line;
        std::string input;
        std::string answer;
    } cases[] = {
        {"", "",
         R"({"error":"the first line is not a JSON object"})"
         "\n"},
        {"[]", "",
         R"({"error":"the first line is not a JSON object"})"
         "\n"},
        {std::string(5000, 'x'), "",
         R"({"error":"the first line is too long"})"
         "\n"},
        {std::string(1000, '['), "",
         R"({"error":"the first line is not a JSON object"})"
         "\n"},
        {"{}", "",
         R"({"error":"unknown kind of stream"})"
         "\n"},
        {R"({"kind":"telnet"})", "",
         R"({"error":"unknown kind of stream"})"
         "\n"},
        {R"({"kind":"exec"})", "",
         R"({"error":"exec needs a command"})"
         "\n"},
        {R"({"kind":"tcp","port":0})", "",
         R"({"error":"tcp needs a port between 1 and 65535"})"
         "\n"},
        {R"({"kind":"tcp","port":"22"})", "",
         R"({"error":"tcp needs a port between 1 and 65535"})"
         "\n"},
        {R"({"kind":"tcp","host":"127.0.0.1","port":1})", "",
         R"({"error":"cannot connect to 127.0.0.1 port 1"})"
         "\n"},
        {R"({"kind":"exec","command":"cat; echo err >&2"})", "input", "{\"ok\":true}\ninputerr\n"},
        {R"({"kind":"exec","command":"echo $CODER_WORKSPACE_AGENT_NAME"})", "", "{\"ok\":true}\nmain\n"},
    };
    for (const auto& test : cases)
        EXPECT_EQ(talk(test.line, test.input), test.answer) << test.line.substr(0, 80);
}

class Bridge {
public:
    explicit Bridge(asio::any_io_executor executor)
        : acceptor_(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}
    [[nodiscard]] std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
    /// One connection, carried to `stream`.
    asio::awaitable<void> carry(net::Stream* stream) {
        auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
        auto client = net::stream_from_fd(co_await asio::this_coro::executor, socket.release());
        Relayed bytes;
        co_await relay(*client, *stream, bytes, base::Logger("test"));
    }

private:
    tcp::acceptor acceptor_;
};

asio::awaitable<void> expect_ok(net::Stream* stream, std::string line) {
    auto written = co_await stream->write(net::as_bytes(line));
    EXPECT_TRUE(written.ok());
    std::vector<std::byte> answer(12);
    auto got = co_await net::read_exactly(*stream, answer);
    EXPECT_TRUE(got.ok());
    EXPECT_EQ(net::as_text(answer), "{\"ok\":true}\n");
}

TEST_F(AgentTest, SshAndTcpThroughTheTunnel) {
    start();
    ASSERT_TRUE(reached("READY"));
    // ssh -> bridge -> tunnel stream -> the agent's SSH server.
    Bridge bridge(runtime_.executor(0));
    auto stream = server_.open_tunnel_stream();
    runtime_.run(expect_ok(stream.get(), "{\"kind\":\"ssh\"}\n"));
    std::thread carrying([&] { runtime_.run(bridge.carry(stream.get())); });
    net::ProcessOptions ssh;
    ssh.program = "ssh";
    ssh.args = {"-F",        "/dev/null",
                "-o",        "StrictHostKeyChecking=no",
                "-o",        "UserKnownHostsFile=/dev/null",
                "-o",        "LogLevel=ERROR",
                "-p",        bridge.port(),
                "127.0.0.1", "cat; echo $CODER_WORKSPACE_NAME"};
    ssh.env = to_environ(process_environment());
    auto output = runtime_.run(net::run_process(std::move(ssh), "typed\n"));
    carrying.join();
    ASSERT_TRUE(output.ok());
    EXPECT_EQ(output->out, "typed\ndemo\n");
    ASSERT_TRUE(ScriptedServer::eventually([&] { return server_.record().connections.size() == 2; }));
    auto connections = server_.record().connections;
    EXPECT_EQ(connections[0].action(), pb::Connection::CONNECT);
    EXPECT_EQ(connections[0].type(), pb::Connection::SSH);
    EXPECT_EQ(connections[1].action(), pb::Connection::DISCONNECT);
    EXPECT_EQ(connections[0].id(), connections[1].id());

    // A plain TCP connection into the workspace, to a server that is the bridge's other use.
    Bridge echo(runtime_.executor(0));
    auto [near, far] = net::connected_pair(runtime_.executor(0), runtime_.executor(0));
    std::thread echoing([&, other = far.get()] { runtime_.run(echo.carry(other)); });
    auto into = server_.open_tunnel_stream();
    runtime_.run(expect_ok(into.get(), R"({"kind":"tcp","host":"localhost","port":)" + echo.port() + "}\n"));
    std::thread answering([&, end = near.get()] {
        EXPECT_EQ(runtime_.run(exchange(end, "from the server")), "from the client");
    });
    EXPECT_EQ(runtime_.run(exchange(into.get(), "from the client")), "from the server");
    answering.join();
    echoing.join();
}

/// An app whose health the test decides, and the agent's two WebSockets over real HTTP.
class TestHandler final : public http::Handler {
public:
    explicit TestHandler(Dialer dial) : dial_(std::move(dial)) {}
    std::size_t body_limit(const http::Request&) const override { return 1024; }
    asio::awaitable<http::Response> handle(http::Request& request) override {
        if (request.path == "/healthz") co_return http::Response::text(healthy ? 200 : 503, "");
        auto token = request.headers.get("Coder-Session-Token");
        if (!token || *token != "the-token") {
            ++refused;
            co_return http::Response::json(401, R"({"message":"no such token"})");
        }
        auto stream = co_await dial_(request.target);
        if (!stream) co_return http::Response::json(503, "{}");
        std::shared_ptr<net::Stream> behind(std::move(*stream));
        co_return http::Response::websocket([behind](http::WebSocketPtr socket) {
            return serve(behind,
                         std::shared_ptr<net::Stream>(http::stream_from_websocket(std::move(socket))));
        });
    }
    std::atomic<bool> healthy = true;
    std::atomic<int> refused = 0;

private:
    static asio::awaitable<void> serve(std::shared_ptr<net::Stream> behind,
                                       std::shared_ptr<net::Stream> front) {
        Relayed bytes;
        co_await relay(*front, *behind, bytes, base::Logger("test"));
    }
    Dialer dial_;
};

TEST_F(AgentTest, OverRealWebSocketsWithHealthChecks) {
    TestHandler handler(server_.dialer());
    auto http = http::Server::create(runtime_, handler, {}, base::Logger("test"));
    auto port = http->listen("127.0.0.1:0");
    ASSERT_TRUE(port.ok());
    std::string root = "http://127.0.0.1:" + std::to_string(*port);
    auto* app = server_.manifest.add_apps();
    app->set_id("app");
    app->mutable_healthcheck()->set_url(root + "/healthz?full=1");
    app->mutable_healthcheck()->mutable_interval()->set_seconds(1);
    app->mutable_healthcheck()->set_threshold(1);
    server_.manifest.add_apps()->set_id("without a check");

    auto wrong = options();
    wrong.dial = {};
    wrong.url = http::Url::parse(root).value();
    wrong.token = SecretString("another");
    start(wrong);
    ASSERT_TRUE(ScriptedServer::eventually([&] { return handler.refused >= 3; }));
    stop();
    EXPECT_TRUE(server_.record().targets.empty());

    auto right = options();
    right.dial = {};
    right.url = http::Url::parse(root).value();
    start(right);
    ASSERT_TRUE(reached("READY"));
    ASSERT_TRUE(ScriptedServer::eventually([&] { return !server_.record().health["app"].empty(); }));
    handler.healthy = false;
    ASSERT_TRUE(ScriptedServer::eventually([&] { return server_.record().health["app"].size() == 2; }));
    EXPECT_EQ(server_.record().health["app"], (std::vector<int>{pb::HEALTHY, pb::UNHEALTHY}));
    EXPECT_EQ(server_.record().health.size(), 1U);
    EXPECT_EQ(talk(R"({"kind":"exec","command":"head -c 3000000 /dev/zero | tr '\\0' x"})").size(),
              3'000'012U);
    stop();
    EXPECT_EQ(server_.states(), (States{"STARTING", "READY", "SHUTTING_DOWN", "OFF"}));
    runtime_.run(http->drain(std::chrono::seconds(1)));
}

}  // namespace
}  // namespace berth::agent

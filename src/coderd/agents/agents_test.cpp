#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include "coderd/agents/agent_service.h"
#include "coderd/coderd_testing.h"
#include "net/drpc/client.h"
#include "net/http/client.h"
#include "net/http/sse.h"
#include "rpc/agent.h"

namespace berth::coderd {
namespace {

namespace av = ::coder::agent::v2;
namespace agent_rpc = berth::rpc::agent;
using testing::Api;
using testing::check_policies;
using testing::Fixture;
using testing::Person;
using testing::sql;

/// The API on a real port, with a workspace of mary's that has an agent.
class AgentsTest : public ::testing::Test {
protected:
    AgentsTest() {
        server = http::Server::create(api.runtime, *api.dispatcher, http::Limits{}, base::Logger("test"));
        auto bound = server->listen("127.0.0.1:0");
        EXPECT_TRUE(bound.ok());
        url = "http://127.0.0.1:" + std::to_string(*bound);
        app = add_app(agent.id, "web");
        source = add_log_source(agent.id);
        script = add_script(agent.id);
        add_metadata(agent.id, "load");
    }
    ~AgentsTest() override { api.runtime.run(server->drain(std::chrono::seconds(2))); }

    Uuid add_app(const Uuid& of, const std::string& slug) {
        auto id = Uuid::random();
        api.sql("INSERT INTO workspace_apps (id, created_at, agent_id, slug, health) VALUES ('" +
                id.to_string() + "', now(), '" + of.to_string() + "', '" + slug + "', 'initializing')");
        return id;
    }
    Uuid add_log_source(const Uuid& of) {
        auto id = Uuid::random();
        api.sql(
            "INSERT INTO workspace_agent_log_sources (workspace_agent_id, id, created_at, display_name) "
            "VALUES ('" +
            of.to_string() + "', '" + id.to_string() + "', now(), 'Startup')");
        return id;
    }
    Uuid add_script(const Uuid& of) {
        auto id = Uuid::random();
        api.sql(
            "INSERT INTO workspace_agent_scripts (id, created_at, workspace_agent_id, log_source_id, "
            "display_name, script, "
            "run_on_start) VALUES ('" +
            id.to_string() + "', now(), '" + of.to_string() +
            "', gen_random_uuid(), 'Start', "
            "'echo hi', true)");
        return id;
    }
    void add_metadata(const Uuid& of, const std::string& key) {
        api.sql(
            "INSERT INTO workspace_agent_metadata (workspace_agent_id, key, display_name, script, "
            "interval_seconds, "
            "timeout_seconds) VALUES ('" +
            of.to_string() + "', '" + key + "', 'Load', 'uptime', 10, 5)");
    }
    std::string column(const std::string& name) {
        return api.sql("SELECT coalesce(" + name + "::text, '') FROM workspace_agents WHERE id = '" +
                       agent.id.to_string() + "'");
    }

    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    Person theo = api.add_user("theo", "{template-admin}");
    std::vector<Person> people{api.owner, mary, paul, theo};
    Fixture::Imported made = api.add_shared_template("docker");
    Fixture::Build dev = api.add_running_workspace(made, mary.id, "dev");
    Api::Agent agent = api.add_agent(dev.job_id, "main");
    /// Somebody else's.
    Fixture::Build foreign_dev = api.add_running_workspace(made, paul.id, "dev");
    Api::Agent foreign = api.add_agent(foreign_dev.job_id, "main");
    Uuid app;
    Uuid source;
    Uuid script;
    std::unique_ptr<http::Server> server;
    std::string url;
};

http::ClientRequest request_of(const std::string& target, const std::string& token) {
    http::ClientRequest request;
    request.target = target;
    request.headers.set("Coder-Session-Token", token);
    return request;
}

std::unique_ptr<http::Client> client_of(const asio::any_io_executor& executor, const std::string& url) {
    return http::Client::create(executor, *http::Url::parse(url));
}

struct Connected {
    drpc::Client client;
    yamux::SessionPtr session;
};

asio::awaitable<void> deadline() {
    co_await base::system_clock().sleep(std::chrono::seconds(20));
    ADD_FAILURE() << "the test took too long";
}

asio::awaitable<void> within_deadline(asio::awaitable<void> work) {
    using namespace asio::experimental::awaitable_operators;
    co_await (std::move(work) || deadline());
}

asio::awaitable<Result<Connected>> connect_agent(net::TaskGroup& group, std::string url, std::string token) {
    auto http = client_of(group.executor(), url);
    auto request = request_of("/api/v2/workspaceagents/me/rpc?version=2.3", token);
    auto socket = co_await http->websocket(std::move(request));
    if (!socket) co_return socket.error();
    auto session = yamux::Session::create(group.executor(), http::stream_from_websocket(std::move(*socket)),
                                          yamux::Role::client);
    group.spawn("yamux", session->run());
    Connected connected{drpc::Client::over(session), session};
    co_return connected;
}

template <class Test>
using Script = asio::awaitable<void> (*)(Test&, drpc::Client&);

template <class Test>
asio::awaitable<void> run_agent(net::TaskGroup& group, Test& test, std::string url, std::string token,
                                Script<Test> script) {
    auto connected = co_await connect_agent(group, url, token);
    EXPECT_TRUE(connected.ok()) << (connected ? "" : connected.error().to_string());
    if (!connected) co_return;
    co_await script(test, connected->client);
    connected->session->close();
    co_await connected->session->closed();
}

/// Lets `script` call as the agent with this token.
template <class Test>
void as_agent(Test& test, net::Runtime& runtime, const std::string& url, const Uuid& token,
              Script<Test> script) {
    runtime.run(within_deadline(net::TaskGroup::scope(base::Logger("test"), run_agent<Test>, std::ref(test),
                                                      url, token.to_string(), script)));
}

TEST_F(AgentsTest, WhoMayReadWhat) {
    const std::string one = "/api/v2/workspaceagents/" + agent.id.to_string();
    check_policies(
        api, people,
        {
            {"GET", one, "", {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}, {"theo", 200}}},
            {"GET", one + "/logs", "", {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}}},
            {"GET", one + "/watch-metadata", "", {{"-", 401}, {"paul", 404}}},
            // Only the owner of a workspace goes in, and administrators of everything.
            {"GET", one + "/tunnel", "", {{"-", 401}, {"paul", 404}, {"theo", 403}, {"mary", 400}}},
            {"GET", one + "/tunnel?kind=tcp&port=0", "", {{"mary", 400}}},
            {"GET", one + "/tunnel?kind=exec", "", {{"mary", 400}}},
            {"GET", one + "/tunnel?kind=moon", "", {{"mary", 400}}},
            {"GET", one + "/logs?after=x", "", {{"mary", 400}}},
            {"GET", one + "/logs?format=xml", "", {{"mary", 400}}},
            {"GET", "/api/v2/workspaceagents/" + Uuid::random().to_string(), "", {{"ada", 404}}},
            {"GET", "/api/v2/workspaceagents/x", "", {{"ada", 400}}},
            // A person's session is no agent's token.
            {"GET",
             "/api/v2/workspaceagents/me/rpc?version=2.0",
             "",
             {{"-", 401}, {"mary", 401}, {"ada", 401}}},
            {"GET", "/api/v2/workspaceagents/me/tunnel", "", {{"-", 401}, {"mary", 401}}},
        });
    auto shown = api.get(one, mary.token);
    EXPECT_EQ(shown["name"], "main");
    EXPECT_EQ(shown["status"], "connecting");
    EXPECT_EQ(shown.text.find(agent.token.to_string()), std::string::npos);
}

TEST_F(AgentsTest, AnAgentsTokenIsGoodForNothingElse) {
    const std::string token = agent.token.to_string();
    EXPECT_EQ(api.get("/api/v2/users/me", token).status, 401u);
    EXPECT_EQ(api.get("/api/v2/workspaces", token).status, 401u);
    // Authenticated, but no WebSocket.
    EXPECT_EQ(api.get("/api/v2/workspaceagents/me/rpc?version=2.0", token).status, 400u);
    for (const char* version : {"1.0", "3.0", "2", "x", "2.x", "-2.0", ""})
        EXPECT_EQ(api.get(std::string("/api/v2/workspaceagents/me/rpc?version=") + version, token).status,
                  400u)
            << version;
    EXPECT_EQ(api.get("/api/v2/workspaceagents/me/rpc", Uuid().to_string()).status, 401u);
    EXPECT_EQ(api.get("/api/v2/workspaceagents/me/rpc", "'; --").status, 401u);
}

TEST_F(AgentsTest, OnlyTheLatestBuildsAgentIsLetIn) {
    const std::string path = "/api/v2/workspaceagents/me/rpc?version=2.0";
    EXPECT_EQ(api.get(path, agent.token.to_string()).status, 400u);
    api.add_build(made, dev.workspace_id, 2, "stop");
    EXPECT_EQ(api.get(path, agent.token.to_string()).status, 401u);
    EXPECT_EQ(api.get(path, foreign.token.to_string()).status, 400u);
    api.sql("UPDATE workspaces SET deleted = true WHERE id = '" + foreign_dev.workspace_id.to_string() + "'");
    EXPECT_EQ(api.get(path, foreign.token.to_string()).status, 401u);
}

// #28513: the agents of suspended owners were still served.
TEST_F(AgentsTest, Issue28513_AgentsOfSuspendedOwnersAreRefused) {
    const std::string path = "/api/v2/workspaceagents/me/rpc?version=2.0";
    api.sql("UPDATE users SET status = 'suspended' WHERE username = 'mary'");
    EXPECT_EQ(api.get(path, agent.token.to_string()).status, 401u);
    EXPECT_EQ(api.get("/api/v2/workspaceagents/me/tunnel", agent.token.to_string()).status, 401u);
    api.sql("UPDATE users SET status = 'active', deleted = true WHERE username = 'mary'");
    EXPECT_EQ(api.get(path, agent.token.to_string()).status, 401u);
}

class AgentCalls : public AgentsTest {
public:
    using AgentsTest::agent;
    using AgentsTest::api;
    using AgentsTest::app;
    using AgentsTest::column;
    using AgentsTest::dev;
    using AgentsTest::foreign;
    using AgentsTest::script;
    using AgentsTest::source;
    Uuid foreign_app = add_app(foreign.id, "web");
    Uuid foreign_script = add_script(foreign.id);

    void play(Script<AgentCalls> calls) { as_agent<AgentCalls>(*this, api.runtime, url, agent.token, calls); }
};

TEST_F(AgentCalls, Manifest) {
    play([](AgentCalls& test, drpc::Client& client) -> asio::awaitable<void> {
        av::GetManifestRequest request;
        auto manifest = co_await client.call(agent_rpc::get_manifest, request);
        EXPECT_TRUE(manifest.ok()) << (manifest ? "" : manifest.error().to_string());
        if (!manifest) co_return;
        EXPECT_EQ(manifest->agent_id(), test.agent.id.raw());
        EXPECT_EQ(manifest->workspace_id(), test.dev.workspace_id.raw());
        EXPECT_EQ(manifest->agent_name(), "main");
        EXPECT_EQ(manifest->workspace_name(), "dev");
        EXPECT_EQ(manifest->owner_username(), "mary");
        EXPECT_EQ(manifest->directory(), "/home/ada");
        EXPECT_EQ(manifest->environment_variables().at("EDITOR"), "vi");
        EXPECT_EQ(manifest->scripts_size(), 1);
        EXPECT_EQ(manifest->scripts(0).script(), "echo hi");
        EXPECT_EQ(manifest->apps_size(), 1);
        EXPECT_EQ(manifest->apps(0).slug(), "web");
        EXPECT_EQ(manifest->metadata_size(), 1);
        EXPECT_EQ(manifest->metadata(0).interval().seconds(), 10);
    });
    EXPECT_NE(column("first_connected_at"), "");
}

TEST_F(AgentCalls, LifecycleAndStartup) {
    play([](AgentCalls&, drpc::Client& client) -> asio::awaitable<void> {
        av::UpdateLifecycleRequest lifecycle;
        lifecycle.mutable_lifecycle()->set_state(av::Lifecycle::STARTING);
        lifecycle.mutable_lifecycle()->mutable_changed_at()->set_seconds(1'700'000'000);
        auto starting = co_await client.call(agent_rpc::update_lifecycle, lifecycle);
        EXPECT_TRUE(starting.ok());
        lifecycle.mutable_lifecycle()->set_state(av::Lifecycle::READY);
        // A clock that nobody can store.
        lifecycle.mutable_lifecycle()->mutable_changed_at()->set_seconds(
            std::numeric_limits<std::int64_t>::max());
        auto ready = co_await client.call(agent_rpc::update_lifecycle, lifecycle);
        EXPECT_TRUE(ready.ok());
        lifecycle.mutable_lifecycle()->set_state(av::Lifecycle::STATE_UNSPECIFIED);
        auto unknown = co_await client.call(agent_rpc::update_lifecycle, lifecycle);
        EXPECT_FALSE(unknown.ok());
        av::UpdateLifecycleRequest nothing;
        auto empty = co_await client.call(agent_rpc::update_lifecycle, nothing);
        EXPECT_FALSE(empty.ok());

        av::UpdateStartupRequest startup;
        // Two bytes a character: the cut falls inside one.
        std::string wide = "x";
        for (int i = 0; i < 4000; ++i)
            wide += "é";
        startup.mutable_startup()->set_version(wide);
        startup.mutable_startup()->set_expanded_directory(wide);
        startup.mutable_startup()->add_subsystems(av::Startup::ENVBOX);
        auto started = co_await client.call(agent_rpc::update_startup, startup);
        EXPECT_TRUE(started.ok()) << (started ? "" : started.error().to_string());
    });
    EXPECT_EQ(column("lifecycle_state"), "ready");
    EXPECT_NE(column("started_at"), "");
    EXPECT_NE(column("ready_at"), "");
    EXPECT_EQ(column("subsystems"), "{envbox}");
    EXPECT_EQ(column("api_version").substr(0, 2), "2.");
    EXPECT_NE(column("disconnected_at"), "") << "its going is noted";
}

TEST_F(AgentCalls, ANewerConnectionStaysConnectedWhenTheOlderEnds) {
    play([](AgentCalls& test, drpc::Client& client) -> asio::awaitable<void> {
        av::GetManifestRequest request;
        auto manifest = co_await client.call(agent_rpc::get_manifest, request);
        EXPECT_TRUE(manifest.ok());
        test.api.sql(
            "UPDATE workspace_agents SET last_connected_at = last_connected_at + interval '1 second'");
    });
    EXPECT_EQ(column("disconnected_at"), "");
}

TEST_F(AgentCalls, LogsAndTheirLimit) {
    play([](AgentCalls& test, drpc::Client& client) -> asio::awaitable<void> {
        av::BatchCreateLogsRequest request;
        request.set_log_source_id(test.source.raw());
        auto* line = request.add_logs();
        line->set_output(std::string("a\0b", 3));
        line->set_level(av::Log::WARN);
        auto stored = co_await client.call(agent_rpc::batch_create_logs, request);
        EXPECT_TRUE(stored.ok() && !stored->log_limit_exceeded())
            << (stored ? "" : stored.error().to_string());
        av::BatchCreateLogsRequest malformed;
        malformed.set_log_source_id("short");
        auto refused = co_await client.call(agent_rpc::batch_create_logs, malformed);
        EXPECT_FALSE(refused.ok());
        av::BatchCreateLogsRequest big;
        big.set_log_source_id(test.source.raw());
        big.add_logs()->set_output(std::string(1 << 20, 'x'));
        auto over = co_await client.call(agent_rpc::batch_create_logs, big);
        EXPECT_TRUE(over.ok() && over->log_limit_exceeded());
        // After that, nothing is taken any more.
        auto after = co_await client.call(agent_rpc::batch_create_logs, request);
        EXPECT_TRUE(after.ok() && after->log_limit_exceeded());
    });
    EXPECT_EQ(column("logs_overflowed"), "true");
    auto logs = api.get("/api/v2/workspaceagents/" + agent.id.to_string() + "/logs", mary.token);
    ASSERT_EQ(logs.json.as_array().size(), 1u) << logs.text;
    EXPECT_EQ(logs.json.at(0).at("level"), "warn");
    EXPECT_EQ(logs.json.at(0).at("output"), "ab");
    EXPECT_EQ(logs.json.at(0).at("source_id"), boost::json::value(source.to_string()));
    auto text =
        api.get("/api/v2/workspaceagents/" + agent.id.to_string() + "/logs?format=text", mary.token).text;
    EXPECT_NE(text.find("Z [warn] [" + column("name") + "|"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("] ab\n")) << text;
}

TEST_F(AgentCalls, ForeignIdsChangeNothing) {
    play([](AgentCalls& test, drpc::Client& client) -> asio::awaitable<void> {
        av::BatchUpdateAppHealthRequest health;
        auto* own = health.add_updates();
        own->set_id(test.app.raw());
        own->set_health(av::HEALTHY);
        auto* other = health.add_updates();
        other->set_id(test.foreign_app.raw());
        other->set_health(av::UNHEALTHY);
        auto healthy = co_await client.call(agent_rpc::batch_update_app_healths, health);
        EXPECT_TRUE(healthy.ok()) << (healthy ? "" : healthy.error().to_string());
        av::BatchUpdateAppHealthRequest malformed;
        malformed.add_updates()->set_id("x");
        auto refused = co_await client.call(agent_rpc::batch_update_app_healths, malformed);
        EXPECT_FALSE(refused.ok());

        std::vector<Uuid> scripts(1, test.script);
        scripts.push_back(test.foreign_script);
        for (const Uuid& id : scripts) {
            av::WorkspaceAgentScriptCompletedRequest done;
            done.mutable_timing()->set_script_id(id.raw());
            done.mutable_timing()->mutable_start()->set_seconds(1'700'000'000);
            done.mutable_timing()->mutable_end()->set_seconds(1'700'000'001);
            done.mutable_timing()->set_exit_code(3);
            done.mutable_timing()->set_status(av::Timing::EXIT_FAILED);
            auto timed = co_await client.call(agent_rpc::script_completed, done);
            EXPECT_TRUE(timed.ok()) << (timed ? "" : timed.error().to_string());
            auto twice = co_await client.call(agent_rpc::script_completed, done);
            EXPECT_TRUE(twice.ok());
        }
        av::UpdateAppStatusRequest status;
        status.set_slug("web");
        status.set_state(av::UpdateAppStatusRequest::IDLE);
        status.set_message("waiting");
        auto told = co_await client.call(agent_rpc::update_app_status, status);
        EXPECT_TRUE(told.ok()) << (told ? "" : told.error().to_string());
        status.set_slug("none");
        auto unknown = co_await client.call(agent_rpc::update_app_status, status);
        EXPECT_FALSE(unknown.ok());
    });
    EXPECT_EQ(api.sql("SELECT health FROM workspace_apps WHERE id = '" + app.to_string() + "'"), "healthy");
    EXPECT_EQ(api.sql("SELECT health FROM workspace_apps WHERE id = '" + foreign_app.to_string() + "'"),
              "initializing");
    EXPECT_EQ(api.sql("SELECT string_agg(script_id::text, ',') FROM workspace_agent_script_timings"),
              script.to_string());
    auto timings = api.get("/api/v2/workspacebuilds/" + dev.build_id.to_string() + "/timings", mary.token);
    EXPECT_EQ(timings.json.at("agent_script_timings").at(0).at("exit_code"), 3) << timings.text;
    EXPECT_EQ(timings.json.at("agent_script_timings").at(0).at("workspace_agent_name"), "main");
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_app_statuses"), "1");
}

TEST_F(AgentCalls, MetadataAndTheRest) {
    play([](AgentCalls&, drpc::Client& client) -> asio::awaitable<void> {
        av::BatchUpdateMetadataRequest metadata;
        auto* item = metadata.add_metadata();
        item->set_key("load");
        item->mutable_result()->set_value(std::string(5000, 'v'));
        auto* unknown = metadata.add_metadata();
        unknown->set_key("never defined");
        unknown->mutable_result()->set_value("x");
        auto stored = co_await client.call(agent_rpc::batch_update_metadata, metadata);
        EXPECT_TRUE(stored.ok()) << (stored ? "" : stored.error().to_string());
        av::UpdateStatsRequest stats;
        stats.mutable_stats()->set_connection_count(1);
        auto counted = co_await client.call(agent_rpc::update_stats, stats);
        EXPECT_TRUE(counted.ok() && counted->report_interval().seconds() > 0)
            << (counted ? "" : counted.error().to_string());
        av::GetResourcesMonitoringConfigurationRequest monitoring;
        auto configuration =
            co_await client.call(agent_rpc::get_resources_monitoring_configuration, monitoring);
        EXPECT_TRUE(configuration.ok()) << (configuration ? "" : configuration.error().to_string());
        av::GetServiceBannerRequest banner;
        auto no_banner = co_await client.call(agent_rpc::get_service_banner, banner);
        EXPECT_TRUE(no_banner.ok() && !no_banner->enabled());
        av::ListSubAgentsRequest list;
        auto sub_agents = co_await client.call(agent_rpc::list_sub_agents, list);
        EXPECT_TRUE(sub_agents.ok() && sub_agents->agents_size() == 0)
            << (sub_agents ? "" : sub_agents.error().to_string());
    });
    EXPECT_EQ(api.sql("SELECT length(value) FROM workspace_agent_metadata WHERE workspace_agent_id = '" +
                      agent.id.to_string() + "'"),
              "2048");
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_agent_metadata"), "1");
}

/// What became of a client's way into the workspace: 101, or the refusal's status.
struct ClientTunnel {
    unsigned status = 0;
    std::string read;
};

asio::awaitable<void> open_client_tunnel(std::string url, std::string target, std::string token,
                                         ClientTunnel& outcome) {
    auto executor = co_await asio::this_coro::executor;
    auto http = client_of(executor, url);
    auto request = request_of(target, token);
    http::ClientResponse rejected;
    http::WebSocketOptions options;
    auto socket = co_await http->websocket(std::move(request), options, &rejected);
    outcome.status = socket ? 101 : rejected.status;
    if (!socket) co_return;
    auto message = co_await (*socket)->read();
    if (message && *message) outcome.read = (*message)->data;
}

asio::awaitable<void> wait_for_a_sleeper(base::FakeClock& clock) {
    while (clock.sleepers() == 0)
        co_await base::system_clock().sleep(std::chrono::milliseconds(2));
}

/// Lets every sleeper look again, until cancelled.
asio::awaitable<void> tick(base::FakeClock& clock) {
    while (true) {
        clock.advance(std::chrono::milliseconds(20));
        co_await base::system_clock().sleep(std::chrono::milliseconds(10));
    }
}

/// Opens the agent's tunnel, takes one stream and says hello on it.
asio::awaitable<void> serve_one_stream(net::TaskGroup& group, std::string url, std::string token) {
    auto http = client_of(group.executor(), url);
    auto request = request_of("/api/v2/workspaceagents/me/tunnel", token);
    auto socket = co_await http->websocket(std::move(request));
    EXPECT_TRUE(socket.ok()) << (socket ? "" : socket.error().to_string());
    if (!socket) co_return;
    auto session = yamux::Session::create(group.executor(), http::stream_from_websocket(std::move(*socket)),
                                          yamux::Role::client);
    group.spawn("yamux", session->run());
    auto stream = co_await session->accept();
    EXPECT_TRUE(stream.ok());
    if (!stream) co_return;
    auto said = co_await (*stream)->write(net::as_bytes("{\"ok\":true}\nhello"));
    EXPECT_TRUE(said.ok());
    (*stream)->close();
}

/// Comes once a client waits for it.
asio::awaitable<void> come_late(net::TaskGroup& group, std::string url, std::string token,
                                base::FakeClock& clock) {
    co_await wait_for_a_sleeper(clock);
    group.spawn("clock", tick(clock));
    co_await serve_one_stream(group, url, token);
}

class ClientTunnels : public AgentsTest {
public:
    using AgentsTest::agent;
    using AgentsTest::api;
    using AgentsTest::mary;
    using AgentsTest::url;
    ClientTunnel outcome;
    std::string target = "/api/v2/workspaceagents/" + agent.id.to_string() + "/tunnel";

    /// As a heartbeat leaves it.
    void note_connected() {
        api.sql("UPDATE workspace_agents SET first_connected_at = to_timestamp(" + now() +
                "), last_connected_at = to_timestamp(" + now() + ") WHERE id = '" + agent.id.to_string() +
                "'");
    }
    std::string now() {
        return std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(api.clock.now().time_since_epoch()).count());
    }
};

TEST_F(ClientTunnels, AnAgentThatIsNotConnectedIsRefusedAtOnce) {
    api.runtime.run(within_deadline(open_client_tunnel(url, target, mary.token, std::ref(outcome))));
    EXPECT_EQ(outcome.status, 503u);
}

// The agent's calls and its tunnel are two connections, and either may come first.
TEST_F(ClientTunnels, AConnectedAgentsTunnelIsWaitedFor) {
    note_connected();
    auto play = [](net::TaskGroup& group, ClientTunnels& test) -> asio::awaitable<void> {
        group.spawn("agent", come_late(group, test.url, test.agent.token.to_string(), test.api.clock));
        co_await open_client_tunnel(test.url, test.target, test.mary.token, test.outcome);
    };
    api.runtime.run(within_deadline(net::TaskGroup::scope(base::Logger("test"), play, std::ref(*this))));
    EXPECT_EQ(outcome.status, 101u);
    EXPECT_EQ(outcome.read, "hello");
}

TEST_F(ClientTunnels, AConnectedAgentsTunnelThatStaysAwayIsNotWaitedForForEver) {
    note_connected();
    auto play = [](net::TaskGroup& group, ClientTunnels& test) -> asio::awaitable<void> {
        group.spawn("client", open_client_tunnel(test.url, test.target, test.mary.token, test.outcome));
        co_await wait_for_a_sleeper(test.api.clock);
        test.api.clock.advance(std::chrono::seconds(11));
        co_await group.join();
    };
    api.runtime.run(within_deadline(net::TaskGroup::scope(base::Logger("test"), play, std::ref(*this))));
    EXPECT_EQ(outcome.status, 503u);
}

/// Reads one `data` event; pings do not count.
asio::awaitable<std::string> next_data(http::SseReader& reader) {
    while (true) {
        auto event = co_await reader.next();
        if (!event || !*event) co_return "";
        if ((*event)->type == "data") co_return (*event)->data;
    }
}

asio::awaitable<void> watch_a_rename(std::string url, std::string path, std::string token) {
    auto executor = co_await asio::this_coro::executor;
    auto http = client_of(executor, url);
    auto watch = request_of(path + "/watch", token);
    auto stream = co_await http->open(std::move(watch));
    EXPECT_TRUE(stream.ok());
    if (!stream) co_return;
    EXPECT_EQ(stream->status, 200u);
    EXPECT_EQ(stream->headers.get("Content-Type"), "text/event-stream");
    http::SseReader reader(*stream->body);
    auto first = co_await next_data(reader);
    EXPECT_NE(first.find(R"("name":"dev")"), std::string::npos) << first;
    auto rename = request_of(path, token);
    rename.method = http::Method::patch;
    rename.body = R"({"name": "renamed"})";
    auto renamed = co_await http->send(std::move(rename));
    EXPECT_TRUE(renamed.ok() && renamed->status == 204);
    auto second = co_await next_data(reader);
    EXPECT_NE(second.find(R"("name":"renamed")"), std::string::npos) << second;
    stream->body->close();
}

TEST_F(AgentsTest, WatchingAWorkspaceDeliversChanges) {
    api.runtime.run(within_deadline(
        watch_a_rename(url, "/api/v2/workspaces/" + dev.workspace_id.to_string(), mary.token)));
}

asio::awaitable<void> follow_a_build(Api& api, std::string url, std::string target, std::string token,
                                     Uuid job) {
    auto executor = co_await asio::this_coro::executor;
    auto http = client_of(executor, url);
    auto request = request_of(target, token);
    auto socket = co_await http->websocket(std::move(request));
    EXPECT_TRUE(socket.ok()) << (socket ? "" : socket.error().to_string());
    if (!socket) co_return;
    const std::string line =
        "INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output) VALUES ('" +
        job.to_string() + "', now(), 'provisioner', 'info', 'Planning', '";
    auto first = co_await (*socket)->read();
    EXPECT_TRUE(first.ok() && *first && (*first)->data.find("\"output\":\"one\"") != std::string::npos);
    auto added = co_await sql(api, line + "two')");
    auto ended = co_await sql(
        api, "UPDATE provisioner_jobs SET completed_at = now() WHERE id = '" + job.to_string() + "'");
    // Nobody was told: the clock finds it.
    co_await wait_for_a_sleeper(api.clock);
    api.clock.advance(std::chrono::seconds(30));
    auto second = co_await (*socket)->read();
    EXPECT_TRUE(second.ok() && *second && (*second)->data.find("\"output\":\"two\"") != std::string::npos);
    auto end = co_await (*socket)->read();
    EXPECT_TRUE(end.ok() && !*end) << "closed normally at the end of the job";
}

TEST_F(AgentsTest, FollowingALogEndsWithTheJob) {
    auto build = api.add_build(made, dev.workspace_id, 2, "stop");
    api.sql("INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output) VALUES ('" +
            build.job_id.to_string() + "', now(), 'provisioner', 'info', 'Planning', 'one')");
    api.runtime.run(within_deadline(
        follow_a_build(api, url, "/api/v2/workspacebuilds/" + build.build_id.to_string() + "/logs?follow",
                       mary.token, build.job_id)));
}

}  // namespace
}  // namespace berth::coderd

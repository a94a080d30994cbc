#include "coderd/agents/connection.h"

#include "coderd/agents/agent_service.h"
#include "coderd/resources/agent_status.h"
#include "coderd/workspaces/watch.h"
#include "net/task_group.h"

namespace berth::coderd {
namespace {

/// One agent's RPC connection; everything on one loop.
struct RpcConnection {
    Context& context;
    AgentIdentity agent;
    yamux::SessionPtr session;
    drpc::Server server;
    AgentService service;
    base::Logger log;
    /// As the database keeps it.
    std::optional<base::Time> last_noted;

    RpcConnection(Context& owner, AgentIdentity identity, std::string api_version,
                  yamux::SessionPtr open_session)
        : context(owner),
          agent(identity),
          session(std::move(open_session)),
          server(owner.log.named("agentrpc")),
          service(owner, identity, std::move(api_version)),
          log(owner.log.named("agent").with(field("agent_id", identity.agent_id))) {
        service.register_on(server);
    }
};

asio::awaitable<Result<void>> note_alive(RpcConnection& connection) {
    auto row = co_await connection.context.store.connect_workspace_agent(
        agent_actor(), connection.context.clock.now(), std::nullopt, connection.agent.agent_id);
    if (!row) co_return row.error();
    connection.last_noted = row->last_connected_at;
    co_return Result<void>();
}

/// True while the agent belongs to the latest build of its workspace.
asio::awaitable<bool> is_current(RpcConnection& connection) {
    auto latest = co_await connection.context.store.get_latest_workspace_build(agent_actor(),
                                                                               connection.agent.workspace_id);
    // A database that does not answer is no reason to drop people's connections.
    if (!latest) co_return latest.error().code() != ErrorCode::not_found;
    co_return latest->id == connection.agent.build_id;
}

asio::awaitable<void> heartbeat(RpcConnection& connection) {
    while (true) {
        co_await connection.context.clock.sleep(agent_heartbeat);
        bool current = co_await is_current(connection);
        if (!current) {
            connection.log.info("agent of an older build is disconnected");
            connection.session->close();
            co_return;
        }
        auto noted = co_await note_alive(connection);
        if (!noted) connection.log.warn("the agent's heartbeat was not noted", field("error", noted.error()));
    }
}

asio::awaitable<void> run_rpc(net::TaskGroup& group, RpcConnection& connection) {
    group.spawn("yamux", connection.session->run());
    group.spawn("rpc", connection.server.serve_session(*connection.session));
    group.spawn("heartbeat", heartbeat(connection));
    co_await connection.session->closed();
}

asio::awaitable<void> note_gone(RpcConnection& connection) {
    auto changed = co_await connection.context.store.disconnect_workspace_agent(
        agent_actor(), connection.context.clock.now(), connection.agent.agent_id, connection.last_noted);
    if (!changed) connection.log.warn("the agent's going was not noted", field("error", changed.error()));
    co_await announce_workspace(connection.context, connection.agent.workspace_id);
}

struct TunnelConnection {
    AgentRegistry& registry;
    AgentIdentity agent;
    yamux::SessionPtr session;
};

asio::awaitable<void> run_tunnel(net::TaskGroup& group, TunnelConnection& connection) {
    group.spawn("yamux", connection.session->run());
    auto tunnel = std::make_shared<AgentTunnel>(group.executor(), connection.session, group);
    auto entry = connection.registry.add(connection.agent.agent_id, tunnel);
    try {
        co_await connection.session->closed();
    } catch (...) {
        tunnel->bridges = nullptr;
        throw;
    }
    tunnel->bridges = nullptr;
}

struct ClientConnection {
    net::StreamPtr agent;
    net::StreamPtr client;
};

asio::awaitable<void> copy_one_way(net::Stream& from, net::Stream& to) {
    auto copied = co_await net::copy(from, to);
    if (!copied) {
        from.close();
        to.close();
    }
}

asio::awaitable<void> run_client(net::TaskGroup& group, ClientConnection& connection) {
    group.spawn("from the client", copy_one_way(*connection.client, *connection.agent));
    // What the program inside has said its last word ends the connection; the client's end of input does not.
    co_await copy_one_way(*connection.agent, *connection.client);
}

}  // namespace

asio::awaitable<void> serve_agent_rpc(Context& context, AgentIdentity agent, std::string api_version,
                                      http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    auto session =
        yamux::Session::create(executor, http::stream_from_websocket(std::move(socket)), yamux::Role::server);
    RpcConnection connection(context, agent, std::move(api_version), session);
    auto alive = co_await note_alive(connection);
    if (!alive) {
        connection.log.warn("the agent's coming was not noted", field("error", alive.error()));
        co_return;
    }
    connection.log.info("agent connected");
    co_await announce_workspace(context, agent.workspace_id);
    std::exception_ptr failure;
    try {
        co_await net::TaskGroup::scope(connection.log, run_rpc, std::ref(connection));
    } catch (...) {
        failure = std::current_exception();
    }
    connection.log.info("agent disconnected");
    co_await note_gone(connection);
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> serve_agent_tunnel(Context& context, AgentRegistry& registry, AgentIdentity agent,
                                         http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    auto session =
        yamux::Session::create(executor, http::stream_from_websocket(std::move(socket)), yamux::Role::server);
    TunnelConnection connection{registry, agent, session};
    co_await net::TaskGroup::scope(context.log.named("agenttunnel"), run_tunnel, std::ref(connection));
}

asio::awaitable<void> serve_client_tunnel(Context& context, net::StreamPtr stream,
                                          http::WebSocketPtr socket) {
    ClientConnection connection{std::move(stream), http::stream_from_websocket(std::move(socket))};
    co_await net::TaskGroup::scope(context.log.named("clienttunnel"), run_client, std::ref(connection));
    connection.agent->close();
    connection.client->close();
}

}  // namespace berth::coderd

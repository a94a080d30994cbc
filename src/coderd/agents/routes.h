#pragma once

#include "coderd/agents/agent_registry.h"
#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/agents.h"

namespace berth::coderd {

/// Workspace agents: what they themselves open, and what people read of them or reach through them.
class AgentRoutes {
public:
    explicit AgentRoutes(Context& context) : context_(context), registry_(context.log.named("agents")) {}
    void register_routes(Routes& routes);

    /// GET /workspaceagents/me/rpc?version=2.x: a WebSocket with yamux and dRPC. 400 for a version we do not
    /// speak.
    asio::awaitable<Result<http::Response>> rpc(const Request& request);
    /// GET /workspaceagents/me/tunnel: a WebSocket with yamux on which we open the streams.
    asio::awaitable<Result<http::Response>> agent_tunnel(const Request& request);
    asio::awaitable<Result<sdk::WorkspaceAgent>> get(const Request& request);
    asio::awaitable<Result<http::Response>> logs(const Request& request);
    asio::awaitable<Result<http::Response>> watch_metadata(const Request& request);
    /// GET /workspaceagents/{agent}/tunnel?kind=ssh|exec|tcp: a WebSocket of raw bytes into the workspace.
    asio::awaitable<Result<http::Response>> client_tunnel(const Request& request);

private:
    asio::awaitable<Result<db::WorkspaceAgent>> find(const Request& request);

    Context& context_;
    AgentRegistry registry_;
};

}  // namespace berth::coderd

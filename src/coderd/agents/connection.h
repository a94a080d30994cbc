#pragma once

#include "coderd/agents/agent_registry.h"
#include "coderd/api/request.h"
#include "coderd/context.h"

namespace berth::coderd {

/// Serves an agent's calls until its connection ends, a newer build takes its place, or we are cancelled.
/// Notes in the database that the agent is there, and when it went.
asio::awaitable<void> serve_agent_rpc(Context& context, AgentIdentity agent, std::string api_version,
                                      http::WebSocketPtr socket);

/// Keeps an agent's tunnel registered until it ends.
asio::awaitable<void> serve_agent_tunnel(Context& context, AgentRegistry& registry, AgentIdentity agent,
                                         http::WebSocketPtr socket);

/// A client's end of a stream into the workspace: copies between its WebSocket and `stream` until either
/// ends.
asio::awaitable<void> serve_client_tunnel(Context& context, net::StreamPtr stream, http::WebSocketPtr socket);

}  // namespace berth::coderd

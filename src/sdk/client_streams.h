#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/result.h"
#include "net/http/client.h"
#include "net/http/sse.h"
#include "net/http/websocket.h"
#include "sdk/agents.h"
#include "sdk/provisioner.h"
#include "sdk/workspaces.h"

namespace berth::sdk {

class Client;

/// JSON values from a followed log, over a WebSocket that is opened on first use and again, from the last id
/// on, when the connection is lost.
class LogFollower {
public:
    /// `target` without a query: "/api/v2/workspacebuilds/<id>/logs".
    LogFollower(Client& client, std::string target, std::int64_t after)
        : client_(&client), target_(std::move(target)), after_(after) {}

    /// The next text message; nullopt when the server has closed the log.
    asio::awaitable<Result<std::optional<std::string>>> next_message();
    /// The greatest id seen: where to go on after a lost connection.
    void saw(std::int64_t id) { after_ = id; }
    void close();

private:
    asio::awaitable<Result<void>> connect();

    Client* client_;
    std::string target_;
    std::int64_t after_;
    int failures_ = 0;
    http::WebSocketPtr socket_;
};

/// The log of a provisioner job, line by line.
class JobLogReader {
public:
    JobLogReader(Client& client, std::string target, std::int64_t after)
        : follower_(client, std::move(target), after) {}

    /// nullopt when the job has ended and all lines were read.
    asio::awaitable<Result<std::optional<ProvisionerJobLog>>> next();
    void close() { follower_.close(); }

private:
    LogFollower follower_;
};

/// The log of a workspace agent's scripts, line by line. Ends when the server closes it.
class AgentLogReader {
public:
    AgentLogReader(Client& client, std::string target, std::int64_t after)
        : follower_(client, std::move(target), after) {}

    asio::awaitable<Result<std::optional<WorkspaceAgentLog>>> next();
    void close() { follower_.close(); }

private:
    LogFollower follower_;
    std::deque<WorkspaceAgentLog> waiting_;
};

/// The states of a workspace as they change.
class WorkspaceWatcher {
public:
    explicit WorkspaceWatcher(http::StreamedResponse response);

    /// nullopt when the server has ended the stream.
    asio::awaitable<Result<std::optional<Workspace>>> next();
    void close();

private:
    std::unique_ptr<http::StreamedResponse> response_;
    std::unique_ptr<http::SseReader> events_;
};

}  // namespace berth::sdk

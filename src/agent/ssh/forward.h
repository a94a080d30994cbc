#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "agent/ssh/channel.h"
#include "net/task_group.h"

struct ssh_message_struct;

namespace berth::agent::ssh {

using MessagePtr = std::shared_ptr<ssh_message_struct>;

/// The client's "direct-tcpip": connects, answers the request, and carries bytes until both sides have ended.
asio::awaitable<void> serve_direct(Connection& connection, MessagePtr request);

/// Ports that a client has asked the agent to listen on ("tcpip-forward").
class RemoteForwards {
public:
    explicit RemoteForwards(Connection& connection) : connection_(connection) {}
    ~RemoteForwards();

    /// Returns the port really bound. "" listens on all addresses, "localhost" on the loopback one.
    Result<std::uint16_t> listen(net::TaskGroup& group, const std::string& address, int port);
    /// False when there is no such listener.
    bool cancel(const std::string& address, int port);

private:
    struct Listener;
    static asio::awaitable<void> accept_all(Connection& connection, net::TaskGroup& group,
                                            std::shared_ptr<Listener> listener);
    static asio::awaitable<void> serve(Connection& connection, std::shared_ptr<Listener> listener,
                                       net::StreamPtr stream, std::string peer, std::uint16_t peer_port);

    Connection& connection_;
    std::list<std::shared_ptr<Listener>> listeners_;
};

/// A socket in the workspace behind which the client's authentication agent answers, for as long as it lives.
class AgentForward {
public:
    static Result<std::unique_ptr<AgentForward>> open(Connection& connection);
    ~AgentForward();
    /// For SSH_AUTH_SOCK.
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    struct Listener;
    AgentForward(std::shared_ptr<Listener> listener, std::string path)
        : listener_(std::move(listener)), path_(std::move(path)) {}
    static asio::awaitable<void> accept_all(Connection& connection, std::shared_ptr<Listener> listener);
    static asio::awaitable<void> serve(Connection& connection, net::StreamPtr stream);

    std::shared_ptr<Listener> listener_;
    std::string path_;
};

}  // namespace berth::agent::ssh

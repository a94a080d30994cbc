#pragma once

#include <functional>
#include <string>

#include "agent/link.h"
#include "agent/ssh/server.h"
#include "base/secret.h"
#include "net/http/client.h"
#include "net/stream.h"
#include "net/task_group.h"
#include "net/yamux/session.h"

namespace berth::agent {

/// Opens the byte stream behind one of the agent's WebSockets: "/api/v2/workspaceagents/me/rpc?version=…".
/// `unauthenticated` when the server refuses the token.
using Dialer = std::function<asio::awaitable<Result<net::StreamPtr>>(std::string target)>;

/// Over HTTP(S); the token goes into the Coder-Session-Token header. Belongs to the loop of `executor`.
Dialer http_dialer(asio::any_io_executor executor, http::Url server, SecretString token, std::string ca_file);

/// Pauses between attempts to connect: doubling from 250 ms to 10 s, each between half and all of it.
class Backoff {
public:
    [[nodiscard]] base::Duration next();
    void reset() { step_ = first; }
    static constexpr base::Duration first = std::chrono::milliseconds(250);
    static constexpr base::Duration longest = std::chrono::seconds(10);

private:
    base::Duration step_ = first;
};

/// Keeps a yamux session to `target` up for ever: connects, hands it to `use`, and when it ends connects
/// again. `use` is cancelled with its session.
asio::awaitable<void> keep_connected(std::string name, std::string target, const Dialer& dial,
                                     base::Clock& clock, base::Logger log,
                                     std::function<asio::awaitable<void>(yamux::SessionPtr)> use);

/// The tunnel's streams, which the server opens. Each begins with one JSON line that says what it is to be.
class Tunnel {
public:
    Tunnel(const Workspace& workspace, ssh::Server& ssh, Counters& counters, base::Clock& clock,
           base::Logger log);

    /// Serves streams until the session ends; cancelled with it.
    asio::awaitable<void> serve(yamux::SessionPtr session);
    /// One stream, from its first line to its end.
    asio::awaitable<void> serve_stream(net::StreamPtr stream);

private:
    static asio::awaitable<void> accept_all(net::TaskGroup& group, Tunnel* self, yamux::SessionPtr session);
    asio::awaitable<void> serve_tcp(net::StreamPtr stream, std::string host, std::uint16_t port);
    asio::awaitable<void> serve_exec(net::StreamPtr stream, std::string command);

    const Workspace& workspace_;
    ssh::Server& ssh_;
    Counters& counters_;
    base::Clock& clock_;
    base::Logger log_;
};

}  // namespace berth::agent

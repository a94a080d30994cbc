#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/counters.h"
#include "agent/ssh/sftp.h"
#include "agent/workspace.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/stream.h"
#include "net/task_group.h"

namespace berth::agent::ssh {

/// What a session needs from the agent around it. All of it outlives the server.
struct Context {
    const Workspace& workspace;
    Counters& counters;
    base::Clock& clock;
    base::Logger log;
    /// Runs for the sftp subsystem; empty takes the server inside the agent.
    std::filesystem::path sftp_server = find_sftp_server();
    /// Told about every session of a client: its kind ("ssh", "vscode", "jetbrains") when it opens, and how
    /// it ended.
    std::function<void(const std::string& kind, const std::string& id)> on_connect = {};
    std::function<void(const std::string& kind, const std::string& id, int status, const std::string& reason)>
        on_disconnect = {};
};

/// The SSH side of the tunnel. Clients are let in without a key, because the tunnel has authenticated them
/// already: never serve a stream here that came from elsewhere. Belongs to one loop.
class Server {
public:
    virtual ~Server() = default;
    /// Makes a host key for this run. `reaper` ends what broken connections leave behind.
    static Result<std::unique_ptr<Server>> create(Context context, net::TaskGroup& reaper);

    /// Serves one connection until either side ends it. When it breaks, the process groups of its commands
    /// get SIGHUP and, a moment later, SIGKILL.
    virtual asio::awaitable<void> serve(net::StreamPtr stream) = 0;
};

}  // namespace berth::agent::ssh

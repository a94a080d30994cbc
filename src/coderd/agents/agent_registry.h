#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/asio.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/uuid.h"
#include "net/stream.h"
#include "net/task_group.h"
#include "net/yamux/session.h"

namespace berth::coderd {

/// The connection over which the server opens streams into one workspace. Apart from its executor, only its
/// own loop touches it.
struct AgentTunnel {
    AgentTunnel(asio::any_io_executor loop, yamux::SessionPtr open_session, net::TaskGroup& owner)
        : executor(std::move(loop)), session(std::move(open_session)), bridges(&owner) {}
    asio::any_io_executor executor;
    yamux::SessionPtr session;
    /// Owns the streams' copying; null once the tunnel is ending.
    net::TaskGroup* bridges;
};

/// Which agents have their tunnel open on this server, each on the loop of its connection. Guarded, because
/// all loops ask.
class AgentRegistry {
public:
    explicit AgentRegistry(base::Logger log) : log_(std::move(log)) {}

    /// Registers a tunnel while it lives. A newer one of the same agent takes the place of the older.
    class Entry {
    public:
        Entry(AgentRegistry& registry, Uuid agent, std::uint64_t number)
            : registry_(registry), agent_(agent), number_(number) {}
        ~Entry() { registry_.remove(agent_, number_); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        AgentRegistry& registry_;
        Uuid agent_;
        std::uint64_t number_;
    };
    std::unique_ptr<Entry> add(Uuid agent, std::shared_ptr<AgentTunnel> tunnel);

    /// A stream into the workspace: sends `opening` (one JSON line, see agent/tunnel) and returns once the
    /// agent has accepted. `unavailable` while the agent is not connected here.
    asio::awaitable<Result<net::StreamPtr>> open(Uuid agent, std::string opening);

    /// Returns once the agent's tunnel is open here, or after `patience`.
    asio::awaitable<void> wait_for(Uuid agent, base::Clock& clock, base::Duration patience);

private:
    struct Place {
        std::uint64_t number = 0;
        std::shared_ptr<AgentTunnel> tunnel;
    };
    [[nodiscard]] bool is_open(Uuid agent) const;
    void remove(Uuid agent, std::uint64_t number);

    base::Logger log_;
    mutable std::mutex mutex_;
    std::map<Uuid, Place> tunnels_;
    std::uint64_t next_ = 1;
};

}  // namespace berth::coderd

#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace berth::agent {

/// What the stats report is made of. Belongs to the agent's loop.
struct Counters {
    /// Sessions open now, by client: "ssh", "vscode", "jetbrains".
    std::map<std::string, std::int64_t> sessions;
    /// Tunnel connections open now, by kind: "ssh", "tcp", "exec".
    std::map<std::string, std::int64_t> connections;
    /// Bytes from and to clients since the last report that arrived.
    std::int64_t received_bytes = 0;
    std::int64_t sent_bytes = 0;
    std::int64_t received_packets = 0;
    std::int64_t sent_packets = 0;
};

}  // namespace berth::agent

#pragma once

#include <string>

#include "base/uuid.h"

namespace berth::coderd {

// The pubsub channels of one agent. Messages are hints without payload.

/// New log lines.
inline std::string agent_logs_channel(const Uuid& agent) { return "agent_logs:" + agent.to_string(); }
/// New values of metadata.
inline std::string agent_metadata_channel(const Uuid& agent) { return "agent_metadata:" + agent.to_string(); }

}  // namespace berth::coderd

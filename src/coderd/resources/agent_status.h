#pragma once

#include "base/time.h"
#include "db/store.h"
#include "sdk/agents.h"

namespace berth::coderd {

/// An agent says that it lives this often; after twice that it counts as gone.
inline constexpr auto agent_heartbeat = std::chrono::seconds(15);
inline constexpr auto agent_inactive_after = 2 * agent_heartbeat;

/// Connecting, connected, disconnected or (never connected within its own limit) timed out.
sdk::WorkspaceAgentStatus agent_status(const db::WorkspaceAgent& row, base::Time now);

/// One agent row without what hangs on it (apps, scripts, log sources).
sdk::WorkspaceAgent agent_to_sdk(const db::WorkspaceAgent& row, base::Time now);
sdk::WorkspaceApp app_to_sdk(const db::WorkspaceApp& row);
sdk::WorkspaceAppStatus app_status_to_sdk(const db::WorkspaceAppStatus& row);
sdk::WorkspaceAgentScript script_to_sdk(const db::WorkspaceAgentScript& row);
sdk::WorkspaceAgentLogSource log_source_to_sdk(const db::WorkspaceAgentLogSource& row);

}  // namespace berth::coderd

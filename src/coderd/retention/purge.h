#pragma once

#include "coderd/context.h"

namespace berth::coderd {

/// How long what is of no more use stays.
inline constexpr auto keep_expired_keys = std::chrono::hours(24 * 7);
inline constexpr auto keep_agent_logs = std::chrono::hours(24 * 7);
/// Keys that one pass deletes at most.
inline constexpr std::int32_t purge_batch = 10'000;

/// Deletes API keys that expired long ago, all keys of the owner of prebuilt workspaces (who must have none),
/// and the logs of agents that are long gone, but for those of each workspace's latest build. Of several
/// servers one does the work.
asio::awaitable<Result<void>> purge(Context& context);

/// purge() every ten minutes until cancelled.
asio::awaitable<void> run_purge(Context& context);

}  // namespace berth::coderd

#pragma once

#include <map>
#include <vector>

#include "coderd/context.h"
#include "sdk/provisioner.h"

namespace berth::coderd {

/// A daemon not heard of for three heartbeats is as good as gone.
inline constexpr auto daemon_stale_after = std::chrono::seconds(90);

/// For each job, how many daemons could do it, and whether one was heard of lately.
asio::awaitable<Result<std::map<Uuid, sdk::MatchedProvisioners>>> matched_provisioners(
    Context& context, std::vector<Uuid> job_ids);

}  // namespace berth::coderd

#pragma once

#include <optional>
#include <vector>

#include "coderd/context.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/jobs/tags.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// How long a job waited for a daemon; at least a millisecond, whatever the clocks of two servers say.
base::Duration queue_wait(base::Time created, base::Time started);

/// Takes the next job a daemon can do and makes its message; nothing when there is none. A job that cannot be
/// made into a message is failed with the reason, and the next is tried.
asio::awaitable<Result<std::optional<provisionerd::AcquiredJob>>> take_job(
    Context& context, const Daemon& daemon, const std::vector<db::ProvisionerType>& provisioners,
    const Tags& tags);

/// Puts a job back that could not be handed over, so that it is not lost.
asio::awaitable<Result<void>> release_job(Context& context, const Daemon& daemon, Uuid job_id);

}  // namespace berth::coderd

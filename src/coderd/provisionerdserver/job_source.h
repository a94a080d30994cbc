#pragma once

#include <optional>

#include "coderd/context.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/job_line.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// How long a job waited for a daemon; at least a millisecond, whatever the clocks of two servers say.
base::Duration queue_wait(base::Time created, base::Time started);

/// Takes the next job a daemon can do and makes its message; nothing when there is none. Runs shielded. A job
/// that cannot be made into a message is failed with the reason, and the next is tried.
asio::awaitable<Result<std::optional<provisionerd::AcquiredJob>>> take_job(Context& context,
                                                                           const Daemon& daemon,
                                                                           JobLine& line);

/// Puts a job back that could not be handed over, so that it is not lost.
asio::awaitable<Result<void>> release_job(Context& context, const Daemon& daemon, Uuid job_id);

}  // namespace berth::coderd

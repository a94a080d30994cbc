#pragma once

#include "coderd/context.h"
#include "coderd/provisionerdserver/held_job.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// Bytes of output kept per job; what comes after is replaced by one line that says so.
inline constexpr std::int32_t max_job_logs = 1 << 20;

/// UpdateJob: the job's heartbeat, its log lines in order, and what an import has read so far. Answers
/// whether the job is to be stopped. failed_precondition "required template variables need values: …" when an
/// import cannot go on.
asio::awaitable<Result<provisionerd::UpdateJobResponse>> update_job(Context& context, const Daemon& daemon,
                                                                    provisionerd::UpdateJobRequest request);

}  // namespace berth::coderd

#pragma once

#include "base/asio.h"
#include "base/result.h"
#include "coderd/context.h"

namespace provisionerd {
class AcquiredJob;
}

namespace berth::coderd {

/// All that a daemon needs for a job it was given. Errors other than `unavailable` and `deadline_exceeded`
/// mean that the job can never be run; their message is for people. `max_message`: bytes the daemon takes.
asio::awaitable<Result<provisionerd::AcquiredJob>> build_acquired_job(Context& context,
                                                                      db::ProvisionerJobTable job,
                                                                      std::size_t max_message);

}  // namespace berth::coderd

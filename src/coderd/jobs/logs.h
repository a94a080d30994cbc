#pragma once

#include <memory>
#include <vector>

#include "coderd/api/request.h"
#include "coderd/context.h"
#include "db/store.h"

namespace berth::coderd {

/// Reads one job's log on behalf of a caller; each noun has its own policy for that.
class JobLogReader {
public:
    virtual ~JobLogReader() = default;
    /// Lines with after < id (and id < before, unless before is 0), in order; limit 0 for all.
    virtual asio::awaitable<Result<std::vector<db::ProvisionerJobLog>>> lines(std::int64_t after,
                                                                              std::int64_t before,
                                                                              std::int32_t limit) = 0;
    /// True once the job is over.
    virtual asio::awaitable<Result<bool>> ended() = 0;
};

/// Answers GET …/logs?[after=][&before=][&follow][&format=]: a JSON list or plain text, or, with follow, a
/// WebSocket of one ProvisionerJobLog per text frame that closes normally when the job is over and all was
/// sent.
asio::awaitable<Result<http::Response>> answer_job_logs(Context& context, const Request& request, Uuid job_id,
                                                        std::shared_ptr<JobLogReader> reader);

}  // namespace berth::coderd

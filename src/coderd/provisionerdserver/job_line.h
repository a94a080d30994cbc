#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "coderd/context.h"
#include "coderd/provisionerdserver/acquirer.h"
#include "net/batched.h"

namespace berth::coderd {

/// Where daemons of one kind get jobs out of the queue in the database. Those that ask at the same time are
/// served by one statement: with many daemons and a long queue that is most of the work.
class JobLine {
public:
    JobLine(Context& context, Seeker kind);

    /// The next job, which is the worker's from here on; nothing when none waits. Must run shielded from
    /// cancellation: the statement may be on behalf of others as well.
    asio::awaitable<Result<std::optional<db::ProvisionerJobTable>>> next(Uuid worker_id);

private:
    using Jobs = std::vector<std::optional<db::ProvisionerJobTable>>;
    asio::awaitable<Result<Jobs>> take(std::vector<Uuid> worker_ids);

    Context& context_;
    const Seeker kind_;
    net::Batched<Uuid, std::optional<db::ProvisionerJobTable>> batched_;
};

/// The lines of the daemons that are connected to this server. Safe to use from all loops.
class JobLines {
public:
    explicit JobLines(Context& context) : context_(context) {}

    /// The same for daemons of the same kind, as long as one of them keeps it.
    std::shared_ptr<JobLine> of(const Seeker& kind);

private:
    Context& context_;
    std::mutex mutex_;
    std::map<Seeker, std::weak_ptr<JobLine>> lines_;
};

}  // namespace berth::coderd

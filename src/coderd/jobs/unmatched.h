#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coderd/context.h"
#include "coderd/jobs/tags.h"

namespace berth::coderd {

struct DaemonOfferRow {
    std::vector<db::ProvisionerType> provisioners;
    Tags tags;
};

/// Why none of these daemons can take a job, for people; "" when one can.
std::string unmatched_reason(std::vector<DaemonOfferRow> daemons, db::ProvisionerType provisioner,
                             const Tags& job);

/// The stage of the lines in a job's log that say why it waits.
inline constexpr std::string_view queue_stage = "Queue";
/// What such a line says.
std::string waiting_text(const std::string& reason);

/// Writes the reason into the logs of jobs that wait and that no connected daemon can take (any more), once
/// for each job. Answers how many jobs that were.
asio::awaitable<Result<std::size_t>> note_unmatched_jobs(db::Transaction& tx, base::Time now);

/// unmatched_reason() for the daemons that are connected now.
asio::awaitable<Result<std::string>> find_unmatched_reason(db::Queries& queries, const Uuid& organization_id,
                                                           db::ProvisionerType provisioner, const Tags& job,
                                                           base::Time now);

}  // namespace berth::coderd

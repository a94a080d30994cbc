#pragma once

#include <string>
#include <vector>

#include "coderd/context.h"
#include "coderd/jobs/tags.h"

namespace berth::coderd {

struct DaemonOfferRow {
    std::vector<db::ProvisionerType> provisioners;
    Tags tags;
};

/// Why none of these daemons can take a job, for people; "" when one can.
std::string unmatched_reason(const std::vector<DaemonOfferRow>& daemons, db::ProvisionerType provisioner,
                             const Tags& job);

/// The same for the daemons that are connected now.
asio::awaitable<Result<std::string>> find_unmatched_reason(db::Queries& queries, const Uuid& organization_id,
                                                           db::ProvisionerType provisioner, const Tags& job,
                                                           base::Time now);

}  // namespace berth::coderd

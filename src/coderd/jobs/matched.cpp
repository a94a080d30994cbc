#include "coderd/jobs/matched.h"

namespace berth::coderd {

asio::awaitable<Result<std::map<Uuid, sdk::MatchedProvisioners>>> matched_provisioners(
    Context& context, std::vector<Uuid> job_ids) {
    const auto& reader = rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader);
    auto rows = co_await context.store.get_matching_daemons_of_jobs(reader, job_ids);
    if (!rows) co_return rows.error();
    std::map<Uuid, sdk::MatchedProvisioners> matched;
    for (const auto& id : job_ids)
        matched[id];
    auto now = context.clock.now();
    for (const auto& row : *rows) {
        auto& of_job = matched[row.job_id];
        ++of_job.count;
        if (!row.last_seen_at) continue;
        if (now - *row.last_seen_at <= daemon_stale_after) ++of_job.available;
        if (!of_job.most_recently_seen || *of_job.most_recently_seen < *row.last_seen_at)
            of_job.most_recently_seen = row.last_seen_at;
    }
    co_return matched;
}

}  // namespace berth::coderd

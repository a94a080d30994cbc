#include "coderd/provisionerdserver/job_line.h"

#include "coderd/jobs/channels.h"
#include "coderd/provisionerdserver/held_job.h"

namespace berth::coderd {
namespace {

/// Rows of jobs are small; the more of them one statement takes, the longer its first caller waits.
constexpr std::size_t max_at_once = 50;
/// What one statement of another server may be taking at the same time.
constexpr std::int32_t spare = max_at_once;

}  // namespace

JobLine::JobLine(Context& context, Seeker kind)
    : context_(context),
      kind_(std::move(kind)),
      batched_([this](std::vector<Uuid> worker_ids) { return take(std::move(worker_ids)); }, max_at_once) {}

asio::awaitable<Result<std::optional<db::ProvisionerJobTable>>> JobLine::next(Uuid worker_id) {
    return batched_.ask(worker_id);
}

asio::awaitable<Result<JobLine::Jobs>> JobLine::take(std::vector<Uuid> worker_ids) {
    Jobs jobs(worker_ids.size());
    db::AcquireProvisionerJobsParams wish;
    wish.started_at = context_.clock.now();
    wish.worker_ids = std::move(worker_ids);
    wish.spare = spare;
    wish.organization_id = kind_.organization_id;
    wish.provisioners = kind_.provisioners;
    wish.daemon_tags = tags_to_json(kind_.tags);
    wish.job_channel = job_channel_prefix;
    wish.workspace_channel = workspace_channel_prefix;
    wish.builds_channel = workspace_builds_channel;
    auto rows = co_await context_.store.acquire_provisioner_jobs(provisionerd_actor(), wish);
    if (!rows) co_return rows.error();
    for (auto& row : *rows)
        jobs.at(static_cast<std::size_t>(row.place) - 1) = std::move(row.provisioner_job_table);
    co_return jobs;
}

std::shared_ptr<JobLine> JobLines::of(const Seeker& kind) {
    std::lock_guard lock(mutex_);
    std::erase_if(lines_, [](const auto& each) { return each.second.expired(); });
    auto& known = lines_[kind];
    auto line = known.lock();
    if (!line) line = std::make_shared<JobLine>(context_, kind);
    known = line;
    return line;
}

}  // namespace berth::coderd

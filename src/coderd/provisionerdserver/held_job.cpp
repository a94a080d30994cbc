#include "coderd/provisionerdserver/held_job.h"

#include <boost/json.hpp>

#include "coderd/jobs/channels.h"

namespace berth::coderd {

Result<Uuid> message_uuid(std::string_view text, std::string_view what) {
    auto id = Uuid::parse(text);
    if (!id) return invalid_argument("the " + std::string(what) + " is not a UUID");
    return *id;
}

asio::awaitable<Result<db::ProvisionerJobTable>> lock_held_job(db::Transaction& tx, const Uuid& job_id,
                                                               const Daemon& daemon) {
    auto job = co_await tx.lock_provisioner_job_by_id(provisionerd_actor(), job_id);
    if (!job && job.error().code() != ErrorCode::not_found) co_return job.error();
    if (!job || job->worker_id != daemon.id) co_return not_found("this daemon holds no such job");
    if (job->completed_at) co_return Error(ErrorCode::failed_precondition, "the job is already completed");
    co_return job;
}

News job_news(const Uuid& job_id) { return News{{job_channel(job_id), ""}}; }

News build_news(const Uuid& job_id, const Uuid& workspace_id, const Uuid& build_id) {
    News news = job_news(job_id);
    news.emplace_back(workspace_channel(workspace_id), "");
    boost::json::object payload;
    payload["workspace_id"] = workspace_id.to_string();
    payload["build_id"] = build_id.to_string();
    news.emplace_back(workspace_builds_channel, boost::json::serialize(payload));
    return news;
}

asio::awaitable<Result<void>> notify_job(db::Transaction& tx, const Uuid& job_id,
                                         const std::optional<db::WorkspaceBuild>& build) {
    News news = build ? build_news(job_id, build->workspace_id, build->id) : job_news(job_id);
    for (auto& [channel, payload] : news) {
        auto sent = co_await tx.notify(channel, payload);
        if (!sent) co_return sent;
    }
    co_return Result<void>();
}

asio::awaitable<Result<std::optional<db::WorkspaceBuild>>> build_of_job(db::Queries& store,
                                                                        const db::ProvisionerJobTable& job) {
    if (job.type != db::ProvisionerJobType::workspace_build) co_return std::optional<db::WorkspaceBuild>();
    auto build = co_await store.get_workspace_build_by_job_id(provisionerd_actor(), job.id);
    if (!build) co_return build.error();
    co_return std::optional<db::WorkspaceBuild>(std::move(*build));
}

}  // namespace berth::coderd

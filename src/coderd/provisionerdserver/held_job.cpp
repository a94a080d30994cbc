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

asio::awaitable<Result<void>> notify_job(db::Transaction& tx, const Uuid& job_id,
                                         const std::optional<db::WorkspaceBuild>& build) {
    auto sent = co_await tx.notify(job_channel(job_id), "");
    if (!sent || !build) co_return sent;
    auto told = co_await tx.notify(workspace_channel(build->workspace_id), "");
    if (!told) co_return told;
    boost::json::object payload;
    payload["workspace_id"] = build->workspace_id.to_string();
    payload["build_id"] = build->id.to_string();
    auto all = co_await tx.notify(std::string(workspace_builds_channel), boost::json::serialize(payload));
    co_return all;
}

asio::awaitable<Result<std::optional<db::WorkspaceBuild>>> build_of_job(db::Queries& store,
                                                                        const db::ProvisionerJobTable& job) {
    if (job.type != db::ProvisionerJobType::workspace_build) co_return std::optional<db::WorkspaceBuild>();
    auto build = co_await store.get_workspace_build_by_job_id(provisionerd_actor(), job.id);
    if (!build) co_return build.error();
    co_return std::optional<db::WorkspaceBuild>(std::move(*build));
}

}  // namespace berth::coderd

#include "coderd/builds/convert.h"

#include <map>

#include "coderd/api/convert.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/matched.h"
#include "coderd/resources/resources.h"

namespace berth::coderd {
namespace {

sdk::WorkspaceBuild row_to_sdk(const db::WorkspaceBuild& row) {
    sdk::WorkspaceBuild build;
    build.id = row.id;
    build.created_at = row.created_at;
    build.updated_at = row.updated_at;
    build.workspace_id = row.workspace_id;
    build.workspace_name = row.workspace_name;
    build.workspace_owner_id = row.workspace_owner_id;
    build.workspace_owner_name = row.workspace_owner_username;
    build.workspace_owner_avatar_url = row.workspace_owner_avatar_url;
    build.template_version_id = row.template_version_id;
    build.template_version_name = row.template_version_name;
    build.build_number = row.build_number;
    build.transition = to_sdk<sdk::WorkspaceTransition>(row.transition);
    build.initiator_id = row.initiator_id;
    build.initiator_name = row.initiator_username;
    build.reason = to_sdk<sdk::BuildReason>(row.reason);
    build.deadline = row.deadline;
    build.max_deadline = row.max_deadline;
    build.daily_cost = row.daily_cost;
    build.template_version_preset_id = row.template_version_preset_id;
    build.has_ai_task = row.has_ai_task;
    build.has_external_agent = row.has_external_agent;
    return build;
}

}  // namespace

sdk::WorkspaceStatus workspace_status(db::ProvisionerJobStatus job, db::WorkspaceTransition transition) {
    using Job = db::ProvisionerJobStatus;
    using Transition = db::WorkspaceTransition;
    using Status = sdk::WorkspaceStatus;
    switch (job) {
        case Job::pending:
            return Status::pending;
        case Job::canceling:
            return Status::canceling;
        case Job::canceled:
            return Status::canceled;
        case Job::failed:
            return Status::failed;
        case Job::running:
            return transition == Transition::start  ? Status::starting
                   : transition == Transition::stop ? Status::stopping
                                                    : Status::deleting;
        case Job::succeeded:
            return transition == Transition::start  ? Status::running
                   : transition == Transition::stop ? Status::stopped
                                                    : Status::deleted;
        case Job::unrecognized:
            break;
    }
    return Status::unknown;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceBuild>>> builds_to_sdk(
    Context& context, const rbac::Actor& actor, std::vector<db::WorkspaceBuild> rows) {
    std::vector<Uuid> job_ids;
    for (const auto& row : rows)
        job_ids.push_back(row.job_id);
    auto jobs = co_await context.store.get_workspace_build_jobs(actor, job_ids);
    if (!jobs) co_return jobs.error();
    auto places = co_await queue_places(context.store, *jobs, context.clock.now());
    if (!places) co_return places.error();
    std::map<Uuid, const JobRow*> job_of;
    for (const auto& job : *jobs)
        job_of[job.id] = &job;
    auto resources = co_await resources_of_builds(context.store, actor, job_ids, context.clock.now());
    if (!resources) co_return resources.error();
    auto matched = co_await matched_provisioners(context, job_ids);
    if (!matched) co_return matched.error();

    std::vector<sdk::WorkspaceBuild> builds;
    for (const auto& row : rows) {
        auto job = job_of.find(row.job_id);
        if (job == job_of.end()) continue;
        auto build = row_to_sdk(row);
        build.job = job_to_sdk(*job->second, *places);
        build.status = workspace_status(job->second->job_status, row.transition);
        build.resources = std::move((*resources)[row.job_id]);
        build.matched_provisioners = (*matched)[row.job_id];
        builds.push_back(std::move(build));
    }
    co_return builds;
}

asio::awaitable<Result<sdk::WorkspaceBuild>> build_to_sdk(Context& context, const rbac::Actor& actor,
                                                          db::WorkspaceBuild row) {
    std::vector<db::WorkspaceBuild> rows;
    rows.push_back(std::move(row));
    auto builds = co_await builds_to_sdk(context, actor, std::move(rows));
    if (!builds) co_return builds.error();
    if (builds->empty()) co_return not_found("There is no such build, or you may not see it.");
    co_return std::move(builds->front());
}

}  // namespace berth::coderd

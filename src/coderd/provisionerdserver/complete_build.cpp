#include "coderd/provisionerdserver/finish_job.h"

#include "base/text.h"
#include "coderd/jobs/jobs.h"
#include "coderd/provisionerdserver/insert_resources.h"

namespace berth::coderd {
namespace {

/// When a started workspace stops by itself: the owner's choice, or the template's when it allows none.
asio::awaitable<Result<std::optional<base::Time>>> deadline_of(db::Transaction& tx,
                                                               const db::WorkspaceBuild& build,
                                                               base::Time now) {
    if (build.transition != db::WorkspaceTransition::start) co_return std::optional<base::Time>();
    auto workspace = co_await tx.get_workspace_by_id(provisionerd_actor(), build.workspace_id);
    if (!workspace) co_return workspace.error();
    auto template_row = co_await tx.get_template_by_id(provisionerd_actor(), workspace->template_id);
    if (!template_row) co_return template_row.error();
    std::int64_t ttl_ms = workspace->ttl_ms.value_or(0);
    if (!template_row->allow_user_autostop) ttl_ms = template_row->default_ttl_ms;
    // Prebuilt workspaces belong to nobody yet and never stop by themselves.
    if (ttl_ms <= 0 || workspace->owner_id == rbac::prebuilds_user_id())
        co_return std::optional<base::Time>();
    co_return std::optional<base::Time>(now + std::chrono::milliseconds(ttl_ms));
}

bool has_external_agent(const Resources& resources) {
    for (const auto& resource : resources)
        if (resource.type() == "coder_external_agent") return true;
    return false;
}

asio::awaitable<Result<void>> insert_replacements(db::Transaction& tx, const db::WorkspaceBuild& build,
                                                  const provisionerd::CompletedJob_WorkspaceBuild& message) {
    for (const auto& replacement : message.resource_replacements()) {
        std::vector<std::string> paths;
        for (const auto& path : replacement.paths())
            paths.push_back(base::to_valid_utf8(path));
        auto resource = base::to_valid_utf8(replacement.resource());
        auto stored = co_await tx.insert_workspace_build_resource_replacements(provisionerd_actor(), build.id,
                                                                               resource, paths);
        if (!stored) co_return stored.error();
    }
    co_return Result<void>();
}

/// The app in which people watch the workspace's task, by the id the template knows it by. A stopped
/// workspace has no apps.
asio::awaitable<Result<std::optional<Uuid>>> task_app(
    db::Transaction& tx, const db::WorkspaceBuild& build,
    const provisionerd::CompletedJob_WorkspaceBuild& message, const StoredResources& stored, base::Time now) {
    if (build.transition != db::WorkspaceTransition::start || message.ai_tasks().empty())
        co_return std::optional<Uuid>();
    const auto& task = message.ai_tasks(0);
    const std::string& id = task.app_id().empty() ? task.sidebar_app().id() : task.app_id();
    if (id.empty()) co_return std::optional<Uuid>();
    if (auto found = stored.apps.find(id); found != stored.apps.end()) co_return std::optional(found->second);
    JobLogLine warning{
        db::LogLevel::warn, "Cleaning Up",
        "The app of the template's AI task is not one of the workspace's apps: people cannot watch it."};
    auto warned = co_await add_job_log(tx, provisionerd_actor(), build.job_id, std::move(warning), now);
    if (!warned) co_return warned.error();
    co_return std::optional<Uuid>();
}

asio::awaitable<Result<void>> store_outcome(db::Transaction& tx, const db::WorkspaceBuild& build,
                                            const provisionerd::CompletedJob_WorkspaceBuild& message,
                                            const StoredResources& stored, base::Time now) {
    auto app = co_await task_app(tx, build, message, stored, now);
    if (!app) co_return app.error();
    auto deadline = co_await deadline_of(tx, build, now);
    if (!deadline) co_return deadline.error();
    db::UpdateWorkspaceBuildOutcomeParams outcome;
    outcome.id = build.id;
    outcome.updated_at = now;
    outcome.daily_cost = stored.daily_cost;
    outcome.has_ai_task = !message.ai_tasks().empty();
    outcome.ai_task_app_id = *app;
    outcome.has_external_agent = has_external_agent(message.resources());
    outcome.deadline = *deadline;
    outcome.max_deadline = build.max_deadline;
    if (outcome.deadline && outcome.max_deadline)
        outcome.deadline = std::min(*outcome.deadline, *outcome.max_deadline);
    auto updated = co_await tx.update_workspace_build_outcome(provisionerd_actor(), outcome);
    co_return updated;
}

}  // namespace

asio::awaitable<Result<void>> complete_build_in(db::Transaction& tx,
                                                const provisionerd::CompletedJob_WorkspaceBuild& message,
                                                const db::WorkspaceBuild& build, base::Time now) {
    auto state = co_await tx.upsert_workspace_build_state(provisionerd_actor(), build.id, message.state());
    if (!state) co_return state.error();
    auto stored = co_await insert_resources(tx, build.job_id, build.transition, message.resources(), now);
    if (!stored) co_return stored.error();
    auto modules = co_await insert_modules(tx, build.job_id, build.transition, message.modules(), now);
    if (!modules) co_return modules.error();
    auto timings = co_await insert_timings(tx, build.job_id, message.timings());
    if (!timings) co_return timings.error();
    auto replacements = co_await insert_replacements(tx, build, message);
    if (!replacements) co_return replacements.error();
    auto outcome = co_await store_outcome(tx, build, message, *stored, now);
    if (!outcome) co_return outcome.error();
    if (build.transition != db::WorkspaceTransition::delete_) co_return Result<void>();
    auto deleted = co_await tx.soft_delete_workspace(provisionerd_actor(), now, build.workspace_id);
    if (!deleted) co_return deleted.error();
    co_return Result<void>();
}

}  // namespace berth::coderd

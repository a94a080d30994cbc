#include "coderd/workspaces/convert.h"

#include <map>

#include "coderd/api/convert.h"
#include "coderd/builds/convert.h"
#include "coderd/resources/agent_status.h"

namespace berth::coderd {
namespace {

sdk::Workspace row_to_sdk(const db::Workspace& row) {
    sdk::Workspace workspace;
    workspace.id = row.id;
    workspace.created_at = row.created_at;
    workspace.updated_at = row.updated_at;
    workspace.owner_id = row.owner_id;
    workspace.owner_name = row.owner_username;
    workspace.owner_avatar_url = row.owner_avatar_url;
    workspace.organization_id = row.organization_id;
    workspace.organization_name = row.organization_name;
    workspace.template_id = row.template_id;
    workspace.template_name = row.template_name;
    workspace.template_display_name = row.template_display_name;
    workspace.template_icon = row.template_icon;
    workspace.template_allow_user_cancel_workspace_jobs = row.template_allow_user_cancel_workspace_jobs;
    workspace.template_active_version_id = row.template_active_version_id;
    workspace.template_require_active_version = row.template_require_active_version;
    workspace.template_use_classic_parameter_flow = row.template_use_classic_parameter_flow;
    workspace.name = row.name;
    workspace.autostart_schedule = row.autostart_schedule;
    workspace.ttl_ms = row.ttl_ms;
    workspace.last_used_at = row.last_used_at;
    workspace.deleting_at = row.deleting_at;
    workspace.dormant_at = row.dormant_at;
    workspace.automatic_updates = to_sdk<sdk::AutomaticUpdates>(row.automatic_updates);
    workspace.allow_renames = true;
    workspace.next_start_at = row.next_start_at;
    workspace.task_id = row.task_id;
    workspace.is_prebuild = row.owner_id == rbac::prebuilds_user_id();
    return workspace;
}

sdk::WorkspaceHealth health_of(const sdk::WorkspaceBuild& build) {
    sdk::WorkspaceHealth health;
    for (const auto& resource : build.resources)
        for (const auto& agent : resource.agents)
            if (!agent.health.healthy) health.failing_agents.push_back(agent.id);
    health.healthy = health.failing_agents.empty();
    return health;
}

}  // namespace

asio::awaitable<Result<std::vector<sdk::Workspace>>> workspaces_to_sdk(Context& context,
                                                                       const rbac::Actor& actor, Uuid viewer,
                                                                       std::vector<db::Workspace> rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows)
        ids.push_back(row.id);
    auto latest = co_await context.store.get_latest_workspace_builds(actor, ids);
    if (!latest) co_return latest.error();
    auto builds = co_await builds_to_sdk(context, actor, std::move(*latest));
    if (!builds) co_return builds.error();
    auto statuses = co_await context.store.get_latest_workspace_app_statuses(actor, ids);
    if (!statuses) co_return statuses.error();
    std::map<Uuid, sdk::WorkspaceAppStatus> status_of;
    for (const auto& status : *statuses)
        status_of[status.workspace_id] = app_status_to_sdk(status);
    std::map<Uuid, sdk::WorkspaceBuild> build_of;
    for (auto& build : *builds)
        build_of[build.workspace_id] = std::move(build);

    std::vector<sdk::Workspace> workspaces;
    for (const auto& row : rows) {
        auto build = build_of.find(row.id);
        if (build == build_of.end()) continue;
        auto workspace = row_to_sdk(row);
        workspace.latest_build = std::move(build->second);
        workspace.outdated = workspace.latest_build.template_version_id != row.template_active_version_id;
        workspace.health = health_of(workspace.latest_build);
        if (auto status = status_of.find(row.id); status != status_of.end())
            workspace.latest_app_status = status->second;
        // A favorite is its owner's, not everybody's.
        workspace.favorite = row.favorite && row.owner_id == viewer;
        workspaces.push_back(std::move(workspace));
    }
    co_return workspaces;
}

asio::awaitable<Result<sdk::Workspace>> workspace_to_sdk(Context& context, const rbac::Actor& actor,
                                                         Uuid viewer, db::Workspace row) {
    std::vector<db::Workspace> rows;
    rows.push_back(std::move(row));
    auto workspaces = co_await workspaces_to_sdk(context, actor, viewer, std::move(rows));
    if (!workspaces) co_return workspaces.error();
    if (workspaces->empty()) co_return not_found("There is no such workspace, or you may not see it.");
    co_return std::move(workspaces->front());
}

}  // namespace berth::coderd

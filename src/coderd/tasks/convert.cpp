#include "coderd/tasks/convert.h"

#include <map>

#include "coderd/tasks/status.h"
#include "coderd/workspaces/convert.h"

namespace berth::coderd {
namespace {

sdk::Task row_to_sdk(const db::Task& row) {
    sdk::Task task;
    task.id = row.id;
    task.organization_id = row.organization_id;
    task.owner_id = row.owner_id;
    task.owner_name = row.owner_username;
    task.owner_avatar_url = row.owner_avatar_url;
    task.name = row.name;
    task.display_name = row.display_name;
    task.template_id = row.template_id;
    task.template_version_id = row.template_version_id;
    task.template_name = row.template_name;
    task.template_display_name = row.template_display_name;
    task.template_icon = row.template_icon;
    task.workspace_id = row.workspace_id;
    task.workspace_app_id = row.workspace_app_id;
    task.initial_prompt = row.prompt;
    task.status = sdk::TaskStatus::unknown;
    task.created_at = row.created_at;
    task.updated_at = row.updated_at;
    return task;
}

void describe_workspace(const sdk::Workspace& workspace, sdk::Task& task) {
    const auto& build = workspace.latest_build;
    task.workspace_name = workspace.name;
    task.workspace_status = build.status;
    task.workspace_build_number = build.build_number;
    task.status = task_status(build, task.workspace_app_id);
    task.current_state = task_state(workspace);
    const auto* agent = task_agent(build, task.workspace_app_id);
    if (agent == nullptr) return;
    task.workspace_agent_id = agent->id;
    task.workspace_agent_lifecycle = agent->lifecycle_state;
    task.workspace_agent_health = agent->health;
}

}  // namespace

asio::awaitable<Result<std::vector<sdk::Task>>> tasks_to_sdk(Context& context, const rbac::Actor& actor,
                                                             Uuid viewer, std::vector<db::Task> rows) {
    db::ListWorkspacesParams params;
    for (const auto& row : rows)
        params.ids.push_back(row.workspace_id);
    params.requester_id = viewer;
    params.now = context.clock.now();
    std::map<Uuid, sdk::Workspace> workspace_of;
    if (!rows.empty()) {
        auto listed = co_await context.store.list_workspaces(actor, params);
        if (!listed) co_return listed.error();
        std::vector<db::Workspace> seen;
        for (auto& row : *listed)
            seen.push_back(std::move(row.workspace));
        auto workspaces = co_await workspaces_to_sdk(context, actor, viewer, std::move(seen));
        if (!workspaces) co_return workspaces.error();
        for (auto& workspace : *workspaces)
            workspace_of[workspace.id] = std::move(workspace);
    }
    std::vector<sdk::Task> tasks;
    for (const auto& row : rows) {
        auto task = row_to_sdk(row);
        if (auto found = workspace_of.find(row.workspace_id); found != workspace_of.end())
            describe_workspace(found->second, task);
        tasks.push_back(std::move(task));
    }
    co_return tasks;
}

asio::awaitable<Result<sdk::Task>> task_to_sdk(Context& context, const rbac::Actor& actor, Uuid viewer,
                                               db::Task row) {
    std::vector<db::Task> rows;
    rows.push_back(std::move(row));
    auto tasks = co_await tasks_to_sdk(context, actor, viewer, std::move(rows));
    if (!tasks) co_return tasks.error();
    co_return std::move(tasks->front());
}

}  // namespace berth::coderd

#include "coderd/tasks/status.h"

namespace berth::coderd {
namespace {

using sdk::TaskStatus;
using Lifecycle = sdk::WorkspaceAgentLifecycle;

TaskStatus build_status(const sdk::WorkspaceBuild& build) {
    switch (build.status) {
        case sdk::WorkspaceStatus::pending:
            return build.transition == sdk::WorkspaceTransition::start ? TaskStatus::initializing
                                                                       : TaskStatus::unknown;
        case sdk::WorkspaceStatus::starting:
            return TaskStatus::initializing;
        case sdk::WorkspaceStatus::running:
            return TaskStatus::active;
        case sdk::WorkspaceStatus::failed:
        case sdk::WorkspaceStatus::canceling:
        case sdk::WorkspaceStatus::canceled:
            return TaskStatus::error;
        case sdk::WorkspaceStatus::stopped:
        case sdk::WorkspaceStatus::deleted:
            return TaskStatus::paused;
        default:
            return TaskStatus::unknown;
    }
}

TaskStatus agent_status(const sdk::WorkspaceAgent& agent) {
    switch (agent.lifecycle_state) {
        case Lifecycle::created:
        case Lifecycle::starting:
            return TaskStatus::initializing;
        // A startup script that failed or takes long does not keep people from the agent.
        case Lifecycle::ready:
        case Lifecycle::start_timeout:
        case Lifecycle::start_error:
            return TaskStatus::active;
        default:
            return TaskStatus::unknown;
    }
}

TaskStatus app_status(const sdk::WorkspaceApp& app) {
    switch (app.health) {
        case sdk::WorkspaceAppHealth::initializing:
            return TaskStatus::initializing;
        case sdk::WorkspaceAppHealth::healthy:
        case sdk::WorkspaceAppHealth::disabled:
            return TaskStatus::active;
        case sdk::WorkspaceAppHealth::unhealthy:
            return TaskStatus::error;
        default:
            return TaskStatus::unknown;
    }
}

const sdk::WorkspaceApp* find_app(const sdk::WorkspaceAgent& agent, const Uuid& id) {
    for (const auto& app : agent.apps)
        if (app.id == id) return &app;
    return nullptr;
}

std::vector<const sdk::WorkspaceAgent*> agents_of(const sdk::WorkspaceBuild& build) {
    std::vector<const sdk::WorkspaceAgent*> agents;
    for (const auto& resource : build.resources)
        for (const auto& agent : resource.agents)
            agents.push_back(&agent);
    return agents;
}

}  // namespace

TaskStatus task_status(const sdk::WorkspaceBuild& build, const std::optional<Uuid>& app_id) {
    auto status = build_status(build);
    if (status != TaskStatus::active) return status;
    auto agents = agents_of(build);
    if (agents.empty()) return TaskStatus::initializing;
    for (const auto* agent : agents) {
        status = agent_status(*agent);
        if (status != TaskStatus::active) return status;
    }
    if (!app_id) return TaskStatus::active;
    const auto* agent = task_agent(build, app_id);
    return agent == nullptr ? TaskStatus::unknown : app_status(*find_app(*agent, *app_id));
}

const sdk::WorkspaceAgent* task_agent(const sdk::WorkspaceBuild& build, const std::optional<Uuid>& app_id) {
    auto agents = agents_of(build);
    if (!app_id) return agents.size() == 1 ? agents.front() : nullptr;
    for (const auto* agent : agents)
        if (find_app(*agent, *app_id) != nullptr) return agent;
    return nullptr;
}

std::optional<sdk::TaskStateEntry> task_state(const sdk::Workspace& workspace) {
    const auto& build = workspace.latest_build;
    const auto& status = workspace.latest_app_status;
    if (!status || build.transition != sdk::WorkspaceTransition::start) return std::nullopt;
    if (status->created_at < build.created_at) return std::nullopt;
    auto state = sdk::TaskState::unknown;
    if (status->state == sdk::WorkspaceAppStatusState::working) state = sdk::TaskState::working;
    if (status->state == sdk::WorkspaceAppStatusState::idle) state = sdk::TaskState::idle;
    if (status->state == sdk::WorkspaceAppStatusState::complete) state = sdk::TaskState::complete;
    if (status->state == sdk::WorkspaceAppStatusState::failure) state = sdk::TaskState::failed;
    return sdk::TaskStateEntry{status->created_at, state, status->message, status->uri};
}

}  // namespace berth::coderd

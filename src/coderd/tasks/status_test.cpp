#include "coderd/tasks/status.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

using sdk::TaskStatus;
using sdk::WorkspaceStatus;
using Lifecycle = sdk::WorkspaceAgentLifecycle;
using Health = sdk::WorkspaceAppHealth;

sdk::WorkspaceApp app_with(const Uuid& id, Health health) {
    sdk::WorkspaceApp app;
    app.id = id;
    app.health = health;
    return app;
}

sdk::WorkspaceBuild build_with(WorkspaceStatus status, std::vector<sdk::WorkspaceAgent> agents) {
    sdk::WorkspaceBuild build;
    build.status = status;
    build.transition = sdk::WorkspaceTransition::start;
    build.resources.emplace_back();
    build.resources.back().agents = std::move(agents);
    return build;
}

sdk::WorkspaceAgent agent_with(Lifecycle lifecycle) {
    sdk::WorkspaceAgent agent;
    agent.id = Uuid::random();
    agent.lifecycle_state = lifecycle;
    return agent;
}

TEST(TaskStatus, IsDecidedByTheBuildThenItsAgentsThenTheApp) {
    struct Row {
        WorkspaceStatus build;
        Lifecycle agent;
        Health app;
        TaskStatus expected;
    };
    constexpr auto any_agent = Lifecycle::ready;
    constexpr auto any_app = Health::healthy;
    const Row rows[] = {
        {WorkspaceStatus::pending, any_agent, any_app, TaskStatus::initializing},
        {WorkspaceStatus::starting, any_agent, any_app, TaskStatus::initializing},
        {WorkspaceStatus::failed, any_agent, any_app, TaskStatus::error},
        {WorkspaceStatus::canceling, any_agent, any_app, TaskStatus::error},
        {WorkspaceStatus::canceled, any_agent, any_app, TaskStatus::error},
        {WorkspaceStatus::stopping, any_agent, any_app, TaskStatus::unknown},
        {WorkspaceStatus::deleting, any_agent, any_app, TaskStatus::unknown},
        {WorkspaceStatus::stopped, any_agent, any_app, TaskStatus::paused},
        {WorkspaceStatus::deleted, any_agent, any_app, TaskStatus::paused},
        {WorkspaceStatus::unknown, any_agent, any_app, TaskStatus::unknown},
        {WorkspaceStatus::running, Lifecycle::created, any_app, TaskStatus::initializing},
        {WorkspaceStatus::running, Lifecycle::starting, any_app, TaskStatus::initializing},
        {WorkspaceStatus::running, Lifecycle::start_error, any_app, TaskStatus::active},
        {WorkspaceStatus::running, Lifecycle::start_timeout, any_app, TaskStatus::active},
        {WorkspaceStatus::running, Lifecycle::shutting_down, any_app, TaskStatus::unknown},
        {WorkspaceStatus::running, Lifecycle::off, any_app, TaskStatus::unknown},
        {WorkspaceStatus::running, Lifecycle::ready, Health::disabled, TaskStatus::active},
        {WorkspaceStatus::running, Lifecycle::ready, Health::healthy, TaskStatus::active},
        {WorkspaceStatus::running, Lifecycle::ready, Health::initializing, TaskStatus::initializing},
        {WorkspaceStatus::running, Lifecycle::ready, Health::unhealthy, TaskStatus::error},
        {WorkspaceStatus::running, Lifecycle::ready, Health::unknown, TaskStatus::unknown},
    };
    for (const auto& row : rows) {
        auto id = Uuid::random();
        auto agent = agent_with(row.agent);
        agent.apps.push_back(app_with(id, row.app));
        EXPECT_EQ(task_status(build_with(row.build, {agent}), id), row.expected)
            << sdk::to_string(row.build) << ' ' << sdk::to_string(row.agent) << ' '
            << sdk::to_string(row.app);
    }
}

TEST(TaskStatus, OfAStopThatWaitsIsUnknown) {
    auto build = build_with(WorkspaceStatus::pending, {});
    build.transition = sdk::WorkspaceTransition::stop;
    EXPECT_EQ(task_status(build, std::nullopt), TaskStatus::unknown);
}

TEST(TaskStatus, WithoutAnAppIsThatOfTheAgents) {
    EXPECT_EQ(task_status(build_with(WorkspaceStatus::running, {}), std::nullopt), TaskStatus::initializing);
    EXPECT_EQ(task_status(build_with(WorkspaceStatus::running, {agent_with(Lifecycle::ready)}), std::nullopt),
              TaskStatus::active);
    auto build =
        build_with(WorkspaceStatus::running, {agent_with(Lifecycle::ready), agent_with(Lifecycle::starting)});
    EXPECT_EQ(task_status(build, std::nullopt), TaskStatus::initializing);
    auto foreign = build_with(WorkspaceStatus::running, {agent_with(Lifecycle::ready)});
    EXPECT_EQ(task_status(foreign, Uuid::random()), TaskStatus::unknown);
}

TEST(TaskAgent, IsTheOneWithTheAppOrTheOnlyOne) {
    auto id = Uuid::random();
    auto first = agent_with(Lifecycle::ready);
    auto second = agent_with(Lifecycle::ready);
    second.apps.push_back(app_with(id, Health::healthy));
    auto build = build_with(WorkspaceStatus::running, {first, second});
    ASSERT_NE(task_agent(build, id), nullptr);
    EXPECT_EQ(task_agent(build, id)->id, second.id);
    EXPECT_EQ(task_agent(build, Uuid::random()), nullptr);
    EXPECT_EQ(task_agent(build, std::nullopt), nullptr);
    EXPECT_NE(task_agent(build_with(WorkspaceStatus::running, {first}), std::nullopt), nullptr);
}

TEST(TaskState, IsWhatTheAgentSaidSinceTheWorkspaceStarted) {
    sdk::Workspace workspace;
    EXPECT_FALSE(task_state(workspace));
    workspace.latest_build = build_with(WorkspaceStatus::running, {});
    workspace.latest_build.created_at = base::Time(std::chrono::seconds(100));
    auto& status = workspace.latest_app_status.emplace();
    status.message = "at it";
    status.uri = "file:///x";
    const std::pair<sdk::WorkspaceAppStatusState, sdk::TaskState> states[] = {
        {sdk::WorkspaceAppStatusState::working, sdk::TaskState::working},
        {sdk::WorkspaceAppStatusState::idle, sdk::TaskState::idle},
        {sdk::WorkspaceAppStatusState::complete, sdk::TaskState::complete},
        {sdk::WorkspaceAppStatusState::failure, sdk::TaskState::failed},
    };
    for (const auto& [said, shown] : states) {
        status.state = said;
        status.created_at = base::Time(std::chrono::seconds(101));
        auto state = task_state(workspace);
        ASSERT_TRUE(state);
        EXPECT_EQ(state->state, shown);
        EXPECT_EQ(state->message, "at it");
        EXPECT_EQ(state->uri, "file:///x");
    }
    status.created_at = base::Time(std::chrono::seconds(99));
    EXPECT_FALSE(task_state(workspace));
    status.created_at = base::Time(std::chrono::seconds(101));
    workspace.latest_build.transition = sdk::WorkspaceTransition::stop;
    EXPECT_FALSE(task_state(workspace));
}

}  // namespace
}  // namespace berth::coderd

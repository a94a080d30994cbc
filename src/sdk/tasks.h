#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/agents.h"
#include "sdk/builds.h"

namespace berth::sdk {

enum class TaskStatus : std::uint8_t { unset, pending, initializing, active, paused, error, unknown };
const TypeInfo& describe(const TaskStatus*);

enum class TaskState : std::uint8_t { unset, working, idle, complete, failed, unknown };
const TypeInfo& describe(const TaskState*);

enum class TaskLogType : std::uint8_t { unset, input, output, unknown };
const TypeInfo& describe(const TaskLogType*);

struct TaskStateEntry {
    base::Time timestamp = zero_time;
    TaskState state{};
    std::string message;
    std::string uri;
};
const TypeInfo& describe(const TaskStateEntry*);

struct Task {
    Uuid id;
    Uuid organization_id;
    Uuid owner_id;
    std::string owner_name;
    std::string owner_avatar_url;
    std::string name;
    std::string display_name;
    Uuid template_id;
    Uuid template_version_id;
    std::string template_name;
    std::string template_display_name;
    std::string template_icon;
    std::optional<Uuid> workspace_id;
    std::string workspace_name;
    WorkspaceStatus workspace_status{};
    std::int32_t workspace_build_number = 0;
    std::optional<Uuid> workspace_agent_id;
    std::optional<WorkspaceAgentLifecycle> workspace_agent_lifecycle;
    std::optional<WorkspaceAgentHealth> workspace_agent_health;
    std::optional<Uuid> workspace_app_id;
    std::string initial_prompt;
    TaskStatus status{};
    std::optional<TaskStateEntry> current_state;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
};
const TypeInfo& describe(const Task*);

struct TasksFilter {
    std::string owner;
    std::string organization;
    TaskStatus status{};
    std::string filter_query;
};
const TypeInfo& describe(const TasksFilter*);

struct TasksListResponse {
    std::vector<Task> tasks;
    std::int64_t count = 0;
};
const TypeInfo& describe(const TasksListResponse*);

struct CreateTaskRequest {
    Uuid template_version_id;
    Uuid template_version_preset_id;
    std::string input;
    std::string name;
    std::string display_name;
};
const TypeInfo& describe(const CreateTaskRequest*);

struct TaskSendRequest {
    std::string input;
};
const TypeInfo& describe(const TaskSendRequest*);

struct UpdateTaskInputRequest {
    std::string input;
};
const TypeInfo& describe(const UpdateTaskInputRequest*);

struct TaskLogEntry {
    std::int64_t id = 0;
    std::string content;
    TaskLogType type{};
    base::Time time = zero_time;
};
const TypeInfo& describe(const TaskLogEntry*);

struct TaskLogsResponse {
    std::vector<TaskLogEntry> logs;
};
const TypeInfo& describe(const TaskLogsResponse*);

}  // namespace berth::sdk

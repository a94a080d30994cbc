#include "sdk/tasks.h"

namespace berth::sdk {

const TypeInfo& describe(const TaskStatus*) {
    static constexpr std::string_view values[] = {
        "", "pending", "initializing", "active", "paused", "error", "unknown",
    };
    static const TypeInfo info = enumeration("TaskStatus", values, true);
    return info;
}

const TypeInfo& describe(const TaskState*) {
    static constexpr std::string_view values[] = {"", "working", "idle", "complete", "failed", "unknown"};
    static const TypeInfo info = enumeration("TaskState", values);
    return info;
}

const TypeInfo& describe(const TaskLogType*) {
    static constexpr std::string_view values[] = {"", "input", "output", "unknown"};
    static const TypeInfo info = enumeration("TaskLogType", values);
    return info;
}

const TypeInfo& describe(const TaskStateEntry*) {
    using T = TaskStateEntry;
    static const Field fields[] = {
        field("timestamp", &T::timestamp),
        field("state", &T::state),
        field("message", &T::message),
        field("uri", &T::uri),
    };
    static const TypeInfo info = object("TaskStateEntry", fields);
    return info;
}

const TypeInfo& describe(const Task*) {
    using T = Task;
    static const Field fields[] = {
        field("id", &T::id),
        field("organization_id", &T::organization_id),
        field("owner_id", &T::owner_id),
        field("owner_name", &T::owner_name),
        field("owner_avatar_url", &T::owner_avatar_url).omitempty(),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("template_id", &T::template_id),
        field("template_version_id", &T::template_version_id),
        field("template_name", &T::template_name),
        field("template_display_name", &T::template_display_name),
        field("template_icon", &T::template_icon),
        field("workspace_id", &T::workspace_id),
        field("workspace_name", &T::workspace_name),
        field("workspace_status", &T::workspace_status).omitempty(),
        field("workspace_build_number", &T::workspace_build_number).omitempty(),
        field("workspace_agent_id", &T::workspace_agent_id),
        field("workspace_agent_lifecycle", &T::workspace_agent_lifecycle),
        field("workspace_agent_health", &T::workspace_agent_health),
        field("workspace_app_id", &T::workspace_app_id),
        field("initial_prompt", &T::initial_prompt),
        field("status", &T::status),
        field("current_state", &T::current_state),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
    };
    static const TypeInfo info = object("Task", fields);
    return info;
}

const TypeInfo& describe(const TasksFilter*) {
    using T = TasksFilter;
    static const Field fields[] = {
        field("owner", &T::owner).omitempty(),
        field("organization", &T::organization).omitempty(),
        field("status", &T::status).omitempty(),
        field("filter_query", &T::filter_query).omitempty(),
    };
    static const TypeInfo info = object("TasksFilter", fields);
    return info;
}

const TypeInfo& describe(const TasksListResponse*) {
    using T = TasksListResponse;
    static const Field fields[] = {
        field("tasks", &T::tasks),
        field("count", &T::count),
    };
    static const TypeInfo info = object("TasksListResponse", fields);
    return info;
}

const TypeInfo& describe(const CreateTaskRequest*) {
    using T = CreateTaskRequest;
    static const Field fields[] = {
        field("template_version_id", &T::template_version_id),
        field("template_version_preset_id", &T::template_version_preset_id).omitempty(),
        field("input", &T::input),
        field("name", &T::name).omitempty(),
        field("display_name", &T::display_name).omitempty(),
    };
    static const TypeInfo info = object("CreateTaskRequest", fields);
    return info;
}

const TypeInfo& describe(const TaskSendRequest*) {
    using T = TaskSendRequest;
    static const Field fields[] = {
        field("input", &T::input),
    };
    static const TypeInfo info = object("TaskSendRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateTaskInputRequest*) {
    using T = UpdateTaskInputRequest;
    static const Field fields[] = {
        field("input", &T::input),
    };
    static const TypeInfo info = object("UpdateTaskInputRequest", fields);
    return info;
}

const TypeInfo& describe(const TaskLogEntry*) {
    using T = TaskLogEntry;
    static const Field fields[] = {
        field("id", &T::id),
        field("content", &T::content),
        field("type", &T::type),
        field("time", &T::time),
    };
    static const TypeInfo info = object("TaskLogEntry", fields);
    return info;
}

const TypeInfo& describe(const TaskLogsResponse*) {
    using T = TaskLogsResponse;
    static const Field fields[] = {
        field("logs", &T::logs),
    };
    static const TypeInfo info = object("TaskLogsResponse", fields);
    return info;
}

}  // namespace berth::sdk

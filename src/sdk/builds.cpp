#include "sdk/builds.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceTransition*) {
    static constexpr std::string_view values[] = {"", "start", "stop", "delete", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceTransition", values);
    return info;
}

const TypeInfo& describe(const WorkspaceStatus*) {
    static constexpr std::string_view values[] = {
        "",       "pending",   "starting", "running",  "stopping", "stopped",
        "failed", "canceling", "canceled", "deleting", "deleted",  "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceStatus", values);
    return info;
}

const TypeInfo& describe(const BuildReason*) {
    static constexpr std::string_view values[] = {
        "",          "initiator", "autostart",      "autostop",          "dormancy",
        "dashboard", "cli",       "ssh_connection", "vscode_connection", "jetbrains_connection",
        "unknown",
    };
    static const TypeInfo info = enumeration("BuildReason", values);
    return info;
}

const TypeInfo& describe(const CreateWorkspaceBuildReason*) {
    static constexpr std::string_view values[] = {
        "", "dashboard", "cli", "ssh_connection", "vscode_connection", "jetbrains_connection", "unknown",
    };
    static const TypeInfo info = enumeration("CreateWorkspaceBuildReason", values);
    return info;
}

const TypeInfo& describe(const CancelWorkspaceBuildStatus*) {
    static constexpr std::string_view values[] = {"", "running", "pending", "unknown"};
    static const TypeInfo info = enumeration("CancelWorkspaceBuildStatus", values);
    return info;
}

const TypeInfo& describe(const TimingStage*) {
    static constexpr std::string_view values[] = {
        "", "init", "plan", "graph", "apply", "start", "stop", "cron", "connect", "unknown",
    };
    static const TypeInfo info = enumeration("TimingStage", values);
    return info;
}

const TypeInfo& describe(const WorkspaceResourceMetadata*) {
    using T = WorkspaceResourceMetadata;
    static const Field fields[] = {
        field("key", &T::key),
        field("value", &T::value),
        field("sensitive", &T::sensitive),
    };
    static const TypeInfo info = object("WorkspaceResourceMetadata", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceResource*) {
    using T = WorkspaceResource;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("job_id", &T::job_id),
        field("workspace_transition", &T::workspace_transition),
        field("type", &T::type),
        field("name", &T::name),
        field("hide", &T::hide),
        field("icon", &T::icon),
        field("agents", &T::agents).omitempty(),
        field("metadata", &T::metadata).omitempty(),
        field("daily_cost", &T::daily_cost),
    };
    static const TypeInfo info = object("WorkspaceResource", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceBuild*) {
    using T = WorkspaceBuild;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("workspace_id", &T::workspace_id),
        field("workspace_name", &T::workspace_name),
        field("workspace_owner_id", &T::workspace_owner_id),
        field("workspace_owner_name", &T::workspace_owner_name),
        field("workspace_owner_avatar_url", &T::workspace_owner_avatar_url).omitempty(),
        field("template_version_id", &T::template_version_id),
        field("template_version_name", &T::template_version_name),
        field("build_number", &T::build_number),
        field("transition", &T::transition),
        field("initiator_id", &T::initiator_id),
        field("initiator_name", &T::initiator_name),
        field("job", &T::job),
        field("reason", &T::reason),
        field("resources", &T::resources),
        field("deadline", &T::deadline).omitempty().writes_null(),
        field("max_deadline", &T::max_deadline).omitempty().writes_null(),
        field("status", &T::status),
        field("daily_cost", &T::daily_cost),
        field("matched_provisioners", &T::matched_provisioners).omitempty(),
        field("template_version_preset_id", &T::template_version_preset_id),
        field("has_ai_task", &T::has_ai_task).omitempty(),
        field("has_external_agent", &T::has_external_agent).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceBuild", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceBuildsRequest*) {
    using T = WorkspaceBuildsRequest;
    static const Field fields[] = {
        field("workspace_id", &T::workspace_id),
        embedded<T, Pagination>(),
        field("since", &T::since).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceBuildsRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateWorkspaceBuildRequest*) {
    using T = CreateWorkspaceBuildRequest;
    static const Field fields[] = {
        field("template_version_id", &T::template_version_id).omitempty(),
        field("transition", &T::transition).required(),
        field("dry_run", &T::dry_run).omitempty(),
        field("state", &T::state).omitempty(),
        field("orphan", &T::orphan).omitempty(),
        field("rich_parameter_values", &T::rich_parameter_values).omitempty(),
        field("log_level", &T::log_level).omitempty(),
        field("template_version_preset_id", &T::template_version_preset_id).omitempty(),
        field("reason", &T::reason).omitempty(),
    };
    static const TypeInfo info = object("CreateWorkspaceBuildRequest", fields);
    return info;
}

const TypeInfo& describe(const CancelWorkspaceBuildParams*) {
    using T = CancelWorkspaceBuildParams;
    static const Field fields[] = {
        field("expect_status", &T::expect_status).omitempty(),
    };
    static const TypeInfo info = object("CancelWorkspaceBuildParams", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceBuildStateRequest*) {
    using T = UpdateWorkspaceBuildStateRequest;
    static const Field fields[] = {
        field("state", &T::state),
    };
    static const TypeInfo info = object("UpdateWorkspaceBuildStateRequest", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerTiming*) {
    using T = ProvisionerTiming;
    static const Field fields[] = {
        field("job_id", &T::job_id),     field("started_at", &T::started_at), field("ended_at", &T::ended_at),
        field("stage", &T::stage),       field("source", &T::source),         field("action", &T::action),
        field("resource", &T::resource),
    };
    static const TypeInfo info = object("ProvisionerTiming", fields);
    return info;
}

const TypeInfo& describe(const AgentScriptTiming*) {
    using T = AgentScriptTiming;
    static const Field fields[] = {
        field("started_at", &T::started_at),
        field("ended_at", &T::ended_at),
        field("exit_code", &T::exit_code),
        field("stage", &T::stage),
        field("status", &T::status),
        field("display_name", &T::display_name),
        field("workspace_agent_id", &T::workspace_agent_id),
        field("workspace_agent_name", &T::workspace_agent_name),
    };
    static const TypeInfo info = object("AgentScriptTiming", fields);
    return info;
}

const TypeInfo& describe(const AgentConnectionTiming*) {
    using T = AgentConnectionTiming;
    static const Field fields[] = {
        field("started_at", &T::started_at),
        field("ended_at", &T::ended_at),
        field("stage", &T::stage),
        field("workspace_agent_id", &T::workspace_agent_id),
        field("workspace_agent_name", &T::workspace_agent_name),
    };
    static const TypeInfo info = object("AgentConnectionTiming", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceBuildTimings*) {
    using T = WorkspaceBuildTimings;
    static const Field fields[] = {
        field("provisioner_timings", &T::provisioner_timings),
        field("agent_script_timings", &T::agent_script_timings),
        field("agent_connection_timings", &T::agent_connection_timings),
    };
    static const TypeInfo info = object("WorkspaceBuildTimings", fields);
    return info;
}

}  // namespace berth::sdk

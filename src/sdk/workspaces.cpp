#include "sdk/workspaces.h"

namespace berth::sdk {

const TypeInfo& describe(const AutomaticUpdates*) {
    static constexpr std::string_view values[] = {"", "always", "never", "unknown"};
    static const TypeInfo info = enumeration("AutomaticUpdates", values);
    return info;
}

const TypeInfo& describe(const WorkspaceRole*) {
    static constexpr std::string_view values[] = {"", "admin", "use", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceRole", values);
    return info;
}

const TypeInfo& describe(const SharedWorkspaceActorType*) {
    static constexpr std::string_view values[] = {"", "group", "user", "unknown"};
    static const TypeInfo info = enumeration("SharedWorkspaceActorType", values);
    return info;
}

const TypeInfo& describe(const UsageAppName*) {
    static constexpr std::string_view values[] = {
        "", "vscode", "jetbrains", "reconnecting-pty", "ssh", "unknown",
    };
    static const TypeInfo info = enumeration("UsageAppName", values);
    return info;
}

const TypeInfo& describe(const WorkspaceHealth*) {
    using T = WorkspaceHealth;
    static const Field fields[] = {
        field("healthy", &T::healthy),
        field("failing_agents", &T::failing_agents),
    };
    static const TypeInfo info = object("WorkspaceHealth", fields);
    return info;
}

const TypeInfo& describe(const SharedWorkspaceActor*) {
    using T = SharedWorkspaceActor;
    static const Field fields[] = {
        field("id", &T::id),       field("actor_type", &T::actor_type),
        field("name", &T::name),   field("avatar_url", &T::avatar_url).omitempty(),
        field("roles", &T::roles),
    };
    static const TypeInfo info = object("SharedWorkspaceActor", fields);
    return info;
}

const TypeInfo& describe(const Workspace*) {
    using T = Workspace;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("owner_id", &T::owner_id),
        field("owner_name", &T::owner_name),
        field("owner_avatar_url", &T::owner_avatar_url),
        field("organization_id", &T::organization_id),
        field("organization_name", &T::organization_name),
        field("template_id", &T::template_id),
        field("template_name", &T::template_name),
        field("template_display_name", &T::template_display_name),
        field("template_icon", &T::template_icon),
        field("template_allow_user_cancel_workspace_jobs", &T::template_allow_user_cancel_workspace_jobs),
        field("template_active_version_id", &T::template_active_version_id),
        field("template_require_active_version", &T::template_require_active_version),
        field("template_use_classic_parameter_flow", &T::template_use_classic_parameter_flow),
        field("latest_build", &T::latest_build),
        field("latest_app_status", &T::latest_app_status),
        field("outdated", &T::outdated),
        field("name", &T::name),
        field("autostart_schedule", &T::autostart_schedule).omitempty(),
        field("ttl_ms", &T::ttl_ms).omitempty(),
        field("last_used_at", &T::last_used_at),
        field("deleting_at", &T::deleting_at),
        field("dormant_at", &T::dormant_at),
        field("health", &T::health),
        field("automatic_updates", &T::automatic_updates),
        field("allow_renames", &T::allow_renames),
        field("favorite", &T::favorite),
        field("next_start_at", &T::next_start_at),
        field("is_prebuild", &T::is_prebuild),
        field("task_id", &T::task_id).omitempty().writes_null(),
        field("shared_with", &T::shared_with).omitempty(),
    };
    static const TypeInfo info = object("Workspace", fields);
    return info;
}

const TypeInfo& describe(const WorkspacesRequest*) {
    using T = WorkspacesRequest;
    static const Field fields[] = {
        field("q", &T::q).omitempty(),
        embedded<T, Pagination>(),
    };
    static const TypeInfo info = object("WorkspacesRequest", fields);
    return info;
}

const TypeInfo& describe(const WorkspacesResponse*) {
    using T = WorkspacesResponse;
    static const Field fields[] = {
        field("workspaces", &T::workspaces),
        field("count", &T::count),
    };
    static const TypeInfo info = object("WorkspacesResponse", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceFilter*) {
    using T = WorkspaceFilter;
    static const Field fields[] = {
        field("owner", &T::owner).omitempty(),
        field("template", &T::template_).omitempty(),
        field("name", &T::name).omitempty(),
        field("status", &T::status).omitempty(),
        field("offset", &T::offset).omitempty(),
        field("limit", &T::limit).omitempty(),
        field("shared", &T::shared).omitempty(),
        field("shared_with_user", &T::shared_with_user).omitempty(),
        field("shared_with_group", &T::shared_with_group).omitempty(),
        field("q", &T::q).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceFilter", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceOptions*) {
    using T = WorkspaceOptions;
    static const Field fields[] = {
        field("include_deleted", &T::include_deleted).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceOptions", fields);
    return info;
}

const TypeInfo& describe(const CreateWorkspaceRequest*) {
    using T = CreateWorkspaceRequest;
    static const Field fields[] = {
        field("template_id", &T::template_id)
            .omitempty()
            .required_without("template_version_id")
            .excluded_with("template_version_id"),
        field("template_version_id", &T::template_version_id)
            .omitempty()
            .required_without("template_id")
            .excluded_with("template_id"),
        field("name", &T::name).check(Check::workspace_name).required(),
        field("autostart_schedule", &T::autostart_schedule).omitempty(),
        field("ttl_ms", &T::ttl_ms).omitempty(),
        field("rich_parameter_values", &T::rich_parameter_values).omitempty(),
        field("automatic_updates", &T::automatic_updates).omitempty(),
        field("template_version_preset_id", &T::template_version_preset_id).omitempty(),
    };
    static const TypeInfo info = object("CreateWorkspaceRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceRequest*) {
    using T = UpdateWorkspaceRequest;
    static const Field fields[] = {
        field("name", &T::name).omitempty().check(Check::username),
    };
    static const TypeInfo info = object("UpdateWorkspaceRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceAutostartRequest*) {
    using T = UpdateWorkspaceAutostartRequest;
    static const Field fields[] = {
        field("schedule", &T::schedule).omitempty(),
    };
    static const TypeInfo info = object("UpdateWorkspaceAutostartRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceTTLRequest*) {
    using T = UpdateWorkspaceTTLRequest;
    static const Field fields[] = {
        field("ttl_ms", &T::ttl_ms),
    };
    static const TypeInfo info = object("UpdateWorkspaceTTLRequest", fields);
    return info;
}

const TypeInfo& describe(const PutExtendWorkspaceRequest*) {
    using T = PutExtendWorkspaceRequest;
    static const Field fields[] = {
        field("deadline", &T::deadline).required(),
    };
    static const TypeInfo info = object("PutExtendWorkspaceRequest", fields);
    return info;
}

const TypeInfo& describe(const PostWorkspaceUsageRequest*) {
    using T = PostWorkspaceUsageRequest;
    static const Field fields[] = {
        field("agent_id", &T::agent_id),
        field("app_name", &T::app_name),
    };
    static const TypeInfo info = object("PostWorkspaceUsageRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceDormancy*) {
    using T = UpdateWorkspaceDormancy;
    static const Field fields[] = {
        field("dormant", &T::dormant),
    };
    static const TypeInfo info = object("UpdateWorkspaceDormancy", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceAutomaticUpdatesRequest*) {
    using T = UpdateWorkspaceAutomaticUpdatesRequest;
    static const Field fields[] = {
        field("automatic_updates", &T::automatic_updates),
    };
    static const TypeInfo info = object("UpdateWorkspaceAutomaticUpdatesRequest", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceQuota*) {
    using T = WorkspaceQuota;
    static const Field fields[] = {
        field("credits_consumed", &T::credits_consumed),
        field("budget", &T::budget),
    };
    static const TypeInfo info = object("WorkspaceQuota", fields);
    return info;
}

const TypeInfo& describe(const ResolveAutostartResponse*) {
    using T = ResolveAutostartResponse;
    static const Field fields[] = {
        field("parameter_mismatch", &T::parameter_mismatch),
    };
    static const TypeInfo info = object("ResolveAutostartResponse", fields);
    return info;
}

}  // namespace berth::sdk

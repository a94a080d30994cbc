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
    static const TypeInfo info = object("WorkspaceHealth", {
        field("healthy", &T::healthy),
        field("failing_agents", &T::failing_agents),
    });
    return info;
}

const TypeInfo& describe(const SharedWorkspaceActor*) {
    using T = SharedWorkspaceActor;
    static const TypeInfo info = object("SharedWorkspaceActor", {
        field("id", &T::id),
        field("actor_type", &T::actor_type),
        field("name", &T::name),
        field("avatar_url", &T::avatar_url).omitempty(),
        field("roles", &T::roles),
    });
    return info;
}

const TypeInfo& describe(const Workspace*) {
    using T = Workspace;
    static const TypeInfo info = object("Workspace", {
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
    });
    return info;
}

const TypeInfo& describe(const WorkspacesRequest*) {
    using T = WorkspacesRequest;
    static const TypeInfo info = object("WorkspacesRequest", {
        field("q", &T::q).omitempty(),
        embedded<T, Pagination>(),
    });
    return info;
}

const TypeInfo& describe(const WorkspacesResponse*) {
    using T = WorkspacesResponse;
    static const TypeInfo info = object("WorkspacesResponse", {
        field("workspaces", &T::workspaces),
        field("count", &T::count),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceFilter*) {
    using T = WorkspaceFilter;
    static const TypeInfo info = object("WorkspaceFilter", {
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
    });
    return info;
}

const TypeInfo& describe(const WorkspaceOptions*) {
    using T = WorkspaceOptions;
    static const TypeInfo info = object("WorkspaceOptions", {
        field("include_deleted", &T::include_deleted).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const CreateWorkspaceRequest*) {
    using T = CreateWorkspaceRequest;
    static const TypeInfo info = object("CreateWorkspaceRequest", {
        field("template_id", &T::template_id)
            .omitempty().required_without("template_version_id").excluded_with("template_version_id"),
        field("template_version_id", &T::template_version_id)
            .omitempty().required_without("template_id").excluded_with("template_id"),
        field("name", &T::name).check(Check::workspace_name).required(),
        field("autostart_schedule", &T::autostart_schedule).omitempty(),
        field("ttl_ms", &T::ttl_ms).omitempty(),
        field("rich_parameter_values", &T::rich_parameter_values).omitempty(),
        field("automatic_updates", &T::automatic_updates).omitempty(),
        field("template_version_preset_id", &T::template_version_preset_id).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceRequest*) {
    using T = UpdateWorkspaceRequest;
    static const TypeInfo info = object("UpdateWorkspaceRequest", {
        field("name", &T::name).omitempty().check(Check::username),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceAutostartRequest*) {
    using T = UpdateWorkspaceAutostartRequest;
    static const TypeInfo info = object("UpdateWorkspaceAutostartRequest", {
        field("schedule", &T::schedule).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceTTLRequest*) {
    using T = UpdateWorkspaceTTLRequest;
    static const TypeInfo info = object("UpdateWorkspaceTTLRequest", {
        field("ttl_ms", &T::ttl_ms),
    });
    return info;
}

const TypeInfo& describe(const PutExtendWorkspaceRequest*) {
    using T = PutExtendWorkspaceRequest;
    static const TypeInfo info = object("PutExtendWorkspaceRequest", {
        field("deadline", &T::deadline).required(),
    });
    return info;
}

const TypeInfo& describe(const PostWorkspaceUsageRequest*) {
    using T = PostWorkspaceUsageRequest;
    static const TypeInfo info = object("PostWorkspaceUsageRequest", {
        field("agent_id", &T::agent_id),
        field("app_name", &T::app_name),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceDormancy*) {
    using T = UpdateWorkspaceDormancy;
    static const TypeInfo info = object("UpdateWorkspaceDormancy", {
        field("dormant", &T::dormant),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceAutomaticUpdatesRequest*) {
    using T = UpdateWorkspaceAutomaticUpdatesRequest;
    static const TypeInfo info = object("UpdateWorkspaceAutomaticUpdatesRequest", {
        field("automatic_updates", &T::automatic_updates),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceQuota*) {
    using T = WorkspaceQuota;
    static const TypeInfo info = object("WorkspaceQuota", {
        field("credits_consumed", &T::credits_consumed),
        field("budget", &T::budget),
    });
    return info;
}

const TypeInfo& describe(const ResolveAutostartResponse*) {
    using T = ResolveAutostartResponse;
    static const TypeInfo info = object("ResolveAutostartResponse", {
        field("parameter_mismatch", &T::parameter_mismatch),
    });
    return info;
}

}  // namespace berth::sdk

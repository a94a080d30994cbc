#include "sdk/templates.h"

namespace berth::sdk {

const TypeInfo& describe(const CORSBehavior*) {
    static constexpr std::string_view values[] = {"", "simple", "passthru", "unknown"};
    static const TypeInfo info = enumeration("CORSBehavior", values);
    return info;
}

const TypeInfo& describe(const TemplateRole*) {
    static constexpr std::string_view values[] = {"", "admin", "use", "unknown"};
    static const TypeInfo info = enumeration("TemplateRole", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShareLevel*) {
    static constexpr std::string_view values[] = {
        "", "owner", "authenticated", "organization", "public", "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAgentPortShareLevel", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShareProtocol*) {
    static constexpr std::string_view values[] = {"", "http", "https", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceAgentPortShareProtocol", values);
    return info;
}

const TypeInfo& describe(const TransitionStats*) {
    using T = TransitionStats;
    static const Field fields[] = {
        field("P50", &T::p50),
        field("P95", &T::p95),
    };
    static const TypeInfo info = object("TransitionStats", fields);
    return info;
}

const TypeInfo& describe(const TemplateAutostartRequirement*) {
    using T = TemplateAutostartRequirement;
    static const Field fields[] = {
        field("days_of_week", &T::days_of_week),
    };
    static const TypeInfo info = object("TemplateAutostartRequirement", fields);
    return info;
}

const TypeInfo& describe(const TemplateAutostopRequirement*) {
    using T = TemplateAutostopRequirement;
    static const Field fields[] = {
        field("days_of_week", &T::days_of_week),
        field("weeks", &T::weeks),
    };
    static const TypeInfo info = object("TemplateAutostopRequirement", fields);
    return info;
}

const TypeInfo& describe(const Template*) {
    using T = Template;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("organization_id", &T::organization_id),
        field("organization_name", &T::organization_name),
        field("organization_display_name", &T::organization_display_name),
        field("organization_icon", &T::organization_icon),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("provisioner", &T::provisioner),
        field("active_version_id", &T::active_version_id),
        field("active_user_count", &T::active_user_count),
        field("build_time_stats", &T::build_time_stats),
        field("description", &T::description),
        field("deprecated", &T::deprecated),
        field("deprecation_message", &T::deprecation_message),
        field("icon", &T::icon),
        field("default_ttl_ms", &T::default_ttl_ms),
        field("activity_bump_ms", &T::activity_bump_ms),
        field("autostop_requirement", &T::autostop_requirement),
        field("autostart_requirement", &T::autostart_requirement),
        field("created_by_id", &T::created_by_id),
        field("created_by_name", &T::created_by_name),
        field("allow_user_autostart", &T::allow_user_autostart),
        field("allow_user_autostop", &T::allow_user_autostop),
        field("allow_user_cancel_workspace_jobs", &T::allow_user_cancel_workspace_jobs),
        field("failure_ttl_ms", &T::failure_ttl_ms),
        field("time_til_dormant_ms", &T::time_til_dormant_ms),
        field("time_til_dormant_autodelete_ms", &T::time_til_dormant_autodelete_ms),
        field("require_active_version", &T::require_active_version),
        field("max_port_share_level", &T::max_port_share_level),
        field("cors_behavior", &T::cors_behavior),
        field("use_classic_parameter_flow", &T::use_classic_parameter_flow),
        // Absent when false, because not every release of the Go SDK has it.
        field("use_terraform_workspace_cache", &T::use_terraform_workspace_cache).omitempty(),
    };
    static const TypeInfo info = object("Template", fields);
    return info;
}

const TypeInfo& describe(const TemplateFilter*) {
    using T = TemplateFilter;
    static const Field fields[] = {
        field("q", &T::q).omitempty(),
    };
    static const TypeInfo info = object("TemplateFilter", fields);
    return info;
}

const TypeInfo& describe(const CreateTemplateRequest*) {
    using T = CreateTemplateRequest;
    static const Field fields[] = {
        field("name", &T::name).check(Check::template_name).required(),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty().at_most(127),
        field("icon", &T::icon).omitempty(),
        field("template_version_id", &T::template_version_id).required(),
        field("default_ttl_ms", &T::default_ttl_ms).omitempty(),
        field("activity_bump_ms", &T::activity_bump_ms).omitempty(),
        field("autostop_requirement", &T::autostop_requirement).omitempty(),
        field("autostart_requirement", &T::autostart_requirement).omitempty(),
        field("allow_user_cancel_workspace_jobs", &T::allow_user_cancel_workspace_jobs),
        field("allow_user_autostart", &T::allow_user_autostart).omitempty(),
        field("allow_user_autostop", &T::allow_user_autostop).omitempty(),
        field("failure_ttl_ms", &T::failure_ttl_ms).omitempty(),
        field("dormant_ttl_ms", &T::dormant_ttl_ms).omitempty(),
        field("delete_ttl_ms", &T::delete_ttl_ms).omitempty(),
        field("disable_everyone_group_access", &T::disable_everyone_group_access),
        field("require_active_version", &T::require_active_version),
        field("max_port_share_level", &T::max_port_share_level),
        field("template_use_classic_parameter_flow", &T::template_use_classic_parameter_flow).omitempty(),
        field("cors_behavior", &T::cors_behavior),
    };
    static const TypeInfo info = object("CreateTemplateRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateTemplateMeta*) {
    using T = UpdateTemplateMeta;
    static const Field fields[] = {
        field("name", &T::name).omitempty().check(Check::template_name),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty(),
        field("icon", &T::icon).omitempty(),
        field("default_ttl_ms", &T::default_ttl_ms).omitempty(),
        field("activity_bump_ms", &T::activity_bump_ms).omitempty(),
        field("autostop_requirement", &T::autostop_requirement).omitempty(),
        field("autostart_requirement", &T::autostart_requirement).omitempty(),
        field("allow_user_autostart", &T::allow_user_autostart).omitempty(),
        field("allow_user_autostop", &T::allow_user_autostop).omitempty(),
        field("allow_user_cancel_workspace_jobs", &T::allow_user_cancel_workspace_jobs).omitempty(),
        field("failure_ttl_ms", &T::failure_ttl_ms).omitempty(),
        field("time_til_dormant_ms", &T::time_til_dormant_ms).omitempty(),
        field("time_til_dormant_autodelete_ms", &T::time_til_dormant_autodelete_ms).omitempty(),
        field("update_workspace_last_used_at", &T::update_workspace_last_used_at),
        field("update_workspace_dormant_at", &T::update_workspace_dormant_at),
        field("require_active_version", &T::require_active_version).omitempty(),
        field("deprecation_message", &T::deprecation_message).omitempty(),
        field("disable_everyone_group_access", &T::disable_everyone_group_access),
        field("max_port_share_level", &T::max_port_share_level).omitempty(),
        field("cors_behavior", &T::cors_behavior).omitempty(),
        field("use_classic_parameter_flow", &T::use_classic_parameter_flow).omitempty(),
        field("use_terraform_workspace_cache", &T::use_terraform_workspace_cache).omitempty(),
    };
    static const TypeInfo info = object("UpdateTemplateMeta", fields);
    return info;
}

const TypeInfo& describe(const UpdateActiveTemplateVersion*) {
    using T = UpdateActiveTemplateVersion;
    static const Field fields[] = {
        field("id", &T::id).required(),
    };
    static const TypeInfo info = object("UpdateActiveTemplateVersion", fields);
    return info;
}

const TypeInfo& describe(const TemplateUser*) {
    using T = TemplateUser;
    static const Field fields[] = {
        embedded<T, User>(),
        field("role", &T::role),
    };
    static const TypeInfo info = object("TemplateUser", fields);
    return info;
}

const TypeInfo& describe(const TemplateGroup*) {
    using T = TemplateGroup;
    static const Field fields[] = {
        embedded<T, Group>(),
        field("role", &T::role),
    };
    static const TypeInfo info = object("TemplateGroup", fields);
    return info;
}

const TypeInfo& describe(const TemplateACL*) {
    using T = TemplateACL;
    static const Field fields[] = {
        field("users", &T::users),
        field("group", &T::group),
    };
    static const TypeInfo info = object("TemplateACL", fields);
    return info;
}

const TypeInfo& describe(const UpdateTemplateACL*) {
    using T = UpdateTemplateACL;
    static const Field fields[] = {
        field("user_perms", &T::user_perms).omitempty(),
        field("group_perms", &T::group_perms).omitempty(),
    };
    static const TypeInfo info = object("UpdateTemplateACL", fields);
    return info;
}

const TypeInfo& describe(const ACLAvailable*) {
    using T = ACLAvailable;
    static const Field fields[] = {
        field("users", &T::users),
        field("groups", &T::groups),
    };
    static const TypeInfo info = object("ACLAvailable", fields);
    return info;
}

const TypeInfo& describe(const TemplateExample*) {
    using T = TemplateExample;
    static const Field fields[] = {
        field("id", &T::id),
        field("url", &T::url),
        field("name", &T::name),
        field("description", &T::description),
        field("icon", &T::icon),
        field("tags", &T::tags),
        field("markdown", &T::markdown),
    };
    static const TypeInfo info = object("TemplateExample", fields);
    return info;
}

const TypeInfo& describe(const InvalidatedPreset*) {
    using T = InvalidatedPreset;
    static const Field fields[] = {
        field("template_name", &T::template_name),
        field("template_version_name", &T::template_version_name),
        field("preset_name", &T::preset_name),
    };
    static const TypeInfo info = object("InvalidatedPreset", fields);
    return info;
}

const TypeInfo& describe(const InvalidatePresetsResponse*) {
    using T = InvalidatePresetsResponse;
    static const Field fields[] = {
        field("invalidated", &T::invalidated),
    };
    static const TypeInfo info = object("InvalidatePresetsResponse", fields);
    return info;
}

}  // namespace berth::sdk

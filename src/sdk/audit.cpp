#include "sdk/audit.h"

namespace berth::sdk {

const TypeInfo& describe(const ResourceType*) {
    static constexpr std::string_view values[] = {
        "",
        "template",
        "template_version",
        "user",
        "workspace",
        "workspace_build",
        "git_ssh_key",
        "api_key",
        "group",
        "license",
        "convert_login",
        "health_settings",
        "notifications_settings",
        "prebuilds_settings",
        "workspace_proxy",
        "organization",
        "oauth2_provider_app",
        "oauth2_provider_app_secret",
        "custom_role",
        "organization_member",
        "notification_template",
        "idp_sync_settings_organization",
        "idp_sync_settings_group",
        "idp_sync_settings_role",
        "workspace_agent",
        "workspace_app",
        "task",
        "unknown",
    };
    static const TypeInfo info = enumeration("ResourceType", values);
    return info;
}

const TypeInfo& describe(const AuditAction*) {
    static constexpr std::string_view values[] = {
        "",        "create",     "write",  "delete",   "start",
        "stop",    "login",      "logout", "register", "request_password_reset",
        "connect", "disconnect", "open",   "close",    "unknown",
    };
    static const TypeInfo info = enumeration("AuditAction", values);
    return info;
}

const TypeInfo& describe(const AuditDiffField*) {
    using T = AuditDiffField;
    static const Field fields[] = {
        field("old", &T::old).omitempty(),
        field("new", &T::new_).omitempty(),
        field("secret", &T::secret),
    };
    static const TypeInfo info = object("AuditDiffField", fields);
    return info;
}

const TypeInfo& describe(const AuditLog*) {
    using T = AuditLog;
    static const Field fields[] = {
        field("id", &T::id),
        field("request_id", &T::request_id),
        field("time", &T::time),
        field("ip", &T::ip),
        field("user_agent", &T::user_agent),
        field("resource_type", &T::resource_type),
        field("resource_id", &T::resource_id),
        field("resource_target", &T::resource_target),
        field("resource_icon", &T::resource_icon),
        field("action", &T::action),
        field("diff", &T::diff),
        field("status_code", &T::status_code),
        field("additional_fields", &T::additional_fields),
        field("description", &T::description),
        field("resource_link", &T::resource_link),
        field("is_deleted", &T::is_deleted),
        field("organization_id", &T::organization_id),
        field("organization", &T::organization).omitempty(),
        field("user", &T::user),
    };
    static const TypeInfo info = object("AuditLog", fields);
    return info;
}

const TypeInfo& describe(const AuditLogsRequest*) {
    using T = AuditLogsRequest;
    static const Field fields[] = {
        field("q", &T::q).omitempty(),
        embedded<T, Pagination>(),
    };
    static const TypeInfo info = object("AuditLogsRequest", fields);
    return info;
}

const TypeInfo& describe(const AuditLogResponse*) {
    using T = AuditLogResponse;
    static const Field fields[] = {
        field("audit_logs", &T::audit_logs),
        field("count", &T::count),
    };
    static const TypeInfo info = object("AuditLogResponse", fields);
    return info;
}

const TypeInfo& describe(const CreateTestAuditLogRequest*) {
    using T = CreateTestAuditLogRequest;
    static const Field fields[] = {
        field("action", &T::action).omitempty(),
        field("resource_type", &T::resource_type).omitempty(),
        field("resource_id", &T::resource_id).omitempty(),
        field("additional_fields", &T::additional_fields).omitempty(),
        field("time", &T::time).omitempty(),
        field("build_reason", &T::build_reason).omitempty(),
        field("organization_id", &T::organization_id).omitempty(),
        field("request_id", &T::request_id).omitempty(),
    };
    static const TypeInfo info = object("CreateTestAuditLogRequest", fields);
    return info;
}

const TypeInfo& describe(const ConnectionType*) {
    static constexpr std::string_view values[] = {
        "", "ssh", "vscode", "jetbrains", "reconnecting_pty", "workspace_app", "port_forwarding", "unknown",
    };
    static const TypeInfo info = enumeration("ConnectionType", values);
    return info;
}

const TypeInfo& describe(const ConnectionLogStatus*) {
    static constexpr std::string_view values[] = {"", "ongoing", "completed", "unknown"};
    static const TypeInfo info = enumeration("ConnectionLogStatus", values);
    return info;
}

const TypeInfo& describe(const ConnectionLogWebInfo*) {
    using T = ConnectionLogWebInfo;
    static const Field fields[] = {
        field("user_agent", &T::user_agent),
        field("user", &T::user),
        field("slug_or_port", &T::slug_or_port),
        field("status_code", &T::status_code),
    };
    static const TypeInfo info = object("ConnectionLogWebInfo", fields);
    return info;
}

const TypeInfo& describe(const ConnectionLogSSHInfo*) {
    using T = ConnectionLogSSHInfo;
    static const Field fields[] = {
        field("connection_id", &T::connection_id),
        field("disconnect_time", &T::disconnect_time).omitempty(),
        field("disconnect_reason", &T::disconnect_reason).omitempty(),
        field("exit_code", &T::exit_code).omitempty(),
    };
    static const TypeInfo info = object("ConnectionLogSSHInfo", fields);
    return info;
}

const TypeInfo& describe(const ConnectionLog*) {
    using T = ConnectionLog;
    static const Field fields[] = {
        field("id", &T::id),
        field("connect_time", &T::connect_time),
        field("organization", &T::organization),
        field("workspace_owner_id", &T::workspace_owner_id),
        field("workspace_owner_username", &T::workspace_owner_username),
        field("workspace_id", &T::workspace_id),
        field("workspace_name", &T::workspace_name),
        field("agent_name", &T::agent_name),
        field("ip", &T::ip).omitempty(),
        field("type", &T::type),
        field("web_info", &T::web_info).omitempty(),
        field("ssh_info", &T::ssh_info).omitempty(),
    };
    static const TypeInfo info = object("ConnectionLog", fields);
    return info;
}

const TypeInfo& describe(const ConnectionLogsRequest*) {
    using T = ConnectionLogsRequest;
    static const Field fields[] = {
        field("q", &T::q).omitempty(),
        embedded<T, Pagination>(),
    };
    static const TypeInfo info = object("ConnectionLogsRequest", fields);
    return info;
}

const TypeInfo& describe(const ConnectionLogResponse*) {
    using T = ConnectionLogResponse;
    static const Field fields[] = {
        field("connection_logs", &T::connection_logs),
        field("count", &T::count),
    };
    static const TypeInfo info = object("ConnectionLogResponse", fields);
    return info;
}

}  // namespace berth::sdk

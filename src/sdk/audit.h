#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/builds.h"
#include "sdk/organizations.h"
#include "sdk/response.h"
#include "sdk/users.h"

namespace berth::sdk {

enum class ResourceType : std::uint8_t {
    unset,
    template_,
    template_version,
    user,
    workspace,
    workspace_build,
    git_ssh_key,
    api_key,
    group,
    license,
    convert_login,
    health_settings,
    notifications_settings,
    prebuilds_settings,
    workspace_proxy,
    organization,
    oauth2_provider_app,
    oauth2_provider_app_secret,
    custom_role,
    organization_member,
    notification_template,
    idp_sync_settings_organization,
    idp_sync_settings_group,
    idp_sync_settings_role,
    workspace_agent,
    workspace_app,
    task,
    unknown,
};
const TypeInfo& describe(const ResourceType*);

enum class AuditAction : std::uint8_t {
    unset,
    create,
    write,
    delete_,
    start,
    stop,
    login,
    logout,
    register_,
    request_password_reset,
    connect,
    disconnect,
    open,
    close,
    unknown,
};
const TypeInfo& describe(const AuditAction*);

struct AuditDiffField {
    RawJson old;
    RawJson new_;
    bool secret = false;
};
const TypeInfo& describe(const AuditDiffField*);

using AuditDiff = std::map<std::string, AuditDiffField>;

struct AuditLog {
    Uuid id;
    Uuid request_id;
    base::Time time = zero_time;
    std::string ip;
    std::string user_agent;
    ResourceType resource_type{};
    Uuid resource_id;
    std::string resource_target;
    std::string resource_icon;
    AuditAction action{};
    AuditDiff diff;
    std::int32_t status_code = 0;
    RawJson additional_fields;
    std::string description;
    std::string resource_link;
    bool is_deleted = false;
    Uuid organization_id;
    std::optional<MinimalOrganization> organization;
    std::optional<User> user;
};
const TypeInfo& describe(const AuditLog*);

struct AuditLogsRequest : Pagination {
    std::string q;
};
const TypeInfo& describe(const AuditLogsRequest*);

struct AuditLogResponse {
    std::vector<AuditLog> audit_logs;
    std::int64_t count = 0;
};
const TypeInfo& describe(const AuditLogResponse*);

struct CreateTestAuditLogRequest {
    AuditAction action{};
    ResourceType resource_type{};
    Uuid resource_id;
    RawJson additional_fields;
    base::Time time = zero_time;
    BuildReason build_reason{};
    Uuid organization_id;
    Uuid request_id;
};
const TypeInfo& describe(const CreateTestAuditLogRequest*);

enum class ConnectionType : std::uint8_t {
    unset,
    ssh,
    vscode,
    jetbrains,
    reconnecting_pty,
    workspace_app,
    port_forwarding,
    unknown,
};
const TypeInfo& describe(const ConnectionType*);

enum class ConnectionLogStatus : std::uint8_t { unset, ongoing, completed, unknown };
const TypeInfo& describe(const ConnectionLogStatus*);

struct ConnectionLogWebInfo {
    std::string user_agent;
    std::optional<User> user;
    std::string slug_or_port;
    std::int32_t status_code = 0;
};
const TypeInfo& describe(const ConnectionLogWebInfo*);

struct ConnectionLogSSHInfo {
    Uuid connection_id;
    std::optional<base::Time> disconnect_time;
    std::string disconnect_reason;
    std::optional<std::int32_t> exit_code;
};
const TypeInfo& describe(const ConnectionLogSSHInfo*);

struct ConnectionLog {
    Uuid id;
    base::Time connect_time = zero_time;
    MinimalOrganization organization;
    Uuid workspace_owner_id;
    std::string workspace_owner_username;
    Uuid workspace_id;
    std::string workspace_name;
    std::string agent_name;
    std::optional<std::string> ip;
    ConnectionType type{};
    std::optional<ConnectionLogWebInfo> web_info;
    std::optional<ConnectionLogSSHInfo> ssh_info;
};
const TypeInfo& describe(const ConnectionLog*);

struct ConnectionLogsRequest : Pagination {
    std::string q;
};
const TypeInfo& describe(const ConnectionLogsRequest*);

struct ConnectionLogResponse {
    std::vector<ConnectionLog> connection_logs;
    std::int64_t count = 0;
};
const TypeInfo& describe(const ConnectionLogResponse*);

}  // namespace berth::sdk

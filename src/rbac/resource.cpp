#include "rbac/resource.h"

#include <array>

namespace berth::rbac {
namespace {

using enum Action;

struct ResourceRow {
    Resource resource;
    std::string_view name;
    ActionSet actions;
};

constexpr std::array<ResourceRow, resource_count> resource_rows{{
    {Resource::wildcard, "*", ActionSet::all()},
    {Resource::aibridge_interception, "aibridge_interception", {create, read, update}},
    {Resource::api_key, "api_key", {create, delete_, read, update}},
    {Resource::assign_org_role, "assign_org_role", {assign, create, delete_, read, unassign, update}},
    {Resource::assign_role, "assign_role", {assign, read, unassign}},
    {Resource::audit_log, "audit_log", {create, read}},
    {Resource::boundary_usage, "boundary_usage", {delete_, read, update}},
    {Resource::connection_log, "connection_log", {read, update}},
    {Resource::crypto_key, "crypto_key", {create, delete_, read, update}},
    {Resource::debug_info, "debug_info", {read}},
    {Resource::deployment_config, "deployment_config", {read, update}},
    {Resource::deployment_stats, "deployment_stats", {read}},
    {Resource::file, "file", {create, read}},
    {Resource::group, "group", {create, delete_, read, update}},
    {Resource::group_member, "group_member", {read}},
    {Resource::idpsync_settings, "idpsync_settings", {read, update}},
    {Resource::inbox_notification, "inbox_notification", {create, read, update}},
    {Resource::license, "license", {create, delete_, read}},
    {Resource::notification_message, "notification_message", {create, delete_, read, update}},
    {Resource::notification_preference, "notification_preference", {read, update}},
    {Resource::notification_template, "notification_template", {read, update}},
    {Resource::oauth2_app, "oauth2_app", {create, delete_, read, update}},
    {Resource::oauth2_app_code_token, "oauth2_app_code_token", {create, delete_, read}},
    {Resource::oauth2_app_secret, "oauth2_app_secret", {create, delete_, read, update}},
    {Resource::organization, "organization", {create, delete_, read, update}},
    {Resource::organization_member, "organization_member", {create, delete_, read, update}},
    {Resource::prebuilt_workspace, "prebuilt_workspace", {delete_, update}},
    {Resource::provisioner_daemon, "provisioner_daemon", {create, delete_, read, update}},
    {Resource::provisioner_jobs, "provisioner_jobs", {create, read, update}},
    {Resource::replicas, "replicas", {read}},
    {Resource::system, "system", {create, delete_, read, update}},
    {Resource::tailnet_coordinator, "tailnet_coordinator", {create, delete_, read, update}},
    {Resource::task, "task", {create, delete_, read, update}},
    {Resource::template_, "template", {create, delete_, read, update, use, view_insights}},
    {Resource::usage_event, "usage_event", {create, read, update}},
    {Resource::user, "user", {create, delete_, read, read_personal, update, update_personal}},
    {Resource::user_secret, "user_secret", {create, delete_, read, update}},
    {Resource::webpush_subscription, "webpush_subscription", {create, delete_, read}},
    {Resource::workspace,
     "workspace",
     {application_connect, create, create_agent, delete_, delete_agent, read, share, ssh, start, stop,
      update}},
    {Resource::workspace_agent_devcontainers, "workspace_agent_devcontainers", {create}},
    {Resource::workspace_agent_resource_monitor, "workspace_agent_resource_monitor", {create, read, update}},
    {Resource::workspace_dormant,
     "workspace_dormant",
     {application_connect, create, create_agent, delete_, delete_agent, read, share, ssh, start, stop,
      update}},
    {Resource::workspace_proxy, "workspace_proxy", {create, delete_, read, update}},
}};

struct ActionRow {
    Action action;
    std::string_view name;
};

constexpr std::array<ActionRow, action_count> action_rows{{
    {application_connect, "application_connect"},
    {assign, "assign"},
    {create, "create"},
    {create_agent, "create_agent"},
    {delete_, "delete"},
    {delete_agent, "delete_agent"},
    {read, "read"},
    {read_personal, "read_personal"},
    {ssh, "ssh"},
    {share, "share"},
    {unassign, "unassign"},
    {update, "update"},
    {update_personal, "update_personal"},
    {use, "use"},
    {view_insights, "view_insights"},
    {start, "start"},
    {stop, "stop"},
}};

template <class T, class Rows>
constexpr auto column(const Rows& rows, T Rows::value_type::*member) {
    std::array<T, std::tuple_size_v<Rows>> values{};
    for (std::size_t at = 0; at < values.size(); ++at)
        values[at] = rows[at].*member;
    return values;
}

constexpr auto resources = column(resource_rows, &ResourceRow::resource);
constexpr auto actions = column(action_rows, &ActionRow::action);

/// The rows stand in the order of the enums, so that a value is its row's index.
constexpr bool in_order() {
    for (std::size_t at = 0; at < resources.size(); ++at)
        if (static_cast<std::size_t>(resources[at]) != at) return false;
    for (std::size_t at = 0; at < actions.size(); ++at)
        if (static_cast<std::size_t>(actions[at]) != at) return false;
    return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(Resource resource) {
    return resource_rows[static_cast<std::size_t>(resource)].name;
}

std::string_view to_string(Action action) { return action_rows[static_cast<std::size_t>(action)].name; }

std::optional<Resource> parse_resource(std::string_view name) {
    for (const auto& row : resource_rows)
        if (row.name == name) return row.resource;
    return std::nullopt;
}

std::optional<Action> parse_action(std::string_view name) {
    for (const auto& row : action_rows)
        if (row.name == name) return row.action;
    return std::nullopt;
}

std::span<const Resource> all_resources() { return resources; }

std::span<const Action> all_actions() { return actions; }

ActionSet valid_actions(Resource resource) {
    return resource_rows[static_cast<std::size_t>(resource)].actions;
}

}  // namespace berth::rbac

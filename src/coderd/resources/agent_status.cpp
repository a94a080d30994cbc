#include "coderd/resources/agent_status.h"

#include <boost/json.hpp>

#include "coderd/api/convert.h"

namespace berth::coderd {
namespace {

std::map<std::string, std::string> text_map(const std::string& json) {
    std::map<std::string, std::string> out;
    boost::system::error_code error;
    auto parsed = boost::json::parse(json, error);
    if (error || !parsed.is_object()) return out;
    for (const auto& [key, value] : parsed.as_object())
        if (value.is_string()) out.emplace(key, value.as_string());
    return out;
}

sdk::WorkspaceAgentHealth agent_health(const sdk::WorkspaceAgent& agent) {
    auto sick = [](std::string reason) { return sdk::WorkspaceAgentHealth{false, std::move(reason)}; };
    if (agent.status == sdk::WorkspaceAgentStatus::timeout)
        return sick("agent is taking too long to connect");
    if (agent.status == sdk::WorkspaceAgentStatus::disconnected) return sick("agent has lost connection");
    if (agent.status == sdk::WorkspaceAgentStatus::connecting) return {true, "agent has not yet connected"};
    if (agent.lifecycle_state == sdk::WorkspaceAgentLifecycle::start_error)
        return sick("agent startup script exited with an error");
    if (agent.lifecycle_state == sdk::WorkspaceAgentLifecycle::start_timeout)
        return sick("agent startup script timed out");
    return {true, ""};
}

}  // namespace

sdk::WorkspaceAgentStatus agent_status(const db::WorkspaceAgent& row, base::Time now) {
    using Status = sdk::WorkspaceAgentStatus;
    if (!row.first_connected_at) {
        auto limit = std::chrono::seconds(row.connection_timeout_seconds);
        return limit.count() > 0 && row.created_at + limit < now ? Status::timeout : Status::connecting;
    }
    if (row.disconnected_at && (!row.last_connected_at || *row.disconnected_at > *row.last_connected_at))
        return Status::disconnected;
    if (!row.last_connected_at || *row.last_connected_at + agent_inactive_after < now)
        return Status::disconnected;
    return Status::connected;
}

sdk::WorkspaceAgent agent_to_sdk(const db::WorkspaceAgent& row, base::Time now) {
    sdk::WorkspaceAgent agent;
    agent.id = row.id;
    agent.parent_id = row.parent_id;
    agent.created_at = row.created_at;
    agent.updated_at = row.updated_at;
    agent.first_connected_at = row.first_connected_at;
    agent.last_connected_at = row.last_connected_at;
    agent.disconnected_at = row.disconnected_at;
    agent.started_at = row.started_at;
    agent.ready_at = row.ready_at;
    agent.status = agent_status(row, now);
    agent.lifecycle_state = to_sdk<sdk::WorkspaceAgentLifecycle>(row.lifecycle_state);
    agent.name = row.name;
    agent.resource_id = row.resource_id;
    agent.instance_id = row.auth_instance_id.value_or("");
    agent.architecture = row.architecture;
    agent.environment_variables = text_map(row.environment_variables);
    agent.operating_system = row.operating_system;
    agent.logs_length = row.logs_length;
    agent.logs_overflowed = row.logs_overflowed;
    agent.directory = row.directory;
    agent.expanded_directory = row.expanded_directory;
    agent.version = row.version;
    agent.api_version = row.api_version;
    agent.connection_timeout_seconds = row.connection_timeout_seconds;
    agent.troubleshooting_url = row.troubleshooting_url;
    for (auto subsystem : row.subsystems)
        agent.subsystems.push_back(to_sdk<sdk::AgentSubsystem>(subsystem));
    for (auto app : row.display_apps)
        agent.display_apps.push_back(to_sdk<sdk::DisplayApp>(app));
    agent.startup_script_behavior = sdk::WorkspaceAgentStartupScriptBehavior::non_blocking;
    agent.health = agent_health(agent);
    return agent;
}

sdk::WorkspaceApp app_to_sdk(const db::WorkspaceApp& row) {
    sdk::WorkspaceApp app;
    app.id = row.id;
    app.url = row.url;
    app.external = row.external;
    app.slug = row.slug;
    app.display_name = row.display_name.empty() ? row.slug : row.display_name;
    app.command = row.command;
    app.icon = row.icon;
    app.subdomain = row.subdomain;
    app.sharing_level = to_sdk<sdk::WorkspaceAppSharingLevel>(row.sharing_level);
    app.healthcheck = {row.healthcheck_url, row.healthcheck_interval, row.healthcheck_threshold};
    app.health = to_sdk<sdk::WorkspaceAppHealth>(row.health);
    app.group = row.display_group;
    app.hidden = row.hidden;
    app.open_in = to_sdk<sdk::WorkspaceAppOpenIn>(row.open_in);
    app.tooltip = row.tooltip;
    return app;
}

sdk::WorkspaceAppStatus app_status_to_sdk(const db::WorkspaceAppStatus& row) {
    sdk::WorkspaceAppStatus status;
    status.id = row.id;
    status.created_at = row.created_at;
    status.workspace_id = row.workspace_id;
    status.agent_id = row.agent_id;
    status.app_id = row.app_id;
    status.state = to_sdk<sdk::WorkspaceAppStatusState>(row.state);
    status.message = row.message;
    status.uri = row.uri;
    return status;
}

sdk::WorkspaceAgentScript script_to_sdk(const db::WorkspaceAgentScript& row) {
    sdk::WorkspaceAgentScript script;
    script.id = row.id;
    script.log_source_id = row.log_source_id;
    script.log_path = row.log_path;
    script.script = row.script;
    script.cron = row.cron;
    script.run_on_start = row.run_on_start;
    script.run_on_stop = row.run_on_stop;
    script.start_blocks_login = row.start_blocks_login;
    script.timeout = std::chrono::seconds(row.timeout_seconds);
    script.display_name = row.display_name;
    return script;
}

sdk::WorkspaceAgentLogSource log_source_to_sdk(const db::WorkspaceAgentLogSource& row) {
    return {row.workspace_agent_id, row.id, row.created_at, row.display_name, row.icon};
}

}  // namespace berth::coderd

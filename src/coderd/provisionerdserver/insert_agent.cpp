#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/provisionerdserver/environment.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/insert_resources.h"

namespace berth::coderd {
namespace {

using base::to_valid_utf8;

std::vector<db::DisplayApp> display_apps(const provisioner::Agent& agent) {
    // An agent that says nothing has the usual buttons.
    if (!agent.has_display_apps())
        return {db::DisplayApp::vscode, db::DisplayApp::web_terminal, db::DisplayApp::ssh_helper,
                db::DisplayApp::port_forwarding_helper};
    std::vector<db::DisplayApp> apps;
    const auto& wanted = agent.display_apps();
    if (wanted.vscode()) apps.push_back(db::DisplayApp::vscode);
    if (wanted.vscode_insiders()) apps.push_back(db::DisplayApp::vscode_insiders);
    if (wanted.web_terminal()) apps.push_back(db::DisplayApp::web_terminal);
    if (wanted.ssh_helper()) apps.push_back(db::DisplayApp::ssh_helper);
    if (wanted.port_forwarding_helper()) apps.push_back(db::DisplayApp::port_forwarding_helper);
    return apps;
}

Result<db::InsertWorkspaceAgentParams> agent_row(Uuid resource_id, const provisioner::Agent& agent,
                                                 base::Time now) {
    db::InsertWorkspaceAgentParams row;
    row.id = Uuid::random();
    row.created_at = now;
    row.resource_id = resource_id;
    row.name = agent.name();
    row.auth_token = Uuid::random();
    // A plan does not know the token yet.
    if (agent.auth_case() == provisioner::Agent::kToken && !agent.token().empty()) {
        auto token = Uuid::parse(agent.token());
        if (!token) return invalid_argument("the token of agent \"" + agent.name() + "\" is not a UUID");
        row.auth_token = *token;
    } else if (agent.auth_case() == provisioner::Agent::kInstanceId && !agent.instance_id().empty()) {
        row.auth_instance_id = to_valid_utf8(agent.instance_id());
    }
    Environment own;
    for (const auto& [name, value] : agent.env())
        own[name] = value;
    auto environment = merge_environment(std::move(own), agent.extra_envs());
    if (!environment) return environment.error();
    row.environment_variables = environment_json(*environment);
    row.architecture = to_valid_utf8(agent.architecture());
    row.operating_system = to_valid_utf8(agent.operating_system());
    row.directory = to_valid_utf8(agent.directory());
    row.connection_timeout_seconds = agent.connection_timeout_seconds();
    row.troubleshooting_url = to_valid_utf8(agent.troubleshooting_url());
    row.motd_file = to_valid_utf8(agent.motd_file());
    row.display_apps = display_apps(agent);
    row.display_order = static_cast<std::int32_t>(agent.order());
    row.api_key_scope = key_scope(agent);
    return row;
}

asio::awaitable<Result<void>> insert_agent_metadata(db::Transaction& tx, Uuid agent_id,
                                                    const provisioner::Agent& agent) {
    if (agent.metadata().empty()) co_return Result<void>();
    db::InsertWorkspaceAgentMetadataParams rows;
    rows.workspace_agent_id = agent_id;
    for (const auto& item : agent.metadata()) {
        rows.keys.push_back(to_valid_utf8(item.key()));
        rows.display_names.push_back(to_valid_utf8(item.display_name()));
        rows.scripts.push_back(to_valid_utf8(item.script()));
        rows.interval_seconds.push_back(item.interval());
        rows.timeout_seconds.push_back(item.timeout());
        rows.display_orders.push_back(static_cast<std::int32_t>(item.order()));
    }
    auto stored = co_await tx.insert_workspace_agent_metadata(provisionerd_actor(), rows);
    co_return stored;
}

asio::awaitable<Result<void>> insert_monitors(db::Transaction& tx, Uuid agent_id,
                                              const provisioner::Agent& agent, base::Time now) {
    if (!agent.has_resources_monitoring()) co_return Result<void>();
    const auto& monitoring = agent.resources_monitoring();
    if (monitoring.has_memory()) {
        db::InsertWorkspaceAgentMemoryMonitorParams row;
        row.agent_id = agent_id;
        row.enabled = monitoring.memory().enabled();
        row.threshold = monitoring.memory().threshold();
        row.created_at = now;
        auto stored = co_await tx.insert_workspace_agent_memory_monitor(provisionerd_actor(), row);
        if (!stored) co_return stored.error();
    }
    if (monitoring.volumes().empty()) co_return Result<void>();
    db::InsertWorkspaceAgentVolumeMonitorsParams rows;
    rows.agent_id = agent_id;
    rows.created_at = now;
    for (const auto& volume : monitoring.volumes()) {
        rows.paths.push_back(to_valid_utf8(volume.path()));
        rows.enabled.push_back(volume.enabled());
        rows.thresholds.push_back(volume.threshold());
    }
    auto stored = co_await tx.insert_workspace_agent_volume_monitors(provisionerd_actor(), rows);
    co_return stored;
}

}  // namespace

db::AgentKeyScope key_scope(const provisioner::Agent& agent) {
    return agent.api_key_scope() == "no_user_data" ? db::AgentKeyScope::no_user_data : db::AgentKeyScope::all;
}

std::string environment_json(const std::map<std::string, std::string>& environment) {
    boost::json::object object;
    for (const auto& [name, value] : environment)
        object[to_valid_utf8(name)] = to_valid_utf8(value);
    return boost::json::serialize(object);
}

asio::awaitable<Result<void>> insert_agent(db::Transaction& tx, Uuid resource_id,
                                           const provisioner::Agent& agent, base::Time now,
                                           StoredResources& stored) {
    auto row = agent_row(resource_id, agent, now);
    if (!row) co_return row.error();
    auto inserted = co_await tx.insert_workspace_agent(provisionerd_actor(), *row);
    if (!inserted) co_return inserted.error();
    auto metadata = co_await insert_agent_metadata(tx, row->id, agent);
    if (!metadata) co_return metadata.error();
    auto monitors = co_await insert_monitors(tx, row->id, agent, now);
    if (!monitors) co_return monitors.error();
    std::vector<std::pair<Uuid, std::string>> container_scripts;
    auto containers =
        co_await insert_devcontainers(tx, resource_id, row->id, agent, now, stored, container_scripts);
    if (!containers) co_return containers.error();
    auto scripts = co_await insert_scripts(tx, row->id, agent.scripts(), container_scripts, now);
    if (!scripts) co_return scripts.error();
    auto apps = co_await insert_apps(tx, row->id, agent.apps(), now, stored);
    co_return apps;
}

asio::awaitable<Result<void>> insert_scripts(
    db::Transaction& tx, Uuid agent_id, const Scripts& scripts,
    const std::vector<std::pair<Uuid, std::string>>& container_scripts, base::Time now) {
    if (scripts.empty() && container_scripts.empty()) co_return Result<void>();
    db::InsertWorkspaceAgentScriptsParams rows;
    db::InsertWorkspaceAgentLogSourcesParams sources;
    rows.created_at = sources.created_at = now;
    rows.workspace_agent_id = sources.workspace_agent_id = agent_id;
    auto add = [&](Uuid id, std::string name, std::string icon, const provisioner::Script& script) {
        rows.ids.push_back(id);
        rows.log_source_ids.push_back(Uuid::random());
        rows.log_paths.push_back(to_valid_utf8(script.log_path()));
        rows.display_names.push_back(name);
        rows.scripts.push_back(to_valid_utf8(script.script()));
        rows.crons.push_back(to_valid_utf8(script.cron()));
        rows.start_blocks_login.push_back(script.start_blocks_login());
        rows.run_on_start.push_back(script.run_on_start());
        rows.run_on_stop.push_back(script.run_on_stop());
        rows.timeout_seconds.push_back(script.timeout_seconds());
        sources.ids.push_back(rows.log_source_ids.back());
        sources.display_names.push_back(std::move(name));
        sources.icons.push_back(std::move(icon));
    };
    for (const auto& script : scripts)
        add(Uuid::random(), to_valid_utf8(script.display_name()), to_valid_utf8(script.icon()), script);
    for (const auto& [id, name] : container_scripts)
        add(id, name, "", provisioner::Script());
    auto with_sources = co_await tx.insert_workspace_agent_log_sources(provisionerd_actor(), sources);
    if (!with_sources) co_return with_sources.error();
    auto stored = co_await tx.insert_workspace_agent_scripts(provisionerd_actor(), rows);
    co_return stored;
}

}  // namespace berth::coderd

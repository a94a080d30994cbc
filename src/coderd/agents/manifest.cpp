#include "coderd/agents/manifest.h"

#include <boost/json.hpp>

#include "coderd/secrets/read_secrets.h"

namespace berth::coderd {
namespace {

namespace pb = ::coder::agent::v2;

void add_environment(pb::Manifest& manifest, const std::string& json) {
    boost::system::error_code error;
    auto parsed = boost::json::parse(json, error);
    if (error || !parsed.is_object()) return;
    for (const auto& [name, value] : parsed.as_object())
        if (value.is_string())
            (*manifest.mutable_environment_variables())[std::string(name)] = value.as_string();
}

void add_script(pb::Manifest& manifest, const db::WorkspaceAgentScript& row) {
    auto* script = manifest.add_scripts();
    script->set_id(row.id.raw());
    script->set_log_source_id(row.log_source_id.raw());
    script->set_log_path(row.log_path);
    script->set_display_name(row.display_name);
    script->set_script(row.script);
    script->set_cron(row.cron);
    script->set_run_on_start(row.run_on_start);
    script->set_run_on_stop(row.run_on_stop);
    script->set_start_blocks_login(row.start_blocks_login);
    script->mutable_timeout()->set_seconds(row.timeout_seconds);
}

pb::WorkspaceApp::SharingLevel sharing_level(db::AppSharingLevel level) {
    switch (level) {
        case db::AppSharingLevel::owner:
            return pb::WorkspaceApp::OWNER;
        case db::AppSharingLevel::authenticated:
            return pb::WorkspaceApp::AUTHENTICATED;
        case db::AppSharingLevel::organization:
            return pb::WorkspaceApp::ORGANIZATION;
        case db::AppSharingLevel::public_:
            return pb::WorkspaceApp::PUBLIC;
        case db::AppSharingLevel::unrecognized:
            break;
    }
    return pb::WorkspaceApp::OWNER;
}

pb::WorkspaceApp::Health health(db::WorkspaceAppHealth health) {
    switch (health) {
        case db::WorkspaceAppHealth::disabled:
            return pb::WorkspaceApp::DISABLED;
        case db::WorkspaceAppHealth::initializing:
            return pb::WorkspaceApp::INITIALIZING;
        case db::WorkspaceAppHealth::healthy:
            return pb::WorkspaceApp::HEALTHY;
        case db::WorkspaceAppHealth::unhealthy:
            return pb::WorkspaceApp::UNHEALTHY;
        case db::WorkspaceAppHealth::unrecognized:
            break;
    }
    return pb::WorkspaceApp::DISABLED;
}

void add_app(pb::Manifest& manifest, const db::WorkspaceApp& row) {
    auto* app = manifest.add_apps();
    app->set_id(row.id.raw());
    app->set_url(row.url);
    app->set_external(row.external);
    app->set_slug(row.slug);
    app->set_display_name(row.display_name);
    app->set_command(row.command);
    app->set_icon(row.icon);
    app->set_subdomain(row.subdomain);
    app->set_sharing_level(sharing_level(row.sharing_level));
    app->mutable_healthcheck()->set_url(row.healthcheck_url);
    app->mutable_healthcheck()->mutable_interval()->set_seconds(row.healthcheck_interval);
    app->mutable_healthcheck()->set_threshold(row.healthcheck_threshold);
    app->set_health(health(row.health));
    app->set_hidden(row.hidden);
}

void add_metadata(pb::Manifest& manifest, const db::WorkspaceAgentMetadata& row) {
    auto* item = manifest.add_metadata();
    item->set_display_name(row.display_name);
    item->set_key(row.key);
    item->set_script(row.script);
    item->mutable_interval()->set_seconds(row.interval_seconds);
    item->mutable_timeout()->set_seconds(row.timeout_seconds);
}

void add_devcontainer(pb::Manifest& manifest, const db::WorkspaceAgentDevcontainer& row) {
    auto* container = manifest.add_devcontainers();
    container->set_id(row.id.raw());
    container->set_workspace_folder(row.workspace_folder);
    container->set_config_path(row.config_path);
    container->set_name(row.name);
    if (row.subagent_id) container->set_subagent_id(row.subagent_id->raw());
}

/// Those of the workspace's owner, unless the template keeps them away from the agent.
asio::awaitable<Result<void>> add_secrets(Context& context, const db::WorkspaceAgent& agent,
                                          const Uuid& owner_id, pb::Manifest& manifest) {
    if (agent.api_key_scope == db::AgentKeyScope::no_user_data) co_return Result<void>();
    auto secrets =
        co_await read_user_secrets(context, rbac::Actor::system(rbac::SystemActor::agent), owner_id);
    if (!secrets) co_return secrets.error();
    for (auto& secret : *secrets) {
        auto* item = manifest.add_secrets();
        item->set_env_name(std::move(secret.env_name));
        item->set_file_path(std::move(secret.file_path));
        item->set_value(secret.value.reveal());
    }
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<pb::Manifest>> build_manifest(Context& context, AgentIdentity agent) {
    const auto& actor = rbac::Actor::system(rbac::SystemActor::agent);
    auto row = co_await context.store.get_workspace_agent_by_id(actor, agent.agent_id);
    if (!row) co_return row.error();
    auto workspace = co_await context.store.get_workspace_by_id(actor, agent.workspace_id);
    if (!workspace) co_return workspace.error();
    auto scripts = co_await context.store.get_scripts_of_agent(actor, agent.agent_id);
    if (!scripts) co_return scripts.error();
    auto apps = co_await context.store.get_apps_of_agent(actor, agent.agent_id);
    if (!apps) co_return apps.error();
    auto metadata = co_await context.store.get_workspace_agent_metadata(actor, agent.agent_id);
    if (!metadata) co_return metadata.error();
    auto containers = co_await context.store.get_workspace_agent_devcontainers(actor, agent.agent_id);
    if (!containers) co_return containers.error();

    pb::Manifest manifest;
    auto secrets = co_await add_secrets(context, *row, workspace->owner_id, manifest);
    if (!secrets) co_return secrets.error();
    manifest.set_agent_id(row->id.raw());
    manifest.set_agent_name(row->name);
    manifest.set_workspace_id(workspace->id.raw());
    manifest.set_workspace_name(workspace->name);
    manifest.set_owner_username(workspace->owner_username);
    manifest.set_directory(row->directory);
    manifest.set_motd_path(row->motd_file);
    if (row->parent_id) manifest.set_parent_id(row->parent_id->raw());
    add_environment(manifest, row->environment_variables);
    for (const auto& script : *scripts)
        add_script(manifest, script);
    for (const auto& app : *apps)
        add_app(manifest, app);
    for (const auto& item : *metadata)
        add_metadata(manifest, item);
    for (const auto& container : *containers)
        add_devcontainer(manifest, container);
    co_return manifest;
}

}  // namespace berth::coderd

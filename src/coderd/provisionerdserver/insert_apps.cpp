#include "base/text.h"
#include "coderd/provisionerdserver/environment.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/insert_resources.h"
#include "coderd/provisionerdserver/resource_rules.h"

namespace berth::coderd {
namespace {

using base::to_valid_utf8;

db::AppSharingLevel to_row(provisioner::AppSharingLevel level) {
    switch (level) {
        case provisioner::AUTHENTICATED:
            return db::AppSharingLevel::authenticated;
        case provisioner::PUBLIC:
            return db::AppSharingLevel::public_;
        default:
            return db::AppSharingLevel::owner;
    }
}

db::WorkspaceAppOpenIn to_row(provisioner::AppOpenIn open_in) {
    switch (open_in) {
        case provisioner::WINDOW:
            return db::WorkspaceAppOpenIn::window;
        case provisioner::TAB:
            return db::WorkspaceAppOpenIn::tab;
        default:
            return db::WorkspaceAppOpenIn::slim_window;
    }
}

db::InsertWorkspaceAppParams app_row(Uuid agent_id, const provisioner::App& app, base::Time now) {
    db::InsertWorkspaceAppParams row;
    row.id = Uuid::random();
    row.created_at = now;
    row.agent_id = agent_id;
    row.slug = app.slug();
    row.display_name = to_valid_utf8(app.display_name());
    row.icon = to_valid_utf8(app.icon());
    row.command = to_valid_utf8(app.command());
    row.url = to_valid_utf8(app.url());
    row.external = app.external();
    row.subdomain = app.subdomain();
    row.sharing_level = to_row(app.sharing_level());
    row.display_order = static_cast<std::int32_t>(app.order());
    row.display_group = to_valid_utf8(app.group());
    row.hidden = app.hidden();
    row.open_in = to_row(app.open_in());
    row.tooltip = to_valid_utf8(app.tooltip());
    row.health = db::WorkspaceAppHealth::disabled;
    if (app.has_healthcheck() && !app.healthcheck().url().empty()) {
        row.health = db::WorkspaceAppHealth::initializing;
        row.healthcheck_url = to_valid_utf8(app.healthcheck().url());
        row.healthcheck_interval = app.healthcheck().interval();
        row.healthcheck_threshold = app.healthcheck().threshold();
    }
    return row;
}

/// With the id that the message names, unless it is taken: by an earlier build that kept the resource, or by
/// somebody else's agent. Terraform then goes on knowing it by an id that no row of this build has, which
/// matters to nobody: what people and agents are told comes from the rows.
asio::awaitable<Result<Uuid>> insert_named_agent(db::Transaction& tx, db::InsertWorkspaceAgentParams& row,
                                                 const std::string& wanted) {
    auto named = Uuid::parse(wanted);
    if (named && !named->is_nil()) {
        row.id = *named;
        auto inserted = co_await tx.insert_workspace_agent(provisionerd_actor(), row);
        if (inserted) co_return row.id;
        if (inserted.error().code() != ErrorCode::not_found) co_return inserted.error();
    }
    row.id = Uuid::random();
    auto inserted = co_await tx.insert_workspace_agent(provisionerd_actor(), row);
    if (!inserted) co_return inserted.error();
    co_return row.id;
}

asio::awaitable<Result<Uuid>> insert_sub_agent(db::Transaction& tx, Uuid resource_id, Uuid parent_id,
                                               const provisioner::Agent& parent,
                                               const provisioner::Devcontainer& container, base::Time now,
                                               StoredResources& stored) {
    auto environment = merge_environment(Environment(), container.envs());
    if (!environment) co_return environment.error();
    db::InsertWorkspaceAgentParams row;
    row.parent_id = parent_id;
    row.created_at = now;
    row.resource_id = resource_id;
    row.name = to_valid_utf8(container.name());
    row.auth_token = Uuid::random();
    row.architecture = to_valid_utf8(parent.architecture());
    row.operating_system = to_valid_utf8(parent.operating_system());
    row.environment_variables = environment_json(*environment);
    row.directory = to_valid_utf8(container.workspace_folder());
    row.connection_timeout_seconds = parent.connection_timeout_seconds();
    row.troubleshooting_url = to_valid_utf8(parent.troubleshooting_url());
    row.api_key_scope = key_scope(parent);
    row.display_order = static_cast<std::int32_t>(parent.order());
    auto id = co_await insert_named_agent(tx, row, container.subagent_id());
    if (!id) co_return id.error();
    auto apps = co_await insert_apps(tx, *id, container.apps(), now, stored);
    if (!apps) co_return apps.error();
    std::vector<std::pair<Uuid, std::string>> none;
    auto scripts = co_await insert_scripts(tx, *id, container.scripts(), none, now);
    if (!scripts) co_return scripts.error();
    co_return *id;
}

}  // namespace

asio::awaitable<Result<void>> insert_apps(db::Transaction& tx, Uuid agent_id, const Apps& apps,
                                          base::Time now, StoredResources& stored) {
    for (const auto& app : apps) {
        auto row = app_row(agent_id, app, now);
        if (!app.id().empty()) stored.apps[app.id()] = row.id;
        auto inserted = co_await tx.insert_workspace_app(provisionerd_actor(), row);
        if (!inserted) co_return inserted.error();
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> insert_devcontainers(
    db::Transaction& tx, Uuid resource_id, Uuid agent_id, const provisioner::Agent& agent, base::Time now,
    StoredResources& stored, std::vector<std::pair<Uuid, std::string>>& container_scripts) {
    if (agent.devcontainers().empty()) co_return Result<void>();
    db::InsertWorkspaceAgentDevcontainersParams rows;
    rows.workspace_agent_id = agent_id;
    rows.created_at = now;
    for (const auto& container : agent.devcontainers()) {
        Uuid sub_agent;
        if (wants_sub_agent(container)) {
            auto made = co_await insert_sub_agent(tx, resource_id, agent_id, agent, container, now, stored);
            if (!made) co_return made.error();
            sub_agent = *made;
        }
        // The row's id is also that of the script that starts the container.
        rows.ids.push_back(Uuid::random());
        rows.workspace_folders.push_back(to_valid_utf8(container.workspace_folder()));
        rows.config_paths.push_back(to_valid_utf8(container.config_path()));
        rows.names.push_back(to_valid_utf8(container.name()));
        rows.subagent_ids.push_back(sub_agent);
        container_scripts.emplace_back(rows.ids.back(),
                                       "Dev Container (" + to_valid_utf8(container.name()) + ")");
    }
    auto inserted = co_await tx.insert_workspace_agent_devcontainers(provisionerd_actor(), rows);
    co_return inserted;
}

}  // namespace berth::coderd

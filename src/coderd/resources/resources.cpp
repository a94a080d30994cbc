#include "coderd/resources/resources.h"

#include "coderd/api/convert.h"
#include "coderd/resources/agent_status.h"

namespace berth::coderd {
namespace {

/// All rows under some jobs, before they are put together.
struct Rows {
    std::vector<db::WorkspaceResource> resources;
    std::vector<db::WorkspaceResourceMetadata> metadata;
    std::vector<db::WorkspaceAgent> agents;
    std::vector<db::WorkspaceApp> apps;
    /// Newest first.
    std::vector<db::WorkspaceAppStatus> app_statuses;
    std::vector<db::WorkspaceAgentScript> scripts;
    std::vector<db::WorkspaceAgentLogSource> log_sources;
};

sdk::WorkspaceResource resource_to_sdk(const db::WorkspaceResource& row) {
    sdk::WorkspaceResource resource;
    resource.id = row.id;
    resource.created_at = row.created_at;
    resource.job_id = row.job_id;
    resource.workspace_transition = to_sdk<sdk::WorkspaceTransition>(row.transition);
    resource.type = row.type;
    resource.name = row.name;
    resource.hide = row.hide;
    resource.icon = row.icon;
    resource.daily_cost = row.daily_cost;
    return resource;
}

std::map<Uuid, std::vector<sdk::WorkspaceAgent>> agents_by_resource(const Rows& rows, base::Time now) {
    std::map<Uuid, std::vector<const db::WorkspaceApp*>> apps;
    for (const auto& row : rows.apps)
        apps[row.agent_id].push_back(&row);
    std::map<Uuid, std::vector<sdk::WorkspaceAppStatus>> statuses;
    for (const auto& row : rows.app_statuses)
        statuses[row.app_id].push_back(app_status_to_sdk(row));
    std::map<Uuid, std::vector<const db::WorkspaceAgentScript*>> scripts;
    for (const auto& row : rows.scripts)
        scripts[row.workspace_agent_id].push_back(&row);
    std::map<Uuid, std::vector<const db::WorkspaceAgentLogSource*>> sources;
    for (const auto& row : rows.log_sources)
        sources[row.workspace_agent_id].push_back(&row);

    std::map<Uuid, std::vector<sdk::WorkspaceAgent>> out;
    for (const auto& row : rows.agents) {
        auto agent = agent_to_sdk(row, now);
        for (const auto* app : apps[row.id]) {
            agent.apps.push_back(app_to_sdk(*app));
            agent.apps.back().statuses = std::move(statuses[app->id]);
        }
        for (const auto* script : scripts[row.id])
            agent.scripts.push_back(script_to_sdk(*script));
        for (const auto* source : sources[row.id])
            agent.log_sources.push_back(log_source_to_sdk(*source));
        out[row.resource_id].push_back(std::move(agent));
    }
    return out;
}

ResourcesByJob assemble(const Rows& rows, base::Time now) {
    auto agents = agents_by_resource(rows, now);
    std::map<Uuid, std::vector<sdk::WorkspaceResourceMetadata>> metadata;
    for (const auto& row : rows.metadata) {
        // A sensitive value is for the people who open the resource's own console, not for lists.
        std::string value = row.sensitive ? "" : row.value.value_or("");
        metadata[row.workspace_resource_id].push_back({row.key, std::move(value), row.sensitive});
    }
    ResourcesByJob out;
    for (const auto& row : rows.resources) {
        auto resource = resource_to_sdk(row);
        resource.agents = std::move(agents[row.id]);
        resource.metadata = std::move(metadata[row.id]);
        out[row.job_id].push_back(std::move(resource));
    }
    return out;
}

}  // namespace

asio::awaitable<Result<ResourcesByJob>> resources_of_builds(db::Store& store, const rbac::Actor& actor,
                                                            std::vector<Uuid> job_ids, base::Time now) {
    Rows rows;
    auto resources = co_await store.get_workspace_resources(actor, job_ids);
    if (!resources) co_return resources.error();
    rows.resources = std::move(*resources);
    auto metadata = co_await store.get_workspace_resource_metadata(actor, job_ids);
    if (!metadata) co_return metadata.error();
    rows.metadata = std::move(*metadata);
    auto agents = co_await store.get_workspace_agents(actor, job_ids);
    if (!agents) co_return agents.error();
    rows.agents = std::move(*agents);
    if (!rows.agents.empty()) {
        auto apps = co_await store.get_workspace_apps(actor, job_ids);
        if (!apps) co_return apps.error();
        rows.apps = std::move(*apps);
        std::vector<Uuid> app_ids;
        for (const auto& app : rows.apps)
            app_ids.push_back(app.id);
        auto statuses = co_await store.get_workspace_app_statuses(actor, app_ids);
        if (!statuses) co_return statuses.error();
        rows.app_statuses = std::move(*statuses);
        auto scripts = co_await store.get_workspace_agent_scripts(actor, job_ids);
        if (!scripts) co_return scripts.error();
        rows.scripts = std::move(*scripts);
        auto sources = co_await store.get_workspace_agent_log_sources(actor, job_ids);
        if (!sources) co_return sources.error();
        rows.log_sources = std::move(*sources);
    }
    co_return assemble(rows, now);
}

asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources_of_template_version(
    db::Store& store, const rbac::Actor& actor, Uuid job_id, base::Time now) {
    Rows rows;
    auto resources = co_await store.get_template_version_resources(actor, job_id);
    if (!resources) co_return resources.error();
    rows.resources = std::move(*resources);
    auto metadata = co_await store.get_template_version_resource_metadata(actor, job_id);
    if (!metadata) co_return metadata.error();
    rows.metadata = std::move(*metadata);
    auto agents = co_await store.get_template_version_agents(actor, job_id);
    if (!agents) co_return agents.error();
    rows.agents = std::move(*agents);
    auto apps = co_await store.get_template_version_apps(actor, job_id);
    if (!apps) co_return apps.error();
    rows.apps = std::move(*apps);
    auto assembled = assemble(rows, now);
    co_return std::move(assembled[job_id]);
}

asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources_of_dry_run(
    db::Store& store, const rbac::Actor& actor, Uuid version_id, Uuid job_id, base::Time now) {
    Rows rows;
    auto resources = co_await store.get_dry_run_resources(actor, version_id, job_id);
    if (!resources) co_return resources.error();
    rows.resources = std::move(*resources);
    auto metadata = co_await store.get_dry_run_resource_metadata(actor, version_id, job_id);
    if (!metadata) co_return metadata.error();
    rows.metadata = std::move(*metadata);
    auto agents = co_await store.get_dry_run_agents(actor, version_id, job_id);
    if (!agents) co_return agents.error();
    rows.agents = std::move(*agents);
    auto apps = co_await store.get_dry_run_apps(actor, version_id, job_id);
    if (!apps) co_return apps.error();
    rows.apps = std::move(*apps);
    auto assembled = assemble(rows, now);
    co_return std::move(assembled[job_id]);
}

}  // namespace berth::coderd

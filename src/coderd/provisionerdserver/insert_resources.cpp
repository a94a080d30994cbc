#include "coderd/provisionerdserver/insert_resources.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "coderd/provisionerdserver/held_job.h"

namespace berth::coderd {
namespace {

using base::to_valid_utf8;

asio::awaitable<Result<void>> insert_metadata(db::Transaction& tx, Uuid resource_id,
                                              const provisioner::Resource& resource) {
    if (resource.metadata().empty()) co_return Result<void>();
    db::InsertWorkspaceResourceMetadataParams rows;
    rows.workspace_resource_id = resource_id;
    for (const auto& item : resource.metadata()) {
        rows.keys.push_back(to_valid_utf8(item.key()));
        rows.values.push_back(to_valid_utf8(item.value()));
        rows.sensitive.push_back(item.sensitive());
        rows.is_null.push_back(item.is_null());
    }
    auto stored = co_await tx.insert_workspace_resource_metadata(provisionerd_actor(), rows);
    co_return stored;
}

asio::awaitable<Result<void>> insert_parts(db::Transaction& tx, Uuid resource_id,
                                           const provisioner::Resource& resource, base::Time now,
                                           StoredResources& stored) {
    auto metadata = co_await insert_metadata(tx, resource_id, resource);
    if (!metadata) co_return metadata.error();
    for (const auto& agent : resource.agents()) {
        auto inserted = co_await insert_agent(tx, resource_id, agent, now, stored);
        if (!inserted) co_return inserted.error();
    }
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<StoredResources>> insert_resources(db::Transaction& tx, Uuid job_id,
                                                          db::WorkspaceTransition transition,
                                                          const Resources& resources, base::Time now) {
    StoredResources stored;
    if (resources.empty()) co_return stored;
    db::InsertWorkspaceResourcesParams rows;
    rows.created_at = now;
    rows.job_id = job_id;
    std::int64_t cost = 0;
    for (const auto& resource : resources) {
        rows.ids.push_back(Uuid::random());
        rows.transitions.push_back(transition);
        rows.types.push_back(to_valid_utf8(resource.type()));
        rows.names.push_back(to_valid_utf8(resource.name()));
        rows.hides.push_back(resource.hide());
        rows.icons.push_back(to_valid_utf8(resource.icon()));
        rows.instance_types.push_back(to_valid_utf8(resource.instance_type()));
        rows.daily_costs.push_back(resource.daily_cost());
        rows.module_paths.push_back(to_valid_utf8(resource.module_path()));
        cost += resource.daily_cost();
    }
    stored.daily_cost = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(cost, 0, std::numeric_limits<std::int32_t>::max()));
    auto inserted = co_await tx.insert_workspace_resources(provisionerd_actor(), rows);
    if (!inserted) co_return inserted.error();
    for (int i = 0; i < resources.size(); ++i) {
        auto parts =
            co_await insert_parts(tx, rows.ids[static_cast<std::size_t>(i)], resources.Get(i), now, stored);
        if (!parts) co_return parts.error();
    }
    co_return stored;
}

asio::awaitable<Result<void>> insert_modules(db::Transaction& tx, Uuid job_id,
                                             db::WorkspaceTransition transition, const Modules& modules,
                                             base::Time now) {
    if (modules.empty()) co_return Result<void>();
    db::InsertWorkspaceModulesParams rows;
    rows.created_at = now;
    rows.job_id = job_id;
    rows.transition = transition;
    for (const auto& module : modules) {
        rows.sources.push_back(to_valid_utf8(module.source()));
        rows.versions.push_back(to_valid_utf8(module.version()));
        rows.keys.push_back(to_valid_utf8(module.key()));
    }
    auto stored = co_await tx.insert_workspace_modules(provisionerd_actor(), rows);
    co_return stored;
}

}  // namespace berth::coderd

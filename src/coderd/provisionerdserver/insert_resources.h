#pragma once

#include <map>
#include <string>

#include "coderd/context.h"
#include "provisioner.pb.h"

namespace berth::coderd {

using Resources = google::protobuf::RepeatedPtrField<provisioner::Resource>;
using Modules = google::protobuf::RepeatedPtrField<provisioner::Module>;

/// What was stored, for what comes after.
struct StoredResources {
    std::int32_t daily_cost = 0;
    /// The id the template knows an app by -> the id it has here.
    std::map<std::string, Uuid> apps;
};

/// Stores what a job made: resources, their metadata, agents with all they have. check_resources() has
/// passed. Agents and apps get identifiers of their own with every build, so that no template can reach
/// another workspace's.
asio::awaitable<Result<StoredResources>> insert_resources(db::Transaction& tx, Uuid job_id,
                                                          db::WorkspaceTransition transition,
                                                          const Resources& resources, base::Time now);
asio::awaitable<Result<void>> insert_modules(db::Transaction& tx, Uuid job_id,
                                             db::WorkspaceTransition transition, const Modules& modules,
                                             base::Time now);

/// One agent with its apps, scripts, metadata, monitors and dev containers.
asio::awaitable<Result<void>> insert_agent(db::Transaction& tx, Uuid resource_id,
                                           const provisioner::Agent& agent, base::Time now,
                                           StoredResources& stored);

using Apps = google::protobuf::RepeatedPtrField<provisioner::App>;
using Scripts = google::protobuf::RepeatedPtrField<provisioner::Script>;
asio::awaitable<Result<void>> insert_apps(db::Transaction& tx, Uuid agent_id, const Apps& apps,
                                          base::Time now, StoredResources& stored);
/// `container_scripts`: dev containers, which are started by hand (no source, not run on start).
asio::awaitable<Result<void>> insert_scripts(
    db::Transaction& tx, Uuid agent_id, const Scripts& scripts,
    const std::vector<std::pair<Uuid, std::string>>& container_scripts, base::Time now);
asio::awaitable<Result<void>> insert_devcontainers(
    db::Transaction& tx, Uuid resource_id, Uuid agent_id, const provisioner::Agent& agent, base::Time now,
    StoredResources& stored, std::vector<std::pair<Uuid, std::string>>& container_scripts);

/// Whether what is the owner's own (secrets) may reach the agent; that of its sub-agents as well.
db::AgentKeyScope key_scope(const provisioner::Agent& agent);

/// A JSON object of text.
std::string environment_json(const std::map<std::string, std::string>& environment);

}  // namespace berth::coderd

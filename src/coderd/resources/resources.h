#pragma once

#include <map>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "db/store.h"
#include "sdk/builds.h"

namespace berth::coderd {

using ResourcesByJob = std::map<Uuid, std::vector<sdk::WorkspaceResource>>;

/// What the builds with these jobs made: resources with their metadata and agents, agents with apps, scripts
/// and log sources. Seven queries in all, however many builds. Builds of workspaces the actor may not see are
/// missing.
asio::awaitable<Result<ResourcesByJob>> resources_of_builds(db::Store& store, const rbac::Actor& actor,
                                                            std::vector<Uuid> job_ids, base::Time now);

/// What importing a template version found.
asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources_of_template_version(
    db::Store& store, const rbac::Actor& actor, Uuid job_id, base::Time now);

/// What a dry run of the version would make.
asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources_of_dry_run(
    db::Store& store, const rbac::Actor& actor, Uuid version_id, Uuid job_id, base::Time now);

}  // namespace berth::coderd

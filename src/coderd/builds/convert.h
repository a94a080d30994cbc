#pragma once

#include <vector>

#include "coderd/context.h"
#include "sdk/builds.h"

namespace berth::coderd {

/// What a workspace is, by its latest build.
sdk::WorkspaceStatus workspace_status(db::ProvisionerJobStatus job, db::WorkspaceTransition transition);

/// Builds as REST shows them, with their jobs and resources; a fixed number of queries however many builds.
/// Builds whose workspace the actor may not see are missing.
asio::awaitable<Result<std::vector<sdk::WorkspaceBuild>>> builds_to_sdk(Context& context,
                                                                        const rbac::Actor& actor,
                                                                        std::vector<db::WorkspaceBuild> rows);
asio::awaitable<Result<sdk::WorkspaceBuild>> build_to_sdk(Context& context, const rbac::Actor& actor,
                                                          db::WorkspaceBuild row);

}  // namespace berth::coderd

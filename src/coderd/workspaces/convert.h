#pragma once

#include <vector>

#include "coderd/context.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

/// Workspaces as REST shows them, with their latest builds; a fixed number of queries however many there are.
asio::awaitable<Result<std::vector<sdk::Workspace>>> workspaces_to_sdk(Context& context,
                                                                       const rbac::Actor& actor, Uuid viewer,
                                                                       std::vector<db::Workspace> rows);
asio::awaitable<Result<sdk::Workspace>> workspace_to_sdk(Context& context, const rbac::Actor& actor,
                                                         Uuid viewer, db::Workspace row);

}  // namespace berth::coderd

#pragma once

#include "coderd/builds/create.h"
#include "coderd/workspaces/create.h"

namespace berth::coderd {

// What the API calls to queue builds: create_build() and create_workspace() in a transaction. Before a start,
// a template whose parameters depend on the answers, or whose tags decide which daemon builds, is asked in
// its own language what they are.

asio::awaitable<Result<db::WorkspaceBuild>> queue_build(Context& context, const rbac::Actor& actor,
                                                        NewBuild build);
asio::awaitable<Result<db::Workspace>> queue_workspace(Context& context, const rbac::Actor& actor,
                                                       NewWorkspace workspace);

}  // namespace berth::coderd

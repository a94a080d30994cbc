#pragma once

#include "coderd/builds/create.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

struct NewWorkspace {
    Uuid owner_id;
    Uuid initiator_id;
    sdk::CreateWorkspaceRequest request;
    /// As in NewBuild.
    std::optional<std::vector<db::TemplateVersionParameter>> definitions;
    std::optional<Tags> tags;
};

/// A workspace and its first build; both or neither. Call inside `store.transaction`.
asio::awaitable<Result<db::Workspace>> create_workspace(db::Transaction& tx, const rbac::Actor& actor,
                                                        const NewWorkspace& workspace, base::Time now);

}  // namespace berth::coderd

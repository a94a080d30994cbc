#pragma once

#include "coderd/builds/create.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

/// What an AI agent shall do in the workspace.
struct NewTask {
    std::string display_name;
    std::string prompt;
};

struct NewWorkspace {
    Uuid owner_id;
    Uuid initiator_id;
    sdk::CreateWorkspaceRequest request;
    /// As in NewBuild.
    std::optional<std::vector<db::TemplateVersionParameter>> definitions;
    std::optional<Tags> tags;
    /// A task of the workspace's name comes with it.
    std::optional<NewTask> task;
};

/// A workspace and its first build; both or neither. Call inside `store.transaction`.
asio::awaitable<Result<db::Workspace>> create_workspace(db::Transaction& tx, const rbac::Actor& actor,
                                                        const NewWorkspace& workspace, base::Time now);

}  // namespace berth::coderd

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/groups.h"
#include "sdk/templates.h"
#include "sdk/users.h"
#include "sdk/workspaces.h"

namespace berth::sdk {

struct WorkspaceUser : MinimalUser {
    WorkspaceRole role{};
};
const TypeInfo& describe(const WorkspaceUser*);

struct WorkspaceGroup : Group {
    WorkspaceRole role{};
};
const TypeInfo& describe(const WorkspaceGroup*);

struct WorkspaceACL {
    std::vector<WorkspaceUser> users;
    std::vector<WorkspaceGroup> group;
};
const TypeInfo& describe(const WorkspaceACL*);

struct UpdateWorkspaceACL {
    std::map<std::string, WorkspaceRole> user_roles;
    std::map<std::string, WorkspaceRole> group_roles;
};
const TypeInfo& describe(const UpdateWorkspaceACL*);

struct WorkspaceSharingSettings {
    bool sharing_disabled = false;
};
const TypeInfo& describe(const WorkspaceSharingSettings*);

struct UpsertWorkspaceAgentPortShareRequest {
    std::string agent_name;
    std::int32_t port = 0;
    WorkspaceAgentPortShareLevel share_level{};
    WorkspaceAgentPortShareProtocol protocol{};
};
const TypeInfo& describe(const UpsertWorkspaceAgentPortShareRequest*);

struct DeleteWorkspaceAgentPortShareRequest {
    std::string agent_name;
    std::int32_t port = 0;
};
const TypeInfo& describe(const DeleteWorkspaceAgentPortShareRequest*);

struct WorkspaceAgentPortShare {
    Uuid workspace_id;
    std::string agent_name;
    std::int32_t port = 0;
    WorkspaceAgentPortShareLevel share_level{};
    WorkspaceAgentPortShareProtocol protocol{};
};
const TypeInfo& describe(const WorkspaceAgentPortShare*);

struct WorkspaceAgentPortShares {
    std::vector<WorkspaceAgentPortShare> shares;
};
const TypeInfo& describe(const WorkspaceAgentPortShares*);

}  // namespace berth::sdk

#include "sdk/workspace_sharing.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceUser*) {
    using T = WorkspaceUser;
    static const TypeInfo info = object("WorkspaceUser", {
        embedded<T, MinimalUser>(),
        field("role", &T::role),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceGroup*) {
    using T = WorkspaceGroup;
    static const TypeInfo info = object("WorkspaceGroup", {
        embedded<T, Group>(),
        field("role", &T::role),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceACL*) {
    using T = WorkspaceACL;
    static const TypeInfo info = object("WorkspaceACL", {
        field("users", &T::users),
        field("group", &T::group),
    });
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceACL*) {
    using T = UpdateWorkspaceACL;
    static const TypeInfo info = object("UpdateWorkspaceACL", {
        field("user_roles", &T::user_roles).omitempty(),
        field("group_roles", &T::group_roles).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceSharingSettings*) {
    using T = WorkspaceSharingSettings;
    static const TypeInfo info = object("WorkspaceSharingSettings", {
        field("sharing_disabled", &T::sharing_disabled),
    });
    return info;
}

const TypeInfo& describe(const UpsertWorkspaceAgentPortShareRequest*) {
    using T = UpsertWorkspaceAgentPortShareRequest;
    static const TypeInfo info = object("UpsertWorkspaceAgentPortShareRequest", {
        field("agent_name", &T::agent_name),
        field("port", &T::port),
        field("share_level", &T::share_level),
        field("protocol", &T::protocol),
    });
    return info;
}

const TypeInfo& describe(const DeleteWorkspaceAgentPortShareRequest*) {
    using T = DeleteWorkspaceAgentPortShareRequest;
    static const TypeInfo info = object("DeleteWorkspaceAgentPortShareRequest", {
        field("agent_name", &T::agent_name),
        field("port", &T::port),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShare*) {
    using T = WorkspaceAgentPortShare;
    static const TypeInfo info = object("WorkspaceAgentPortShare", {
        field("workspace_id", &T::workspace_id),
        field("agent_name", &T::agent_name),
        field("port", &T::port),
        field("share_level", &T::share_level),
        field("protocol", &T::protocol),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShares*) {
    using T = WorkspaceAgentPortShares;
    static const TypeInfo info = object("WorkspaceAgentPortShares", {
        field("shares", &T::shares),
    });
    return info;
}

}  // namespace berth::sdk

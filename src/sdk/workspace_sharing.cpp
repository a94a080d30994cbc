#include "sdk/workspace_sharing.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceUser*) {
    using T = WorkspaceUser;
    static const Field fields[] = {
        embedded<T, MinimalUser>(),
        field("role", &T::role),
    };
    static const TypeInfo info = object("WorkspaceUser", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceGroup*) {
    using T = WorkspaceGroup;
    static const Field fields[] = {
        embedded<T, Group>(),
        field("role", &T::role),
    };
    static const TypeInfo info = object("WorkspaceGroup", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceACL*) {
    using T = WorkspaceACL;
    static const Field fields[] = {
        field("users", &T::users),
        field("group", &T::group),
    };
    static const TypeInfo info = object("WorkspaceACL", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceACL*) {
    using T = UpdateWorkspaceACL;
    static const Field fields[] = {
        field("user_roles", &T::user_roles).omitempty(),
        field("group_roles", &T::group_roles).omitempty(),
    };
    static const TypeInfo info = object("UpdateWorkspaceACL", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceSharingSettings*) {
    using T = WorkspaceSharingSettings;
    static const Field fields[] = {
        field("sharing_disabled", &T::sharing_disabled),
    };
    static const TypeInfo info = object("WorkspaceSharingSettings", fields);
    return info;
}

const TypeInfo& describe(const UpsertWorkspaceAgentPortShareRequest*) {
    using T = UpsertWorkspaceAgentPortShareRequest;
    static const Field fields[] = {
        field("agent_name", &T::agent_name),
        field("port", &T::port),
        field("share_level", &T::share_level),
        field("protocol", &T::protocol),
    };
    static const TypeInfo info = object("UpsertWorkspaceAgentPortShareRequest", fields);
    return info;
}

const TypeInfo& describe(const DeleteWorkspaceAgentPortShareRequest*) {
    using T = DeleteWorkspaceAgentPortShareRequest;
    static const Field fields[] = {
        field("agent_name", &T::agent_name),
        field("port", &T::port),
    };
    static const TypeInfo info = object("DeleteWorkspaceAgentPortShareRequest", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShare*) {
    using T = WorkspaceAgentPortShare;
    static const Field fields[] = {
        field("workspace_id", &T::workspace_id), field("agent_name", &T::agent_name), field("port", &T::port),
        field("share_level", &T::share_level),   field("protocol", &T::protocol),
    };
    static const TypeInfo info = object("WorkspaceAgentPortShare", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentPortShares*) {
    using T = WorkspaceAgentPortShares;
    static const Field fields[] = {
        field("shares", &T::shares),
    };
    static const TypeInfo info = object("WorkspaceAgentPortShares", fields);
    return info;
}

}  // namespace berth::sdk

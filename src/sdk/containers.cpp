#include "sdk/containers.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceAgentDevcontainerStatus*) {
    static constexpr std::string_view values[] = {
        "", "running", "stopped", "starting", "stopping", "deleting", "error", "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAgentDevcontainerStatus", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentContainerPort*) {
    using T = WorkspaceAgentContainerPort;
    static const Field fields[] = {
        field("port", &T::port),
        field("network", &T::network),
        field("host_ip", &T::host_ip).omitempty(),
        field("host_port", &T::host_port).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceAgentContainerPort", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentContainer*) {
    using T = WorkspaceAgentContainer;
    static const Field fields[] = {
        field("created_at", &T::created_at), field("id", &T::id),         field("name", &T::name),
        field("image", &T::image),           field("labels", &T::labels), field("running", &T::running),
        field("ports", &T::ports),           field("status", &T::status), field("volumes", &T::volumes),
    };
    static const TypeInfo info = object("WorkspaceAgentContainer", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentDevcontainerAgent*) {
    using T = WorkspaceAgentDevcontainerAgent;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("directory", &T::directory),
    };
    static const TypeInfo info = object("WorkspaceAgentDevcontainerAgent", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentDevcontainer*) {
    using T = WorkspaceAgentDevcontainer;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("workspace_folder", &T::workspace_folder),
        field("config_path", &T::config_path).omitempty(),
        field("status", &T::status),
        field("dirty", &T::dirty),
        field("container", &T::container).omitempty(),
        field("agent", &T::agent).omitempty(),
        field("error", &T::error).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceAgentDevcontainer", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentListContainersResponse*) {
    using T = WorkspaceAgentListContainersResponse;
    static const Field fields[] = {
        field("devcontainers", &T::devcontainers),
        field("containers", &T::containers),
        field("warnings", &T::warnings).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceAgentListContainersResponse", fields);
    return info;
}

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class WorkspaceAgentDevcontainerStatus : std::uint8_t {
    unset,
    running,
    stopped,
    starting,
    stopping,
    deleting,
    error,
    unknown,
};
const TypeInfo& describe(const WorkspaceAgentDevcontainerStatus*);

struct WorkspaceAgentContainerPort {
    std::uint16_t port = 0;
    std::string network;
    std::string host_ip;
    std::uint16_t host_port = 0;
};
const TypeInfo& describe(const WorkspaceAgentContainerPort*);

struct WorkspaceAgentContainer {
    base::Time created_at = zero_time;
    std::string id;
    std::string name;
    std::string image;
    std::map<std::string, std::string> labels;
    bool running = false;
    std::vector<WorkspaceAgentContainerPort> ports;
    std::string status;
    std::map<std::string, std::string> volumes;
};
const TypeInfo& describe(const WorkspaceAgentContainer*);

struct WorkspaceAgentDevcontainerAgent {
    Uuid id;
    std::string name;
    std::string directory;
};
const TypeInfo& describe(const WorkspaceAgentDevcontainerAgent*);

struct WorkspaceAgentDevcontainer {
    Uuid id;
    std::string name;
    std::string workspace_folder;
    std::string config_path;
    WorkspaceAgentDevcontainerStatus status{};
    bool dirty = false;
    std::optional<WorkspaceAgentContainer> container;
    std::optional<WorkspaceAgentDevcontainerAgent> agent;
    std::string error;
};
const TypeInfo& describe(const WorkspaceAgentDevcontainer*);

struct WorkspaceAgentListContainersResponse {
    std::vector<WorkspaceAgentDevcontainer> devcontainers;
    std::vector<WorkspaceAgentContainer> containers;
    std::vector<std::string> warnings;
};
const TypeInfo& describe(const WorkspaceAgentListContainersResponse*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/apps.h"
#include "sdk/provisioner.h"

namespace berth::sdk {

enum class WorkspaceAgentStatus : std::uint8_t {
    unset,
    connecting,
    connected,
    disconnected,
    timeout,
    unknown,
};
const TypeInfo& describe(const WorkspaceAgentStatus*);

enum class WorkspaceAgentLifecycle : std::uint8_t {
    unset,
    created,
    starting,
    start_timeout,
    start_error,
    ready,
    shutting_down,
    shutdown_timeout,
    shutdown_error,
    off,
    unknown,
};
const TypeInfo& describe(const WorkspaceAgentLifecycle*);

enum class WorkspaceAgentStartupScriptBehavior : std::uint8_t { unset, blocking, non_blocking, unknown };
const TypeInfo& describe(const WorkspaceAgentStartupScriptBehavior*);

enum class DisplayApp : std::uint8_t {
    unset,
    vscode,
    vscode_insiders,
    web_terminal,
    port_forwarding_helper,
    ssh_helper,
    unknown,
};
const TypeInfo& describe(const DisplayApp*);

enum class AgentSubsystem : std::uint8_t { unset, envbox, envbuilder, exectrace, unknown };
const TypeInfo& describe(const AgentSubsystem*);

struct WorkspaceAgentHealth {
    bool healthy = false;
    std::string reason;
};
const TypeInfo& describe(const WorkspaceAgentHealth*);

struct WorkspaceAgentLogSource {
    Uuid workspace_agent_id;
    Uuid id;
    base::Time created_at = zero_time;
    std::string display_name;
    std::string icon;
};
const TypeInfo& describe(const WorkspaceAgentLogSource*);

struct WorkspaceAgentScript {
    Uuid id;
    Uuid log_source_id;
    std::string log_path;
    std::string script;
    std::string cron;
    bool run_on_start = false;
    bool run_on_stop = false;
    bool start_blocks_login = false;
    base::Duration timeout{};
    std::string display_name;
};
const TypeInfo& describe(const WorkspaceAgentScript*);

struct DERPRegion {
    bool preferred = false;
    double latency_ms = 0;
};
const TypeInfo& describe(const DERPRegion*);

struct WorkspaceAgent {
    Uuid id;
    std::optional<Uuid> parent_id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    std::optional<base::Time> first_connected_at;
    std::optional<base::Time> last_connected_at;
    std::optional<base::Time> disconnected_at;
    std::optional<base::Time> started_at;
    std::optional<base::Time> ready_at;
    WorkspaceAgentStatus status{};
    WorkspaceAgentLifecycle lifecycle_state{};
    std::string name;
    Uuid resource_id;
    std::string instance_id;
    std::string architecture;
    std::map<std::string, std::string> environment_variables;
    std::string operating_system;
    std::int32_t logs_length = 0;
    bool logs_overflowed = false;
    std::string directory;
    std::string expanded_directory;
    std::string version;
    std::string api_version;
    std::vector<WorkspaceApp> apps;
    std::map<std::string, DERPRegion> latency;
    std::int32_t connection_timeout_seconds = 0;
    std::string troubleshooting_url;
    std::vector<AgentSubsystem> subsystems;
    WorkspaceAgentHealth health;
    std::vector<DisplayApp> display_apps;
    std::vector<WorkspaceAgentLogSource> log_sources;
    std::vector<WorkspaceAgentScript> scripts;
    WorkspaceAgentStartupScriptBehavior startup_script_behavior{};
};
const TypeInfo& describe(const WorkspaceAgent*);

struct WorkspaceAgentLog {
    std::int64_t id = 0;
    base::Time created_at = zero_time;
    std::string output;
    LogLevel level{};
    Uuid source_id;
};
const TypeInfo& describe(const WorkspaceAgentLog*);

struct WorkspaceAgentMetadataResult {
    base::Time collected_at = zero_time;
    std::int64_t age = 0;
    std::string value;
    std::string error;
};
const TypeInfo& describe(const WorkspaceAgentMetadataResult*);

struct WorkspaceAgentMetadataDescription {
    std::string display_name;
    std::string key;
    std::string script;
    std::int64_t interval = 0;
    std::int64_t timeout = 0;
};
const TypeInfo& describe(const WorkspaceAgentMetadataDescription*);

struct WorkspaceAgentMetadata {
    WorkspaceAgentMetadataResult result;
    WorkspaceAgentMetadataDescription description;
};
const TypeInfo& describe(const WorkspaceAgentMetadata*);

struct WorkspaceAgentListeningPort {
    std::string process_name;
    std::string network;
    std::uint16_t port = 0;
};
const TypeInfo& describe(const WorkspaceAgentListeningPort*);

struct WorkspaceAgentListeningPortsResponse {
    std::vector<WorkspaceAgentListeningPort> ports;
};
const TypeInfo& describe(const WorkspaceAgentListeningPortsResponse*);

struct ExternalAgentCredentials {
    std::string command;
    std::string agent_token;
};
const TypeInfo& describe(const ExternalAgentCredentials*);

struct AgentStatsReportResponse {
    std::int64_t num_comms = 0;
    std::int64_t rx_bytes = 0;
    std::int64_t tx_bytes = 0;
};
const TypeInfo& describe(const AgentStatsReportResponse*);

}  // namespace berth::sdk

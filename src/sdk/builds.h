#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/agents.h"
#include "sdk/parameters.h"
#include "sdk/provisioner.h"
#include "sdk/response.h"

namespace berth::sdk {

enum class WorkspaceTransition : std::uint8_t { unset, start, stop, delete_, unknown };
const TypeInfo& describe(const WorkspaceTransition*);

enum class WorkspaceStatus : std::uint8_t {
    unset,
    pending,
    starting,
    running,
    stopping,
    stopped,
    failed,
    canceling,
    canceled,
    deleting,
    deleted,
    unknown,
};
const TypeInfo& describe(const WorkspaceStatus*);

enum class BuildReason : std::uint8_t {
    unset,
    initiator,
    autostart,
    autostop,
    dormancy,
    dashboard,
    cli,
    ssh_connection,
    vscode_connection,
    jetbrains_connection,
    unknown,
};
const TypeInfo& describe(const BuildReason*);

enum class CreateWorkspaceBuildReason : std::uint8_t {
    unset,
    dashboard,
    cli,
    ssh_connection,
    vscode_connection,
    jetbrains_connection,
    unknown,
};
const TypeInfo& describe(const CreateWorkspaceBuildReason*);

enum class CancelWorkspaceBuildStatus : std::uint8_t { unset, running, pending, unknown };
const TypeInfo& describe(const CancelWorkspaceBuildStatus*);

enum class TimingStage : std::uint8_t {
    unset,
    init,
    plan,
    graph,
    apply,
    start,
    stop,
    cron,
    connect,
    unknown,
};
const TypeInfo& describe(const TimingStage*);

struct WorkspaceResourceMetadata {
    std::string key;
    std::string value;
    bool sensitive = false;
};
const TypeInfo& describe(const WorkspaceResourceMetadata*);

struct WorkspaceResource {
    Uuid id;
    base::Time created_at = zero_time;
    Uuid job_id;
    WorkspaceTransition workspace_transition{};
    std::string type;
    std::string name;
    bool hide = false;
    std::string icon;
    std::vector<WorkspaceAgent> agents;
    std::vector<WorkspaceResourceMetadata> metadata;
    std::int32_t daily_cost = 0;
};
const TypeInfo& describe(const WorkspaceResource*);

struct WorkspaceBuild {
    Uuid id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    Uuid workspace_id;
    std::string workspace_name;
    Uuid workspace_owner_id;
    std::string workspace_owner_name;
    std::string workspace_owner_avatar_url;
    Uuid template_version_id;
    std::string template_version_name;
    std::int32_t build_number = 0;
    WorkspaceTransition transition{};
    Uuid initiator_id;
    std::string initiator_name;
    ProvisionerJob job;
    BuildReason reason{};
    std::vector<WorkspaceResource> resources;
    std::optional<base::Time> deadline;
    std::optional<base::Time> max_deadline;
    WorkspaceStatus status{};
    std::int32_t daily_cost = 0;
    std::optional<MatchedProvisioners> matched_provisioners;
    std::optional<Uuid> template_version_preset_id;
    std::optional<bool> has_ai_task;
    std::optional<bool> has_external_agent;
};
const TypeInfo& describe(const WorkspaceBuild*);

struct WorkspaceBuildsRequest : Pagination {
    Uuid workspace_id;
    base::Time since = zero_time;
};
const TypeInfo& describe(const WorkspaceBuildsRequest*);

struct CreateWorkspaceBuildRequest {
    Uuid template_version_id;
    WorkspaceTransition transition{};
    bool dry_run = false;
    Bytes state;
    bool orphan = false;
    std::vector<WorkspaceBuildParameter> rich_parameter_values;
    ProvisionerLogLevel log_level{};
    Uuid template_version_preset_id;
    CreateWorkspaceBuildReason reason{};
};
const TypeInfo& describe(const CreateWorkspaceBuildRequest*);

struct CancelWorkspaceBuildParams {
    CancelWorkspaceBuildStatus expect_status{};
};
const TypeInfo& describe(const CancelWorkspaceBuildParams*);

struct UpdateWorkspaceBuildStateRequest {
    Bytes state;
};
const TypeInfo& describe(const UpdateWorkspaceBuildStateRequest*);

struct ProvisionerTiming {
    Uuid job_id;
    base::Time started_at = zero_time;
    base::Time ended_at = zero_time;
    TimingStage stage{};
    std::string source;
    std::string action;
    std::string resource;
};
const TypeInfo& describe(const ProvisionerTiming*);

struct AgentScriptTiming {
    base::Time started_at = zero_time;
    base::Time ended_at = zero_time;
    std::int32_t exit_code = 0;
    TimingStage stage{};
    std::string status;
    std::string display_name;
    std::string workspace_agent_id;
    std::string workspace_agent_name;
};
const TypeInfo& describe(const AgentScriptTiming*);

struct AgentConnectionTiming {
    base::Time started_at = zero_time;
    base::Time ended_at = zero_time;
    TimingStage stage{};
    std::string workspace_agent_id;
    std::string workspace_agent_name;
};
const TypeInfo& describe(const AgentConnectionTiming*);

struct WorkspaceBuildTimings {
    std::vector<ProvisionerTiming> provisioner_timings;
    std::vector<AgentScriptTiming> agent_script_timings;
    std::vector<AgentConnectionTiming> agent_connection_timings;
};
const TypeInfo& describe(const WorkspaceBuildTimings*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/apps.h"
#include "sdk/builds.h"
#include "sdk/parameters.h"
#include "sdk/response.h"

namespace berth::sdk {

enum class AutomaticUpdates : std::uint8_t { unset, always, never, unknown };
const TypeInfo& describe(const AutomaticUpdates*);

enum class WorkspaceRole : std::uint8_t { unset, admin, use, unknown };
const TypeInfo& describe(const WorkspaceRole*);

enum class SharedWorkspaceActorType : std::uint8_t { unset, group, user, unknown };
const TypeInfo& describe(const SharedWorkspaceActorType*);

enum class UsageAppName : std::uint8_t { unset, vscode, jetbrains, reconnecting_pty, ssh, unknown };
const TypeInfo& describe(const UsageAppName*);

struct WorkspaceHealth {
    bool healthy = false;
    std::vector<Uuid> failing_agents;
};
const TypeInfo& describe(const WorkspaceHealth*);

struct SharedWorkspaceActor {
    Uuid id;
    SharedWorkspaceActorType actor_type{};
    std::string name;
    std::string avatar_url;
    std::vector<WorkspaceRole> roles;
};
const TypeInfo& describe(const SharedWorkspaceActor*);

struct Workspace {
    Uuid id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    Uuid owner_id;
    std::string owner_name;
    std::string owner_avatar_url;
    Uuid organization_id;
    std::string organization_name;
    Uuid template_id;
    std::string template_name;
    std::string template_display_name;
    std::string template_icon;
    bool template_allow_user_cancel_workspace_jobs = false;
    Uuid template_active_version_id;
    bool template_require_active_version = false;
    bool template_use_classic_parameter_flow = false;
    WorkspaceBuild latest_build;
    std::optional<WorkspaceAppStatus> latest_app_status;
    bool outdated = false;
    std::string name;
    std::optional<std::string> autostart_schedule;
    std::optional<std::int64_t> ttl_ms;
    base::Time last_used_at = zero_time;
    std::optional<base::Time> deleting_at;
    std::optional<base::Time> dormant_at;
    WorkspaceHealth health;
    AutomaticUpdates automatic_updates{};
    bool allow_renames = false;
    bool favorite = false;
    std::optional<base::Time> next_start_at;
    bool is_prebuild = false;
    std::optional<Uuid> task_id;
    std::vector<SharedWorkspaceActor> shared_with;
};
const TypeInfo& describe(const Workspace*);

struct WorkspacesRequest : Pagination {
    std::string q;
};
const TypeInfo& describe(const WorkspacesRequest*);

struct WorkspacesResponse {
    std::vector<Workspace> workspaces;
    std::int64_t count = 0;
};
const TypeInfo& describe(const WorkspacesResponse*);

struct WorkspaceFilter {
    std::string owner;
    std::string template_;
    std::string name;
    std::string status;
    std::int64_t offset = 0;
    std::int64_t limit = 0;
    std::optional<bool> shared;
    std::string shared_with_user;
    std::string shared_with_group;
    std::string q;
};
const TypeInfo& describe(const WorkspaceFilter*);

struct WorkspaceOptions {
    bool include_deleted = false;
};
const TypeInfo& describe(const WorkspaceOptions*);

struct CreateWorkspaceRequest {
    Uuid template_id;
    Uuid template_version_id;
    std::string name;
    std::optional<std::string> autostart_schedule;
    std::optional<std::int64_t> ttl_ms;
    std::vector<WorkspaceBuildParameter> rich_parameter_values;
    AutomaticUpdates automatic_updates{};
    Uuid template_version_preset_id;
};
const TypeInfo& describe(const CreateWorkspaceRequest*);

struct UpdateWorkspaceRequest {
    std::string name;
};
const TypeInfo& describe(const UpdateWorkspaceRequest*);

struct UpdateWorkspaceAutostartRequest {
    std::optional<std::string> schedule;
};
const TypeInfo& describe(const UpdateWorkspaceAutostartRequest*);

struct UpdateWorkspaceTTLRequest {
    std::optional<std::int64_t> ttl_ms;
};
const TypeInfo& describe(const UpdateWorkspaceTTLRequest*);

struct PutExtendWorkspaceRequest {
    base::Time deadline = zero_time;
};
const TypeInfo& describe(const PutExtendWorkspaceRequest*);

struct PostWorkspaceUsageRequest {
    Uuid agent_id;
    UsageAppName app_name{};
};
const TypeInfo& describe(const PostWorkspaceUsageRequest*);

struct UpdateWorkspaceDormancy {
    bool dormant = false;
};
const TypeInfo& describe(const UpdateWorkspaceDormancy*);

struct UpdateWorkspaceAutomaticUpdatesRequest {
    AutomaticUpdates automatic_updates{};
};
const TypeInfo& describe(const UpdateWorkspaceAutomaticUpdatesRequest*);

struct WorkspaceQuota {
    std::int64_t credits_consumed = 0;
    std::int64_t budget = 0;
};
const TypeInfo& describe(const WorkspaceQuota*);

struct ResolveAutostartResponse {
    bool parameter_mismatch = false;
};
const TypeInfo& describe(const ResolveAutostartResponse*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/groups.h"
#include "sdk/provisioner.h"
#include "sdk/users.h"

namespace berth::sdk {

enum class CORSBehavior : std::uint8_t { unset, simple, passthru, unknown };
const TypeInfo& describe(const CORSBehavior*);

enum class TemplateRole : std::uint8_t { unset, admin, use, unknown };
const TypeInfo& describe(const TemplateRole*);

enum class WorkspaceAgentPortShareLevel : std::uint8_t {
    unset,
    owner,
    authenticated,
    organization,
    public_,
    unknown,
};
const TypeInfo& describe(const WorkspaceAgentPortShareLevel*);

enum class WorkspaceAgentPortShareProtocol : std::uint8_t { unset, http, https, unknown };
const TypeInfo& describe(const WorkspaceAgentPortShareProtocol*);

struct TransitionStats {
    std::optional<std::int64_t> p50;
    std::optional<std::int64_t> p95;
};
const TypeInfo& describe(const TransitionStats*);

using TemplateBuildTimeStats = std::map<std::string, TransitionStats>;

struct TemplateAutostartRequirement {
    std::vector<std::string> days_of_week;
};
const TypeInfo& describe(const TemplateAutostartRequirement*);

struct TemplateAutostopRequirement {
    std::vector<std::string> days_of_week;
    std::int64_t weeks = 0;
};
const TypeInfo& describe(const TemplateAutostopRequirement*);

struct Template {
    Uuid id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    Uuid organization_id;
    std::string organization_name;
    std::string organization_display_name;
    std::string organization_icon;
    std::string name;
    std::string display_name;
    ProvisionerType provisioner{};
    Uuid active_version_id;
    std::int64_t active_user_count = 0;
    TemplateBuildTimeStats build_time_stats;
    std::string description;
    bool deprecated = false;
    std::string deprecation_message;
    std::string icon;
    std::int64_t default_ttl_ms = 0;
    std::int64_t activity_bump_ms = 0;
    TemplateAutostopRequirement autostop_requirement;
    TemplateAutostartRequirement autostart_requirement;
    Uuid created_by_id;
    std::string created_by_name;
    bool allow_user_autostart = false;
    bool allow_user_autostop = false;
    bool allow_user_cancel_workspace_jobs = false;
    std::int64_t failure_ttl_ms = 0;
    std::int64_t time_til_dormant_ms = 0;
    std::int64_t time_til_dormant_autodelete_ms = 0;
    bool require_active_version = false;
    WorkspaceAgentPortShareLevel max_port_share_level{};
    CORSBehavior cors_behavior{};
    bool use_classic_parameter_flow = false;
    /// Daemons keep the initialized folder of a version for its next builds.
    bool use_terraform_workspace_cache = false;
};
const TypeInfo& describe(const Template*);

struct TemplateFilter {
    std::string q;
};
const TypeInfo& describe(const TemplateFilter*);

struct CreateTemplateRequest {
    std::string name;
    std::string display_name;
    std::string description;
    std::string icon;
    Uuid template_version_id;
    std::optional<std::int64_t> default_ttl_ms;
    std::optional<std::int64_t> activity_bump_ms;
    std::optional<TemplateAutostopRequirement> autostop_requirement;
    std::optional<TemplateAutostartRequirement> autostart_requirement;
    std::optional<bool> allow_user_cancel_workspace_jobs;
    std::optional<bool> allow_user_autostart;
    std::optional<bool> allow_user_autostop;
    std::optional<std::int64_t> failure_ttl_ms;
    std::optional<std::int64_t> dormant_ttl_ms;
    std::optional<std::int64_t> delete_ttl_ms;
    bool disable_everyone_group_access = false;
    bool require_active_version = false;
    std::optional<WorkspaceAgentPortShareLevel> max_port_share_level;
    std::optional<bool> template_use_classic_parameter_flow;
    std::optional<CORSBehavior> cors_behavior;
};
const TypeInfo& describe(const CreateTemplateRequest*);

struct UpdateTemplateMeta {
    std::string name;
    std::optional<std::string> display_name;
    std::optional<std::string> description;
    std::optional<std::string> icon;
    std::int64_t default_ttl_ms = 0;
    std::int64_t activity_bump_ms = 0;
    std::optional<TemplateAutostopRequirement> autostop_requirement;
    std::optional<TemplateAutostartRequirement> autostart_requirement;
    bool allow_user_autostart = false;
    bool allow_user_autostop = false;
    bool allow_user_cancel_workspace_jobs = false;
    std::int64_t failure_ttl_ms = 0;
    std::int64_t time_til_dormant_ms = 0;
    std::int64_t time_til_dormant_autodelete_ms = 0;
    bool update_workspace_last_used_at = false;
    bool update_workspace_dormant_at = false;
    bool require_active_version = false;
    std::optional<std::string> deprecation_message;
    bool disable_everyone_group_access = false;
    std::optional<WorkspaceAgentPortShareLevel> max_port_share_level;
    std::optional<CORSBehavior> cors_behavior;
    std::optional<bool> use_classic_parameter_flow;
    std::optional<bool> use_terraform_workspace_cache;
};
const TypeInfo& describe(const UpdateTemplateMeta*);

struct UpdateActiveTemplateVersion {
    Uuid id;
};
const TypeInfo& describe(const UpdateActiveTemplateVersion*);

struct TemplateUser : User {
    TemplateRole role{};
};
const TypeInfo& describe(const TemplateUser*);

struct TemplateGroup : Group {
    TemplateRole role{};
};
const TypeInfo& describe(const TemplateGroup*);

struct TemplateACL {
    std::vector<TemplateUser> users;
    std::vector<TemplateGroup> group;
};
const TypeInfo& describe(const TemplateACL*);

struct UpdateTemplateACL {
    std::map<std::string, TemplateRole> user_perms;
    std::map<std::string, TemplateRole> group_perms;
};
const TypeInfo& describe(const UpdateTemplateACL*);

struct ACLAvailable {
    std::vector<ReducedUser> users;
    std::vector<Group> groups;
};
const TypeInfo& describe(const ACLAvailable*);

struct TemplateExample {
    std::string id;
    std::string url;
    std::string name;
    std::string description;
    std::string icon;
    std::vector<std::string> tags;
    std::string markdown;
};
const TypeInfo& describe(const TemplateExample*);

struct InvalidatedPreset {
    std::string template_name;
    std::string template_version_name;
    std::string preset_name;
};
const TypeInfo& describe(const InvalidatedPreset*);

struct InvalidatePresetsResponse {
    std::vector<InvalidatedPreset> invalidated;
};
const TypeInfo& describe(const InvalidatePresetsResponse*);

}  // namespace berth::sdk

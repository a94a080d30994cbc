#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "rbac/resource.h"

namespace berth::rbac {

/// Allows an action, or forbids it (`negate`). No action means every action of the resource.
struct Permission {
    bool negate = false;
    Resource resource = Resource::wildcard;
    std::optional<Action> action = {};
    bool operator==(const Permission&) const = default;
};

/// A named bundle of permissions, built in or custom. Each level covers other objects:
/// `site` all of them, `user` those the holder owns, `organization` those of `organization_id`, and `member`
/// those the holder owns in `organization_id`.
struct Role {
    std::string name;
    std::string display_name;
    /// Set for a role held in one organization.
    std::optional<Uuid> organization_id = {};
    std::vector<Permission> site = {};
    std::vector<Permission> user = {};
    std::vector<Permission> organization = {};
    std::vector<Permission> member = {};
};

/// How the deployment narrows the built-in roles.
struct RoleOptions {
    /// False: owners may not use ssh or apps of other people's workspaces.
    bool owner_workspace_exec = true;
    /// False: nobody may share a workspace.
    bool workspace_sharing = true;
};

namespace role_name {
inline constexpr std::string_view owner = "owner";
inline constexpr std::string_view member = "member";
inline constexpr std::string_view template_admin = "template-admin";
inline constexpr std::string_view user_admin = "user-admin";
inline constexpr std::string_view auditor = "auditor";
inline constexpr std::string_view organization_admin = "organization-admin";
inline constexpr std::string_view organization_member = "organization-member";
inline constexpr std::string_view organization_auditor = "organization-auditor";
inline constexpr std::string_view organization_template_admin = "organization-template-admin";
inline constexpr std::string_view organization_user_admin = "organization-user-admin";
inline constexpr std::string_view organization_workspace_creation_ban = "organization-workspace-creation-ban";
}  // namespace role_name

/// nullopt when no such role is built in.
std::optional<Role> built_in_site_role(std::string_view name, const RoleOptions& options = {});
std::optional<Role> built_in_organization_role(std::string_view name, const Uuid& organization,
                                               const RoleOptions& options = {});
/// The names, in the order people should see them.
std::span<const std::string_view> built_in_site_role_names();
std::span<const std::string_view> built_in_organization_role_names();

/// Whether a holder of the built-in role `holder` may give `role` to others. `custom` says that `role` is not
/// built in.
bool may_assign(std::string_view holder, std::string_view role, bool custom = false);

}  // namespace berth::rbac

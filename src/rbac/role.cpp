#include "rbac/role.h"

#include <algorithm>
#include <array>

namespace berth::rbac {
namespace {

using enum Action;

constexpr std::array site_names{role_name::owner, role_name::template_admin, role_name::user_admin,
                                role_name::auditor, role_name::member};

constexpr std::array organization_names{
    role_name::organization_admin,
    role_name::organization_template_admin,
    role_name::organization_user_admin,
    role_name::organization_auditor,
    role_name::organization_workspace_creation_ban,
    role_name::organization_member,
};

/// What remains possible with a workspace that sleeps: it must be woken by an update before it can run or be
/// used.
constexpr ActionSet dormant_actions{create, read, update, delete_, stop, create_agent, delete_agent};
constexpr ActionSet exec_actions{ssh, application_connect};

/// Kinds that exist inside an organization and are administered there.
constexpr std::array organization_resources{
    Resource::aibridge_interception,
    Resource::assign_org_role,
    Resource::audit_log,
    Resource::connection_log,
    Resource::file,
    Resource::group,
    Resource::group_member,
    Resource::idpsync_settings,
    Resource::organization,
    Resource::organization_member,
    Resource::provisioner_daemon,
    Resource::provisioner_jobs,
    Resource::task,
    Resource::template_,
    Resource::workspace_agent_devcontainers,
    Resource::workspace_agent_resource_monitor,
};

/// Kinds whose permissions are spelled out for each role, because even an owner does not get all of them.
constexpr std::array special_resources{
    Resource::wildcard,    Resource::workspace,   Resource::workspace_dormant, Resource::prebuilt_workspace,
    Resource::user_secret, Resource::usage_event, Resource::boundary_usage,
};

/// Fills a list of permissions, action by action, so that custom roles and built-in ones look alike.
class Grants {
public:
    explicit Grants(std::vector<Permission>& into) : into_(into) {}

    Grants& allow(Resource resource, ActionSet actions) { return add(false, resource, actions); }
    Grants& allow_all(Resource resource) { return allow(resource, valid_actions(resource)); }
    Grants& forbid(Resource resource, ActionSet actions) { return add(true, resource, actions); }

private:
    Grants& add(bool negate, Resource resource, ActionSet actions) {
        for (Action action : all_actions())
            if ((actions & valid_actions(resource)).contains(action))
                into_.push_back({negate, resource, action});
        return *this;
    }
    std::vector<Permission>& into_;
};

ActionSet workspace_actions(const RoleOptions& options) {
    ActionSet actions = valid_actions(Resource::workspace);
    return options.workspace_sharing ? actions : actions - share;
}

Role owner_role(const RoleOptions& options) {
    Role role{.name = std::string(role_name::owner), .display_name = "Owner"};
    Grants site(role.site);
    for (Resource resource : all_resources())
        if (std::find(special_resources.begin(), special_resources.end(), resource) ==
            special_resources.end())
            site.allow_all(resource);
    auto workspace = workspace_actions(options);
    site.allow(Resource::workspace, options.owner_workspace_exec ? workspace : workspace - exec_actions)
        .allow(Resource::workspace_dormant, dormant_actions)
        .allow_all(Resource::prebuilt_workspace);
    return role;
}

Role member_role() {
    Role role{.name = std::string(role_name::member), .display_name = "Member"};
    Grants(role.site)
        .allow(Resource::assign_role, read)
        .allow(Resource::oauth2_app, read)
        .allow(Resource::workspace_proxy, read);
    Grants(role.user)
        .allow(Resource::user, {read, read_personal, update_personal})
        .allow_all(Resource::api_key)
        .allow_all(Resource::file)
        .allow_all(Resource::inbox_notification)
        .allow(Resource::notification_message, read)
        .allow_all(Resource::notification_preference)
        .allow_all(Resource::oauth2_app_code_token)
        .allow_all(Resource::user_secret)
        .allow_all(Resource::webpush_subscription)
        .allow(Resource::aibridge_interception, {create, read, update});
    return role;
}

/// What template administrators may do, on the whole site or in one organization.
void allow_template_administration(Grants grants) {
    grants.allow_all(Resource::template_)
        .allow_all(Resource::file)
        .allow(Resource::workspace, read)
        .allow(Resource::workspace_dormant, read)
        .allow_all(Resource::prebuilt_workspace)
        .allow(Resource::task, read)
        .allow_all(Resource::provisioner_daemon)
        .allow_all(Resource::provisioner_jobs)
        .allow(Resource::organization, read)
        .allow(Resource::organization_member, read)
        .allow(Resource::group, read)
        .allow(Resource::group_member, read);
}

void allow_user_administration(Grants grants) {
    grants.allow(Resource::assign_org_role, {assign, read, unassign})
        .allow(Resource::organization, read)
        .allow_all(Resource::organization_member)
        .allow_all(Resource::group)
        .allow_all(Resource::group_member)
        .allow_all(Resource::idpsync_settings);
}

void allow_auditing(Grants grants) {
    grants.allow(Resource::audit_log, read)
        .allow(Resource::connection_log, read)
        .allow(Resource::template_, {read, view_insights})
        .allow(Resource::organization, read)
        .allow(Resource::organization_member, read)
        .allow(Resource::group, read)
        .allow(Resource::group_member, read)
        .allow(Resource::aibridge_interception, read);
}

Role template_admin_role() {
    Role role{.name = std::string(role_name::template_admin), .display_name = "Template Admin"};
    Grants site(role.site);
    allow_template_administration(site);
    site.allow(Resource::user, read);
    return role;
}

Role user_admin_role() {
    Role role{.name = std::string(role_name::user_admin), .display_name = "User Admin"};
    Grants site(role.site);
    allow_user_administration(site);
    site.allow_all(Resource::assign_role).allow_all(Resource::user);
    return role;
}

Role auditor_role() {
    Role role{.name = std::string(role_name::auditor), .display_name = "Auditor"};
    Grants site(role.site);
    allow_auditing(site);
    site.allow(Resource::user, read)
        .allow(Resource::deployment_config, read)
        .allow(Resource::deployment_stats, read);
    return role;
}

void fill_organization_admin(Role& role, const RoleOptions& options) {
    role.display_name = "Organization Admin";
    Grants organization(role.organization);
    for (Resource resource : organization_resources)
        organization.allow_all(resource);
    organization.allow(Resource::workspace, workspace_actions(options) - exec_actions)
        .allow(Resource::workspace_dormant, dormant_actions)
        .allow_all(Resource::prebuilt_workspace);
}

void fill_organization_member(Role& role, const RoleOptions& options) {
    role.display_name = "Organization Member";
    Grants(role.organization).allow(Resource::organization, read).allow(Resource::assign_org_role, read);
    Grants(role.member)
        .allow(Resource::workspace, workspace_actions(options))
        .allow(Resource::workspace_dormant, dormant_actions)
        .allow_all(Resource::task)
        .allow_all(Resource::file)
        .allow_all(Resource::provisioner_daemon)
        .allow_all(Resource::provisioner_jobs)
        .allow(Resource::organization_member, read)
        .allow(Resource::group_member, read)
        .allow(Resource::workspace_agent_devcontainers, create)
        .allow_all(Resource::workspace_agent_resource_monitor);
}

void fill_workspace_creation_ban(Role& role) {
    role.display_name = "Organization Workspace Creation Ban";
    Grants(role.organization)
        .forbid(Resource::workspace, {create, delete_, create_agent, delete_agent})
        .forbid(Resource::workspace_dormant, {create, delete_, create_agent, delete_agent});
}

}  // namespace

std::optional<Role> built_in_site_role(std::string_view name, const RoleOptions& options) {
    if (name == role_name::owner) return owner_role(options);
    if (name == role_name::member) return member_role();
    if (name == role_name::template_admin) return template_admin_role();
    if (name == role_name::user_admin) return user_admin_role();
    if (name == role_name::auditor) return auditor_role();
    return std::nullopt;
}

std::optional<Role> built_in_organization_role(std::string_view name, const Uuid& organization,
                                               const RoleOptions& options) {
    Role role{.name = std::string(name), .display_name = {}, .organization_id = organization};
    if (name == role_name::organization_admin) {
        fill_organization_admin(role, options);
    } else if (name == role_name::organization_member) {
        fill_organization_member(role, options);
    } else if (name == role_name::organization_auditor) {
        role.display_name = "Organization Auditor";
        allow_auditing(Grants(role.organization));
    } else if (name == role_name::organization_template_admin) {
        role.display_name = "Organization Template Admin";
        allow_template_administration(Grants(role.organization));
    } else if (name == role_name::organization_user_admin) {
        role.display_name = "Organization User Admin";
        allow_user_administration(Grants(role.organization));
    } else if (name == role_name::organization_workspace_creation_ban) {
        fill_workspace_creation_ban(role);
    } else {
        return std::nullopt;
    }
    return role;
}

std::span<const std::string_view> built_in_site_role_names() { return site_names; }

std::span<const std::string_view> built_in_organization_role_names() { return organization_names; }

bool may_assign(std::string_view holder, std::string_view role, bool custom) {
    auto among = [&](const auto& names) {
        return std::find(names.begin(), names.end(), role) != names.end();
    };
    bool of_organization = custom || among(organization_names);
    if (holder == role_name::owner) return of_organization || among(site_names);
    if (holder == role_name::organization_admin) return of_organization;
    // Administrators of users must not be able to lift themselves or others above themselves.
    if (holder == role_name::user_admin)
        return !custom && (role == role_name::member || role == role_name::organization_member);
    if (holder == role_name::organization_user_admin)
        return !custom && role == role_name::organization_member;
    return false;
}

}  // namespace berth::rbac

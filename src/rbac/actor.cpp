#include "rbac/actor.h"

#include <algorithm>

namespace berth::rbac {

void Votes::add(std::span<const Permission> permissions) {
    for (const auto& permission : permissions) {
        ActionSet actions = permission.action ? ActionSet(*permission.action) : ActionSet::all();
        (permission.negate ? deny : allow).add(permission.resource, actions);
    }
}

Actor Actor::user(const Uuid& id, std::string name, std::span<const Role> site_roles,
                  std::span<const OrganizationRoles> memberships, std::vector<Uuid> groups, Scope scope,
                  const RoleOptions& options) {
    Actor actor;
    actor.id_ = id;
    actor.name_ = std::move(name);
    actor.groups_ = std::move(groups);
    actor.scopes_.push_back(std::move(scope));

    auto add_site_role = [&](const Role& role) {
        actor.site_.add(role.site);
        actor.own_.add(role.user);
    };
    add_site_role(*built_in_site_role(role_name::member, options));
    for (const auto& role : site_roles)
        add_site_role(role);

    for (const auto& membership : memberships) {
        Organization organization{membership.organization, {}, actor.own_};
        auto add_role = [&](const Role& role) {
            organization.everything.add(role.organization);
            organization.own.add(role.member);
        };
        add_role(
            *built_in_organization_role(role_name::organization_member, membership.organization, options));
        for (const auto& role : membership.roles)
            // A role of another organization must not count here, whatever list it came in.
            if (!role.organization_id || *role.organization_id == membership.organization) add_role(role);
        actor.organizations_.push_back(std::move(organization));
        actor.groups_.push_back(membership.organization);
    }
    return actor;
}

Actor Actor::within(const Scope& scope) const {
    Actor narrower = *this;
    narrower.scopes_.push_back(scope);
    return narrower;
}

const Actor::Organization* Actor::organization(const Uuid& id) const {
    auto found = std::find_if(organizations_.begin(), organizations_.end(),
                              [&](const Organization& organization) { return organization.id == id; });
    return found == organizations_.end() ? nullptr : &*found;
}

}  // namespace berth::rbac

#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rbac/actor.h"

namespace berth::rbac {

/// "00000000-0000-0000-0000-0000000000NN", for readable failures.
inline Uuid test_id(std::uint8_t number) {
    Uuid id;
    id.bytes[15] = number;
    return id;
}

inline const Uuid test_user = test_id(1);
inline const Uuid test_organization = test_id(0x10);
inline const Uuid other_organization = test_id(0x20);

struct TestUser {
    Uuid id = test_user;
    std::vector<std::string_view> site_roles = {};
    /// Organization roles besides the implied one; a key alone makes a plain member.
    std::map<Uuid, std::vector<std::string_view>> organizations = {};
    std::vector<Uuid> groups = {};
    Scope scope = Scope::all();
    RoleOptions options = {};
};

inline Actor make_actor(const TestUser& user) {
    std::vector<Role> site;
    for (auto name : user.site_roles)
        site.push_back(*built_in_site_role(name, user.options));
    std::vector<OrganizationRoles> memberships;
    for (const auto& [id, names] : user.organizations) {
        OrganizationRoles membership{id};
        for (auto name : names)
            membership.roles.push_back(*built_in_organization_role(name, id, user.options));
        memberships.push_back(std::move(membership));
    }
    return Actor::user(user.id, "tester", site, memberships, user.groups, user.scope, user.options);
}

}  // namespace berth::rbac

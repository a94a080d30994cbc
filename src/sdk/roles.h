#pragma once

#include <map>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

struct Permission {
    bool negate = false;
    std::string resource_type;
    std::string action;
};
const TypeInfo& describe(const Permission*);

struct Role {
    std::string name;
    std::string organization_id;
    std::string display_name;
    std::vector<Permission> site_permissions;
    std::vector<Permission> user_permissions;
    std::vector<Permission> organization_permissions;
    std::vector<Permission> organization_member_permissions;
};
const TypeInfo& describe(const Role*);

struct AssignableRoles : Role {
    bool assignable = false;
    bool built_in = false;
};
const TypeInfo& describe(const AssignableRoles*);

struct CustomRoleRequest {
    std::string name;
    std::string display_name;
    std::vector<Permission> site_permissions;
    std::vector<Permission> user_permissions;
    std::vector<Permission> organization_permissions;
    std::vector<Permission> organization_member_permissions;
};
const TypeInfo& describe(const CustomRoleRequest*);

struct AuthorizationObject {
    std::string resource_type;
    std::string owner_id;
    std::string organization_id;
    std::string resource_id;
    bool any_org = false;
};
const TypeInfo& describe(const AuthorizationObject*);

struct AuthorizationCheck {
    AuthorizationObject object;
    std::string action;
};
const TypeInfo& describe(const AuthorizationCheck*);

struct AuthorizationRequest {
    std::map<std::string, AuthorizationCheck> checks;
};
const TypeInfo& describe(const AuthorizationRequest*);

using AuthorizationResponse = std::map<std::string, bool>;

}  // namespace berth::sdk

#include "sdk/roles.h"

namespace berth::sdk {

const TypeInfo& describe(const Permission*) {
    using T = Permission;
    static const Field fields[] = {
        field("negate", &T::negate),
        field("resource_type", &T::resource_type).of("RBACResource"),
        field("action", &T::action).of("RBACAction"),
    };
    static const TypeInfo info = object("Permission", fields);
    return info;
}

const TypeInfo& describe(const Role*) {
    using T = Role;
    static const Field fields[] = {
        field("name", &T::name).check(Check::username),
        field("organization_id", &T::organization_id).omitempty(),
        field("display_name", &T::display_name),
        field("site_permissions", &T::site_permissions),
        field("user_permissions", &T::user_permissions),
        field("organization_permissions", &T::organization_permissions),
        field("organization_member_permissions", &T::organization_member_permissions),
    };
    static const TypeInfo info = object("Role", fields);
    return info;
}

const TypeInfo& describe(const AssignableRoles*) {
    using T = AssignableRoles;
    static const Field fields[] = {
        embedded<T, Role>(),
        field("assignable", &T::assignable),
        field("built_in", &T::built_in),
    };
    static const TypeInfo info = object("AssignableRoles", fields);
    return info;
}

const TypeInfo& describe(const CustomRoleRequest*) {
    using T = CustomRoleRequest;
    static const Field fields[] = {
        field("name", &T::name).check(Check::username),
        field("display_name", &T::display_name),
        field("site_permissions", &T::site_permissions),
        field("user_permissions", &T::user_permissions),
        field("organization_permissions", &T::organization_permissions),
        field("organization_member_permissions", &T::organization_member_permissions),
    };
    static const TypeInfo info = object("CustomRoleRequest", fields);
    return info;
}

const TypeInfo& describe(const AuthorizationObject*) {
    using T = AuthorizationObject;
    static const Field fields[] = {
        field("resource_type", &T::resource_type).of("RBACResource"),
        field("owner_id", &T::owner_id).omitempty(),
        field("organization_id", &T::organization_id).omitempty(),
        field("resource_id", &T::resource_id).omitempty(),
        field("any_org", &T::any_org).omitempty(),
    };
    static const TypeInfo info = object("AuthorizationObject", fields);
    return info;
}

const TypeInfo& describe(const AuthorizationCheck*) {
    using T = AuthorizationCheck;
    static const Field fields[] = {
        field("object", &T::object),
        field("action", &T::action).of("RBACAction"),
    };
    static const TypeInfo info = object("AuthorizationCheck", fields);
    return info;
}

const TypeInfo& describe(const AuthorizationRequest*) {
    using T = AuthorizationRequest;
    static const Field fields[] = {
        field("checks", &T::checks),
    };
    static const TypeInfo info = object("AuthorizationRequest", fields);
    return info;
}

}  // namespace berth::sdk

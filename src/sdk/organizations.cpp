#include "sdk/organizations.h"

namespace berth::sdk {

const TypeInfo& describe(const MinimalOrganization*) {
    using T = MinimalOrganization;
    static const TypeInfo info = object("MinimalOrganization", {
        field("id", &T::id),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("icon", &T::icon),
    });
    return info;
}

const TypeInfo& describe(const Organization*) {
    using T = Organization;
    static const TypeInfo info = object("Organization", {
        embedded<T, MinimalOrganization>(),
        field("description", &T::description),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("is_default", &T::is_default),
    });
    return info;
}

const TypeInfo& describe(const CreateOrganizationRequest*) {
    using T = CreateOrganizationRequest;
    static const TypeInfo info = object("CreateOrganizationRequest", {
        field("name", &T::name).required().check(Check::organization_name),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty(),
        field("icon", &T::icon).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const UpdateOrganizationRequest*) {
    using T = UpdateOrganizationRequest;
    static const TypeInfo info = object("UpdateOrganizationRequest", {
        field("name", &T::name).omitempty().check(Check::organization_name),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty(),
        field("icon", &T::icon).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const OrganizationMember*) {
    using T = OrganizationMember;
    static const TypeInfo info = object("OrganizationMember", {
        field("user_id", &T::user_id),
        field("organization_id", &T::organization_id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("roles", &T::roles),
    });
    return info;
}

const TypeInfo& describe(const OrganizationMemberWithUserData*) {
    using T = OrganizationMemberWithUserData;
    static const TypeInfo info = object("OrganizationMemberWithUserData", {
        field("username", &T::username),
        field("name", &T::name).omitempty(),
        field("avatar_url", &T::avatar_url).omitempty(),
        field("email", &T::email),
        field("global_roles", &T::global_roles),
        embedded<T, OrganizationMember>(),
    });
    return info;
}

const TypeInfo& describe(const PaginatedMembersRequest*) {
    using T = PaginatedMembersRequest;
    static const TypeInfo info = object("PaginatedMembersRequest", {
        field("limit", &T::limit).omitempty(),
        field("offset", &T::offset).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const PaginatedMembersResponse*) {
    using T = PaginatedMembersResponse;
    static const TypeInfo info = object("PaginatedMembersResponse", {
        field("members", &T::members),
        field("count", &T::count),
    });
    return info;
}

}  // namespace berth::sdk

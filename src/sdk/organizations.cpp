#include "sdk/organizations.h"

namespace berth::sdk {

const TypeInfo& describe(const MinimalOrganization*) {
    using T = MinimalOrganization;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("MinimalOrganization", fields);
    return info;
}

const TypeInfo& describe(const Organization*) {
    using T = Organization;
    static const Field fields[] = {
        embedded<T, MinimalOrganization>(),  field("description", &T::description),
        field("created_at", &T::created_at), field("updated_at", &T::updated_at),
        field("is_default", &T::is_default),
    };
    static const TypeInfo info = object("Organization", fields);
    return info;
}

const TypeInfo& describe(const CreateOrganizationRequest*) {
    using T = CreateOrganizationRequest;
    static const Field fields[] = {
        field("name", &T::name).required().check(Check::organization_name),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty(),
        field("icon", &T::icon).omitempty(),
    };
    static const TypeInfo info = object("CreateOrganizationRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateOrganizationRequest*) {
    using T = UpdateOrganizationRequest;
    static const Field fields[] = {
        field("name", &T::name).omitempty().check(Check::organization_name),
        field("display_name", &T::display_name).omitempty().check(Check::display_name),
        field("description", &T::description).omitempty(),
        field("icon", &T::icon).omitempty(),
    };
    static const TypeInfo info = object("UpdateOrganizationRequest", fields);
    return info;
}

const TypeInfo& describe(const OrganizationMember*) {
    using T = OrganizationMember;
    static const Field fields[] = {
        field("user_id", &T::user_id),       field("organization_id", &T::organization_id),
        field("created_at", &T::created_at), field("updated_at", &T::updated_at),
        field("roles", &T::roles),
    };
    static const TypeInfo info = object("OrganizationMember", fields);
    return info;
}

const TypeInfo& describe(const OrganizationMemberWithUserData*) {
    using T = OrganizationMemberWithUserData;
    static const Field fields[] = {
        field("username", &T::username),
        field("name", &T::name).omitempty(),
        field("avatar_url", &T::avatar_url).omitempty(),
        field("email", &T::email),
        field("global_roles", &T::global_roles),
        embedded<T, OrganizationMember>(),
    };
    static const TypeInfo info = object("OrganizationMemberWithUserData", fields);
    return info;
}

const TypeInfo& describe(const PaginatedMembersRequest*) {
    using T = PaginatedMembersRequest;
    static const Field fields[] = {
        field("limit", &T::limit).omitempty(),
        field("offset", &T::offset).omitempty(),
    };
    static const TypeInfo info = object("PaginatedMembersRequest", fields);
    return info;
}

const TypeInfo& describe(const PaginatedMembersResponse*) {
    using T = PaginatedMembersResponse;
    static const Field fields[] = {
        field("members", &T::members),
        field("count", &T::count),
    };
    static const TypeInfo info = object("PaginatedMembersResponse", fields);
    return info;
}

}  // namespace berth::sdk

#include "sdk/groups.h"

namespace berth::sdk {

const TypeInfo& describe(const GroupSource*) {
    static constexpr std::string_view values[] = {"", "user", "oidc", "unknown"};
    static const TypeInfo info = enumeration("GroupSource", values);
    return info;
}

const TypeInfo& describe(const Group*) {
    using T = Group;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("organization_id", &T::organization_id),
        field("members", &T::members),
        field("total_member_count", &T::total_member_count),
        field("avatar_url", &T::avatar_url),
        field("quota_allowance", &T::quota_allowance),
        field("source", &T::source),
        field("organization_name", &T::organization_name),
        field("organization_display_name", &T::organization_display_name),
    };
    static const TypeInfo info = object("Group", fields);
    return info;
}

const TypeInfo& describe(const CreateGroupRequest*) {
    using T = CreateGroupRequest;
    static const Field fields[] = {
        field("name", &T::name).required().check(Check::group_name),
        field("display_name", &T::display_name).check(Check::display_name),
        field("avatar_url", &T::avatar_url),
        field("quota_allowance", &T::quota_allowance),
    };
    static const TypeInfo info = object("CreateGroupRequest", fields);
    return info;
}

const TypeInfo& describe(const PatchGroupRequest*) {
    using T = PatchGroupRequest;
    static const Field fields[] = {
        field("add_users", &T::add_users),
        field("remove_users", &T::remove_users),
        field("name", &T::name).check(Check::group_name),
        field("display_name", &T::display_name).check(Check::display_name),
        field("avatar_url", &T::avatar_url),
        field("quota_allowance", &T::quota_allowance),
    };
    static const TypeInfo info = object("PatchGroupRequest", fields);
    return info;
}

}  // namespace berth::sdk

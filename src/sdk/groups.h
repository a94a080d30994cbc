#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/users.h"

namespace berth::sdk {

enum class GroupSource : std::uint8_t { unset, user, oidc, unknown };
const TypeInfo& describe(const GroupSource*);

struct Group {
    Uuid id;
    std::string name;
    std::string display_name;
    Uuid organization_id;
    std::vector<ReducedUser> members;
    std::int64_t total_member_count = 0;
    std::string avatar_url;
    std::int64_t quota_allowance = 0;
    GroupSource source{};
    std::string organization_name;
    std::string organization_display_name;
};
const TypeInfo& describe(const Group*);

struct CreateGroupRequest {
    std::string name;
    std::string display_name;
    std::string avatar_url;
    std::int64_t quota_allowance = 0;
};
const TypeInfo& describe(const CreateGroupRequest*);

struct PatchGroupRequest {
    std::vector<std::string> add_users;
    std::vector<std::string> remove_users;
    std::string name;
    std::optional<std::string> display_name;
    std::optional<std::string> avatar_url;
    std::optional<std::int64_t> quota_allowance;
};
const TypeInfo& describe(const PatchGroupRequest*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/users.h"

namespace berth::sdk {

struct MinimalOrganization {
    Uuid id;
    std::string name;
    std::string display_name;
    std::string icon;
};
const TypeInfo& describe(const MinimalOrganization*);

struct Organization : MinimalOrganization {
    std::string description;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    bool is_default = false;
};
const TypeInfo& describe(const Organization*);

struct CreateOrganizationRequest {
    std::string name;
    std::string display_name;
    std::string description;
    std::string icon;
};
const TypeInfo& describe(const CreateOrganizationRequest*);

struct UpdateOrganizationRequest {
    std::string name;
    std::string display_name;
    std::optional<std::string> description;
    std::optional<std::string> icon;
};
const TypeInfo& describe(const UpdateOrganizationRequest*);

struct OrganizationMember {
    Uuid user_id;
    Uuid organization_id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    std::vector<SlimRole> roles;
};
const TypeInfo& describe(const OrganizationMember*);

struct OrganizationMemberWithUserData : OrganizationMember {
    std::string username;
    std::string name;
    std::string avatar_url;
    std::string email;
    std::vector<SlimRole> global_roles;
};
const TypeInfo& describe(const OrganizationMemberWithUserData*);

struct PaginatedMembersRequest {
    std::int64_t limit = 0;
    std::int64_t offset = 0;
};
const TypeInfo& describe(const PaginatedMembersRequest*);

struct PaginatedMembersResponse {
    std::vector<OrganizationMemberWithUserData> members;
    std::int64_t count = 0;
};
const TypeInfo& describe(const PaginatedMembersResponse*);

}  // namespace berth::sdk

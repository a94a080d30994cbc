#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

struct GroupSyncSettings {
    std::string field;
    std::map<std::string, std::vector<Uuid>> mapping;
    std::optional<std::string> regex_filter;
    bool auto_create_missing_groups = false;
    std::map<std::string, std::string> legacy_group_name_mapping;
};
const TypeInfo& describe(const GroupSyncSettings*);

struct PatchGroupIDPSyncConfigRequest {
    std::string field;
    std::optional<std::string> regex_filter;
    bool auto_create_missing_groups = false;
};
const TypeInfo& describe(const PatchGroupIDPSyncConfigRequest*);

struct RoleSyncSettings {
    std::string field;
    std::map<std::string, std::vector<std::string>> mapping;
};
const TypeInfo& describe(const RoleSyncSettings*);

struct PatchRoleIDPSyncConfigRequest {
    std::string field;
};
const TypeInfo& describe(const PatchRoleIDPSyncConfigRequest*);

struct OrganizationSyncSettings {
    std::string field;
    std::map<std::string, std::vector<Uuid>> mapping;
    bool organization_assign_default = false;
};
const TypeInfo& describe(const OrganizationSyncSettings*);

struct PatchOrganizationIDPSyncConfigRequest {
    std::string field;
    bool assign_default = false;
};
const TypeInfo& describe(const PatchOrganizationIDPSyncConfigRequest*);

struct IDPSyncMappingToID {
    std::string given;
    Uuid gets;
};
const TypeInfo& describe(const IDPSyncMappingToID*);

struct IDPSyncMappingToName {
    std::string given;
    std::string gets;
};
const TypeInfo& describe(const IDPSyncMappingToName*);

struct PatchGroupIDPSyncMappingRequest {
    std::vector<IDPSyncMappingToID> add;
    std::vector<IDPSyncMappingToID> remove;
};
const TypeInfo& describe(const PatchGroupIDPSyncMappingRequest*);

struct PatchRoleIDPSyncMappingRequest {
    std::vector<IDPSyncMappingToName> add;
    std::vector<IDPSyncMappingToName> remove;
};
const TypeInfo& describe(const PatchRoleIDPSyncMappingRequest*);

struct PatchOrganizationIDPSyncMappingRequest {
    std::vector<IDPSyncMappingToID> add;
    std::vector<IDPSyncMappingToID> remove;
};
const TypeInfo& describe(const PatchOrganizationIDPSyncMappingRequest*);

}  // namespace berth::sdk

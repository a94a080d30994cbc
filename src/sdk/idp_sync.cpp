#include "sdk/idp_sync.h"

namespace berth::sdk {

const TypeInfo& describe(const GroupSyncSettings*) {
    using T = GroupSyncSettings;
    static const TypeInfo info = object("GroupSyncSettings", {
        field("field", &T::field),
        field("mapping", &T::mapping),
        field("regex_filter", &T::regex_filter),
        field("auto_create_missing_groups", &T::auto_create_missing_groups),
        field("legacy_group_name_mapping", &T::legacy_group_name_mapping).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const PatchGroupIDPSyncConfigRequest*) {
    using T = PatchGroupIDPSyncConfigRequest;
    static const TypeInfo info = object("PatchGroupIDPSyncConfigRequest", {
        field("field", &T::field),
        field("regex_filter", &T::regex_filter),
        field("auto_create_missing_groups", &T::auto_create_missing_groups),
    });
    return info;
}

const TypeInfo& describe(const RoleSyncSettings*) {
    using T = RoleSyncSettings;
    static const TypeInfo info = object("RoleSyncSettings", {
        field("field", &T::field),
        field("mapping", &T::mapping),
    });
    return info;
}

const TypeInfo& describe(const PatchRoleIDPSyncConfigRequest*) {
    using T = PatchRoleIDPSyncConfigRequest;
    static const TypeInfo info = object("PatchRoleIDPSyncConfigRequest", {
        field("field", &T::field),
    });
    return info;
}

const TypeInfo& describe(const OrganizationSyncSettings*) {
    using T = OrganizationSyncSettings;
    static const TypeInfo info = object("OrganizationSyncSettings", {
        field("field", &T::field),
        field("mapping", &T::mapping),
        field("organization_assign_default", &T::organization_assign_default),
    });
    return info;
}

const TypeInfo& describe(const PatchOrganizationIDPSyncConfigRequest*) {
    using T = PatchOrganizationIDPSyncConfigRequest;
    static const TypeInfo info = object("PatchOrganizationIDPSyncConfigRequest", {
        field("field", &T::field),
        field("assign_default", &T::assign_default),
    });
    return info;
}

const TypeInfo& describe(const IDPSyncMappingToID*) {
    using T = IDPSyncMappingToID;
    static const TypeInfo info = object("IDPSyncMappingToID", {
        field("Given", &T::given),
        field("Gets", &T::gets),
    });
    return info;
}

const TypeInfo& describe(const IDPSyncMappingToName*) {
    using T = IDPSyncMappingToName;
    static const TypeInfo info = object("IDPSyncMappingToName", {
        field("Given", &T::given),
        field("Gets", &T::gets),
    });
    return info;
}

const TypeInfo& describe(const PatchGroupIDPSyncMappingRequest*) {
    using T = PatchGroupIDPSyncMappingRequest;
    static const TypeInfo info = object("PatchGroupIDPSyncMappingRequest", {
        field("Add", &T::add),
        field("Remove", &T::remove),
    });
    return info;
}

const TypeInfo& describe(const PatchRoleIDPSyncMappingRequest*) {
    using T = PatchRoleIDPSyncMappingRequest;
    static const TypeInfo info = object("PatchRoleIDPSyncMappingRequest", {
        field("Add", &T::add),
        field("Remove", &T::remove),
    });
    return info;
}

const TypeInfo& describe(const PatchOrganizationIDPSyncMappingRequest*) {
    using T = PatchOrganizationIDPSyncMappingRequest;
    static const TypeInfo info = object("PatchOrganizationIDPSyncMappingRequest", {
        field("Add", &T::add),
        field("Remove", &T::remove),
    });
    return info;
}

}  // namespace berth::sdk

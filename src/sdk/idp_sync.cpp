#include "sdk/idp_sync.h"

namespace berth::sdk {

const TypeInfo& describe(const GroupSyncSettings*) {
    using T = GroupSyncSettings;
    static const Field fields[] = {
        field("field", &T::field),
        field("mapping", &T::mapping),
        field("regex_filter", &T::regex_filter),
        field("auto_create_missing_groups", &T::auto_create_missing_groups),
        field("legacy_group_name_mapping", &T::legacy_group_name_mapping).omitempty(),
    };
    static const TypeInfo info = object("GroupSyncSettings", fields);
    return info;
}

const TypeInfo& describe(const PatchGroupIDPSyncConfigRequest*) {
    using T = PatchGroupIDPSyncConfigRequest;
    static const Field fields[] = {
        field("field", &T::field),
        field("regex_filter", &T::regex_filter),
        field("auto_create_missing_groups", &T::auto_create_missing_groups),
    };
    static const TypeInfo info = object("PatchGroupIDPSyncConfigRequest", fields);
    return info;
}

const TypeInfo& describe(const RoleSyncSettings*) {
    using T = RoleSyncSettings;
    static const Field fields[] = {
        field("field", &T::field),
        field("mapping", &T::mapping),
    };
    static const TypeInfo info = object("RoleSyncSettings", fields);
    return info;
}

const TypeInfo& describe(const PatchRoleIDPSyncConfigRequest*) {
    using T = PatchRoleIDPSyncConfigRequest;
    static const Field fields[] = {
        field("field", &T::field),
    };
    static const TypeInfo info = object("PatchRoleIDPSyncConfigRequest", fields);
    return info;
}

const TypeInfo& describe(const OrganizationSyncSettings*) {
    using T = OrganizationSyncSettings;
    static const Field fields[] = {
        field("field", &T::field),
        field("mapping", &T::mapping),
        field("organization_assign_default", &T::organization_assign_default),
    };
    static const TypeInfo info = object("OrganizationSyncSettings", fields);
    return info;
}

const TypeInfo& describe(const PatchOrganizationIDPSyncConfigRequest*) {
    using T = PatchOrganizationIDPSyncConfigRequest;
    static const Field fields[] = {
        field("field", &T::field),
        field("assign_default", &T::assign_default),
    };
    static const TypeInfo info = object("PatchOrganizationIDPSyncConfigRequest", fields);
    return info;
}

const TypeInfo& describe(const IDPSyncMappingToID*) {
    using T = IDPSyncMappingToID;
    static const Field fields[] = {
        field("Given", &T::given),
        field("Gets", &T::gets),
    };
    static const TypeInfo info = object("IDPSyncMappingToID", fields);
    return info;
}

const TypeInfo& describe(const IDPSyncMappingToName*) {
    using T = IDPSyncMappingToName;
    static const Field fields[] = {
        field("Given", &T::given),
        field("Gets", &T::gets),
    };
    static const TypeInfo info = object("IDPSyncMappingToName", fields);
    return info;
}

const TypeInfo& describe(const PatchGroupIDPSyncMappingRequest*) {
    using T = PatchGroupIDPSyncMappingRequest;
    static const Field fields[] = {
        field("Add", &T::add),
        field("Remove", &T::remove),
    };
    static const TypeInfo info = object("PatchGroupIDPSyncMappingRequest", fields);
    return info;
}

const TypeInfo& describe(const PatchRoleIDPSyncMappingRequest*) {
    using T = PatchRoleIDPSyncMappingRequest;
    static const Field fields[] = {
        field("Add", &T::add),
        field("Remove", &T::remove),
    };
    static const TypeInfo info = object("PatchRoleIDPSyncMappingRequest", fields);
    return info;
}

const TypeInfo& describe(const PatchOrganizationIDPSyncMappingRequest*) {
    using T = PatchOrganizationIDPSyncMappingRequest;
    static const Field fields[] = {
        field("Add", &T::add),
        field("Remove", &T::remove),
    };
    static const TypeInfo info = object("PatchOrganizationIDPSyncMappingRequest", fields);
    return info;
}

}  // namespace berth::sdk

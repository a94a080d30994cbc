#include "sdk/template_versions.h"

namespace berth::sdk {

const TypeInfo& describe(const TemplateVersionWarning*) {
    static constexpr std::string_view values[] = {"", "UNSUPPORTED_WORKSPACES", "unknown"};
    static const TypeInfo info = enumeration("TemplateVersionWarning", values);
    return info;
}

const TypeInfo& describe(const TemplateVersion*) {
    using T = TemplateVersion;
    static const Field fields[] = {
        field("id", &T::id),
        field("template_id", &T::template_id).omitempty(),
        field("organization_id", &T::organization_id).omitempty(),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("name", &T::name),
        field("message", &T::message),
        field("job", &T::job),
        field("readme", &T::readme),
        field("created_by", &T::created_by),
        field("archived", &T::archived),
        field("warnings", &T::warnings).omitempty(),
        field("matched_provisioners", &T::matched_provisioners).omitempty(),
        field("has_external_agent", &T::has_external_agent),
    };
    static const TypeInfo info = object("TemplateVersion", fields);
    return info;
}

const TypeInfo& describe(const TemplateVersionsByTemplateRequest*) {
    using T = TemplateVersionsByTemplateRequest;
    static const Field fields[] = {
        field("template_id", &T::template_id).required(),
        field("include_archived", &T::include_archived),
        embedded<T, Pagination>(),
    };
    static const TypeInfo info = object("TemplateVersionsByTemplateRequest", fields);
    return info;
}

const TypeInfo& describe(const TemplateVersionExternalAuth*) {
    using T = TemplateVersionExternalAuth;
    static const Field fields[] = {
        field("id", &T::id),
        field("type", &T::type),
        field("display_name", &T::display_name),
        field("display_icon", &T::display_icon),
        field("authenticate_url", &T::authenticate_url),
        field("authenticated", &T::authenticated),
        field("optional", &T::optional).omitempty(),
    };
    static const TypeInfo info = object("TemplateVersionExternalAuth", fields);
    return info;
}

const TypeInfo& describe(const CreateTemplateVersionRequest*) {
    using T = CreateTemplateVersionRequest;
    static const Field fields[] = {
        field("name", &T::name).omitempty().check(Check::template_version_name),
        field("message", &T::message).omitempty().at_most(1 << 20),
        field("template_id", &T::template_id).omitempty(),
        field("storage_method", &T::storage_method).required(),
        field("file_id", &T::file_id).omitempty().required_without("example_id"),
        field("example_id", &T::example_id).omitempty().required_without("file_id"),
        field("provisioner", &T::provisioner).required(),
        field("tags", &T::tags),
        field("user_variable_values", &T::user_variable_values).omitempty(),
    };
    static const TypeInfo info = object("CreateTemplateVersionRequest", fields);
    return info;
}

const TypeInfo& describe(const PatchTemplateVersionRequest*) {
    using T = PatchTemplateVersionRequest;
    static const Field fields[] = {
        field("name", &T::name).check(Check::template_version_name),
        field("message", &T::message).omitempty().at_most(1 << 20),
    };
    static const TypeInfo info = object("PatchTemplateVersionRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateTemplateVersionDryRunRequest*) {
    using T = CreateTemplateVersionDryRunRequest;
    static const Field fields[] = {
        field("workspace_name", &T::workspace_name),
        field("rich_parameter_values", &T::rich_parameter_values),
        field("user_variable_values", &T::user_variable_values).omitempty(),
    };
    static const TypeInfo info = object("CreateTemplateVersionDryRunRequest", fields);
    return info;
}

const TypeInfo& describe(const ArchiveTemplateVersionsRequest*) {
    using T = ArchiveTemplateVersionsRequest;
    static const Field fields[] = {
        field("all", &T::all),
    };
    static const TypeInfo info = object("ArchiveTemplateVersionsRequest", fields);
    return info;
}

const TypeInfo& describe(const ArchiveTemplateVersionsResponse*) {
    using T = ArchiveTemplateVersionsResponse;
    static const Field fields[] = {
        field("template_id", &T::template_id),
        field("archived_ids", &T::archived_ids),
    };
    static const TypeInfo info = object("ArchiveTemplateVersionsResponse", fields);
    return info;
}

}  // namespace berth::sdk

#include "sdk/template_versions.h"

namespace berth::sdk {

const TypeInfo& describe(const TemplateVersionWarning*) {
    static constexpr std::string_view values[] = {"", "UNSUPPORTED_WORKSPACES", "unknown"};
    static const TypeInfo info = enumeration("TemplateVersionWarning", values);
    return info;
}

const TypeInfo& describe(const TemplateVersion*) {
    using T = TemplateVersion;
    static const TypeInfo info = object("TemplateVersion", {
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
    });
    return info;
}

const TypeInfo& describe(const TemplateVersionsByTemplateRequest*) {
    using T = TemplateVersionsByTemplateRequest;
    static const TypeInfo info = object("TemplateVersionsByTemplateRequest", {
        field("template_id", &T::template_id).required(),
        field("include_archived", &T::include_archived),
        embedded<T, Pagination>(),
    });
    return info;
}

const TypeInfo& describe(const TemplateVersionExternalAuth*) {
    using T = TemplateVersionExternalAuth;
    static const TypeInfo info = object("TemplateVersionExternalAuth", {
        field("id", &T::id),
        field("type", &T::type),
        field("display_name", &T::display_name),
        field("display_icon", &T::display_icon),
        field("authenticate_url", &T::authenticate_url),
        field("authenticated", &T::authenticated),
        field("optional", &T::optional).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const CreateTemplateVersionRequest*) {
    using T = CreateTemplateVersionRequest;
    static const TypeInfo info = object("CreateTemplateVersionRequest", {
        field("name", &T::name).omitempty().check(Check::template_version_name),
        field("message", &T::message).omitempty().at_most(1 << 20),
        field("template_id", &T::template_id).omitempty(),
        field("storage_method", &T::storage_method).required(),
        field("file_id", &T::file_id).omitempty().required_without("example_id"),
        field("example_id", &T::example_id).omitempty().required_without("file_id"),
        field("provisioner", &T::provisioner).required(),
        field("tags", &T::tags),
        field("user_variable_values", &T::user_variable_values).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const PatchTemplateVersionRequest*) {
    using T = PatchTemplateVersionRequest;
    static const TypeInfo info = object("PatchTemplateVersionRequest", {
        field("name", &T::name).check(Check::template_version_name),
        field("message", &T::message).omitempty().at_most(1 << 20),
    });
    return info;
}

const TypeInfo& describe(const CreateTemplateVersionDryRunRequest*) {
    using T = CreateTemplateVersionDryRunRequest;
    static const TypeInfo info = object("CreateTemplateVersionDryRunRequest", {
        field("workspace_name", &T::workspace_name),
        field("rich_parameter_values", &T::rich_parameter_values),
        field("user_variable_values", &T::user_variable_values).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const ArchiveTemplateVersionsRequest*) {
    using T = ArchiveTemplateVersionsRequest;
    static const TypeInfo info = object("ArchiveTemplateVersionsRequest", {
        field("all", &T::all),
    });
    return info;
}

const TypeInfo& describe(const ArchiveTemplateVersionsResponse*) {
    using T = ArchiveTemplateVersionsResponse;
    static const TypeInfo info = object("ArchiveTemplateVersionsResponse", {
        field("template_id", &T::template_id),
        field("archived_ids", &T::archived_ids),
    });
    return info;
}

}  // namespace berth::sdk

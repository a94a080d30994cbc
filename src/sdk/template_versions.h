#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/parameters.h"
#include "sdk/provisioner.h"
#include "sdk/response.h"
#include "sdk/users.h"

namespace berth::sdk {

enum class TemplateVersionWarning : std::uint8_t { unset, unsupported_workspaces, unknown };
const TypeInfo& describe(const TemplateVersionWarning*);

struct TemplateVersion {
    Uuid id;
    std::optional<Uuid> template_id;
    Uuid organization_id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    std::string name;
    std::string message;
    ProvisionerJob job;
    std::string readme;
    MinimalUser created_by;
    bool archived = false;
    std::vector<TemplateVersionWarning> warnings;
    std::optional<MatchedProvisioners> matched_provisioners;
    bool has_external_agent = false;
};
const TypeInfo& describe(const TemplateVersion*);

struct TemplateVersionsByTemplateRequest : Pagination {
    Uuid template_id;
    bool include_archived = false;
};
const TypeInfo& describe(const TemplateVersionsByTemplateRequest*);

struct TemplateVersionExternalAuth {
    std::string id;
    std::string type;
    std::string display_name;
    std::string display_icon;
    std::string authenticate_url;
    bool authenticated = false;
    bool optional = false;
};
const TypeInfo& describe(const TemplateVersionExternalAuth*);

struct CreateTemplateVersionRequest {
    std::string name;
    std::string message;
    Uuid template_id;
    ProvisionerStorageMethod storage_method{};
    Uuid file_id;
    std::string example_id;
    ProvisionerType provisioner{};
    std::map<std::string, std::string> tags;
    std::vector<VariableValue> user_variable_values;
};
const TypeInfo& describe(const CreateTemplateVersionRequest*);

struct PatchTemplateVersionRequest {
    std::string name;
    std::optional<std::string> message;
};
const TypeInfo& describe(const PatchTemplateVersionRequest*);

struct CreateTemplateVersionDryRunRequest {
    std::string workspace_name;
    std::vector<WorkspaceBuildParameter> rich_parameter_values;
    std::vector<VariableValue> user_variable_values;
};
const TypeInfo& describe(const CreateTemplateVersionDryRunRequest*);

struct ArchiveTemplateVersionsRequest {
    bool all = false;
};
const TypeInfo& describe(const ArchiveTemplateVersionsRequest*);

struct ArchiveTemplateVersionsResponse {
    Uuid template_id;
    std::vector<Uuid> archived_ids;
};
const TypeInfo& describe(const ArchiveTemplateVersionsResponse*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class ValidationMonotonicOrder : std::uint8_t { unset, increasing, decreasing, unknown };
const TypeInfo& describe(const ValidationMonotonicOrder*);

struct TemplateVersionParameterOption {
    std::string name;
    std::string description;
    std::string value;
    std::string icon;
};
const TypeInfo& describe(const TemplateVersionParameterOption*);

struct TemplateVersionParameter {
    std::string name;
    std::string display_name;
    std::string description;
    std::string description_plaintext;
    std::string type;
    std::string form_type;
    bool mutable_ = false;
    std::string default_value;
    std::string icon;
    std::vector<TemplateVersionParameterOption> options;
    std::string validation_error;
    std::string validation_regex;
    std::optional<std::int32_t> validation_min;
    std::optional<std::int32_t> validation_max;
    ValidationMonotonicOrder validation_monotonic{};
    bool required = false;
    bool ephemeral = false;
};
const TypeInfo& describe(const TemplateVersionParameter*);

struct TemplateVersionVariable {
    std::string name;
    std::string description;
    std::string type;
    std::string value;
    std::string default_value;
    bool required = false;
    bool sensitive = false;
};
const TypeInfo& describe(const TemplateVersionVariable*);

struct VariableValue {
    std::string name;
    std::string value;
};
const TypeInfo& describe(const VariableValue*);

struct WorkspaceBuildParameter {
    std::string name;
    std::string value;
};
const TypeInfo& describe(const WorkspaceBuildParameter*);

struct PresetParameter {
    std::string name;
    std::string value;
};
const TypeInfo& describe(const PresetParameter*);

/// A named set of parameter values of a template version. Its JSON names are capitalized.
struct Preset {
    Uuid id;
    std::string name;
    std::vector<PresetParameter> parameters;
    bool default_ = false;
    std::optional<std::int64_t> desired_prebuild_instances;
    std::string description;
    std::string icon;
};
const TypeInfo& describe(const Preset*);

enum class OptionType : std::uint8_t { unset, string, number, bool_, list_of_string, unknown };
const TypeInfo& describe(const OptionType*);

enum class ParameterFormType : std::uint8_t {
    unset,
    radio,
    slider,
    input,
    dropdown,
    checkbox,
    switch_,
    multi_select,
    tag_select,
    textarea,
    error,
    unknown,
};
const TypeInfo& describe(const ParameterFormType*);

enum class DiagnosticSeverityString : std::uint8_t { unset, error, warning, unknown };
const TypeInfo& describe(const DiagnosticSeverityString*);

struct DiagnosticExtra {
    std::string code;
};
const TypeInfo& describe(const DiagnosticExtra*);

struct FriendlyDiagnostic {
    DiagnosticSeverityString severity{};
    std::string summary;
    std::string detail;
    DiagnosticExtra extra;
};
const TypeInfo& describe(const FriendlyDiagnostic*);

/// A value that Terraform may not know yet.
struct NullHCLString {
    std::string value;
    bool valid = false;
};
const TypeInfo& describe(const NullHCLString*);

struct PreviewParameterStyling {
    std::optional<std::string> placeholder;
    std::optional<bool> disabled;
    std::optional<std::string> label;
    std::optional<bool> mask_input;
};
const TypeInfo& describe(const PreviewParameterStyling*);

struct PreviewParameterOption {
    std::string name;
    std::string description;
    NullHCLString value;
    std::string icon;
};
const TypeInfo& describe(const PreviewParameterOption*);

struct PreviewParameterValidation {
    std::string validation_error;
    std::optional<std::string> validation_regex;
    std::optional<std::int64_t> validation_min;
    std::optional<std::int64_t> validation_max;
    std::optional<std::string> validation_monotonic;
};
const TypeInfo& describe(const PreviewParameterValidation*);

struct PreviewParameterData {
    std::string name;
    std::string display_name;
    std::string description;
    OptionType type{};
    ParameterFormType form_type{};
    PreviewParameterStyling styling;
    bool mutable_ = false;
    NullHCLString default_value;
    std::string icon;
    std::vector<PreviewParameterOption> options;
    std::vector<PreviewParameterValidation> validations;
    bool required = false;
    std::int64_t order = 0;
    bool ephemeral = false;
};
const TypeInfo& describe(const PreviewParameterData*);

struct PreviewParameter : PreviewParameterData {
    NullHCLString value;
    std::vector<FriendlyDiagnostic> diagnostics;
};
const TypeInfo& describe(const PreviewParameter*);

struct DynamicParametersRequest {
    std::int64_t id = 0;
    std::map<std::string, std::string> inputs;
    Uuid owner_id;
};
const TypeInfo& describe(const DynamicParametersRequest*);

struct DynamicParametersResponse {
    std::int64_t id = 0;
    std::vector<FriendlyDiagnostic> diagnostics;
    std::vector<PreviewParameter> parameters;
};
const TypeInfo& describe(const DynamicParametersResponse*);

}  // namespace berth::sdk

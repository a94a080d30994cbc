#include "sdk/parameters.h"

namespace berth::sdk {

const TypeInfo& describe(const ValidationMonotonicOrder*) {
    static constexpr std::string_view values[] = {"", "increasing", "decreasing", "unknown"};
    static const TypeInfo info = enumeration("ValidationMonotonicOrder", values);
    return info;
}

const TypeInfo& describe(const TemplateVersionParameterOption*) {
    using T = TemplateVersionParameterOption;
    static const Field fields[] = {
        field("name", &T::name),
        field("description", &T::description),
        field("value", &T::value),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("TemplateVersionParameterOption", fields);
    return info;
}

const TypeInfo& describe(const TemplateVersionParameter*) {
    using T = TemplateVersionParameter;
    static const Field fields[] = {
        field("name", &T::name),
        field("display_name", &T::display_name).omitempty(),
        field("description", &T::description),
        field("description_plaintext", &T::description_plaintext),
        field("type", &T::type),
        field("form_type", &T::form_type),
        field("mutable", &T::mutable_),
        field("default_value", &T::default_value),
        field("icon", &T::icon),
        field("options", &T::options),
        field("validation_error", &T::validation_error).omitempty(),
        field("validation_regex", &T::validation_regex).omitempty(),
        field("validation_min", &T::validation_min).omitempty(),
        field("validation_max", &T::validation_max).omitempty(),
        field("validation_monotonic", &T::validation_monotonic).omitempty(),
        field("required", &T::required),
        field("ephemeral", &T::ephemeral),
    };
    static const TypeInfo info = object("TemplateVersionParameter", fields);
    return info;
}

const TypeInfo& describe(const TemplateVersionVariable*) {
    using T = TemplateVersionVariable;
    static const Field fields[] = {
        field("name", &T::name),
        field("description", &T::description),
        field("type", &T::type),
        field("value", &T::value),
        field("default_value", &T::default_value),
        field("required", &T::required),
        field("sensitive", &T::sensitive),
    };
    static const TypeInfo info = object("TemplateVersionVariable", fields);
    return info;
}

const TypeInfo& describe(const VariableValue*) {
    using T = VariableValue;
    static const Field fields[] = {
        field("name", &T::name),
        field("value", &T::value),
    };
    static const TypeInfo info = object("VariableValue", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceBuildParameter*) {
    using T = WorkspaceBuildParameter;
    static const Field fields[] = {
        field("name", &T::name),
        field("value", &T::value),
    };
    static const TypeInfo info = object("WorkspaceBuildParameter", fields);
    return info;
}

const TypeInfo& describe(const PresetParameter*) {
    using T = PresetParameter;
    static const Field fields[] = {
        field("Name", &T::name),
        field("Value", &T::value),
    };
    static const TypeInfo info = object("PresetParameter", fields);
    return info;
}

const TypeInfo& describe(const Preset*) {
    using T = Preset;
    static const Field fields[] = {
        field("ID", &T::id),
        field("Name", &T::name),
        field("Parameters", &T::parameters),
        field("Default", &T::default_),
        field("DesiredPrebuildInstances", &T::desired_prebuild_instances),
        field("Description", &T::description),
        field("Icon", &T::icon),
    };
    static const TypeInfo info = object("Preset", fields);
    return info;
}

const TypeInfo& describe(const OptionType*) {
    static constexpr std::string_view values[] = {"", "string", "number", "bool", "list(string)", "unknown"};
    static const TypeInfo info = enumeration("OptionType", values);
    return info;
}

const TypeInfo& describe(const ParameterFormType*) {
    static constexpr std::string_view values[] = {
        "",       "radio",        "slider",     "input",    "dropdown", "checkbox",
        "switch", "multi-select", "tag-select", "textarea", "error",    "unknown",
    };
    static const TypeInfo info = enumeration("ParameterFormType", values);
    return info;
}

const TypeInfo& describe(const DiagnosticSeverityString*) {
    static constexpr std::string_view values[] = {"", "error", "warning", "unknown"};
    static const TypeInfo info = enumeration("DiagnosticSeverityString", values);
    return info;
}

const TypeInfo& describe(const DiagnosticExtra*) {
    using T = DiagnosticExtra;
    static const Field fields[] = {
        field("code", &T::code),
    };
    static const TypeInfo info = object("DiagnosticExtra", fields);
    return info;
}

const TypeInfo& describe(const FriendlyDiagnostic*) {
    using T = FriendlyDiagnostic;
    static const Field fields[] = {
        field("severity", &T::severity),
        field("summary", &T::summary),
        field("detail", &T::detail),
        field("extra", &T::extra),
    };
    static const TypeInfo info = object("FriendlyDiagnostic", fields);
    return info;
}

const TypeInfo& describe(const NullHCLString*) {
    using T = NullHCLString;
    static const Field fields[] = {
        field("value", &T::value),
        field("valid", &T::valid),
    };
    static const TypeInfo info = object("NullHCLString", fields);
    return info;
}

const TypeInfo& describe(const PreviewParameterStyling*) {
    using T = PreviewParameterStyling;
    static const Field fields[] = {
        field("placeholder", &T::placeholder).omitempty(),
        field("disabled", &T::disabled).omitempty(),
        field("label", &T::label).omitempty(),
        field("mask_input", &T::mask_input).omitempty(),
    };
    static const TypeInfo info = object("PreviewParameterStyling", fields);
    return info;
}

const TypeInfo& describe(const PreviewParameterOption*) {
    using T = PreviewParameterOption;
    static const Field fields[] = {
        field("name", &T::name),
        field("description", &T::description),
        field("value", &T::value),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("PreviewParameterOption", fields);
    return info;
}

const TypeInfo& describe(const PreviewParameterValidation*) {
    using T = PreviewParameterValidation;
    static const Field fields[] = {
        field("validation_error", &T::validation_error),
        field("validation_regex", &T::validation_regex),
        field("validation_min", &T::validation_min),
        field("validation_max", &T::validation_max),
        field("validation_monotonic", &T::validation_monotonic),
    };
    static const TypeInfo info = object("PreviewParameterValidation", fields);
    return info;
}

const TypeInfo& describe(const PreviewParameterData*) {
    using T = PreviewParameterData;
    static const Field fields[] = {
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("description", &T::description),
        field("type", &T::type),
        field("form_type", &T::form_type),
        field("styling", &T::styling),
        field("mutable", &T::mutable_),
        field("default_value", &T::default_value),
        field("icon", &T::icon),
        field("options", &T::options),
        field("validations", &T::validations),
        field("required", &T::required),
        field("order", &T::order),
        field("ephemeral", &T::ephemeral),
    };
    static const TypeInfo info = object("PreviewParameterData", fields);
    return info;
}

const TypeInfo& describe(const PreviewParameter*) {
    using T = PreviewParameter;
    static const Field fields[] = {
        embedded<T, PreviewParameterData>(),
        field("value", &T::value),
        field("diagnostics", &T::diagnostics),
    };
    static const TypeInfo info = object("PreviewParameter", fields);
    return info;
}

const TypeInfo& describe(const DynamicParametersRequest*) {
    using T = DynamicParametersRequest;
    static const Field fields[] = {
        field("id", &T::id),
        field("inputs", &T::inputs),
        field("owner_id", &T::owner_id).omitempty(),
    };
    static const TypeInfo info = object("DynamicParametersRequest", fields);
    return info;
}

const TypeInfo& describe(const DynamicParametersResponse*) {
    using T = DynamicParametersResponse;
    static const Field fields[] = {
        field("id", &T::id),
        field("diagnostics", &T::diagnostics),
        field("parameters", &T::parameters),
    };
    static const TypeInfo info = object("DynamicParametersResponse", fields);
    return info;
}

}  // namespace berth::sdk

#include "sdk/parameters.h"

namespace berth::sdk {

const TypeInfo& describe(const ValidationMonotonicOrder*) {
    static constexpr std::string_view values[] = {"", "increasing", "decreasing", "unknown"};
    static const TypeInfo info = enumeration("ValidationMonotonicOrder", values);
    return info;
}

const TypeInfo& describe(const TemplateVersionParameterOption*) {
    using T = TemplateVersionParameterOption;
    static const TypeInfo info = object("TemplateVersionParameterOption", {
        field("name", &T::name),
        field("description", &T::description),
        field("value", &T::value),
        field("icon", &T::icon),
    });
    return info;
}

const TypeInfo& describe(const TemplateVersionParameter*) {
    using T = TemplateVersionParameter;
    static const TypeInfo info = object("TemplateVersionParameter", {
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
    });
    return info;
}

const TypeInfo& describe(const TemplateVersionVariable*) {
    using T = TemplateVersionVariable;
    static const TypeInfo info = object("TemplateVersionVariable", {
        field("name", &T::name),
        field("description", &T::description),
        field("type", &T::type),
        field("value", &T::value),
        field("default_value", &T::default_value),
        field("required", &T::required),
        field("sensitive", &T::sensitive),
    });
    return info;
}

const TypeInfo& describe(const VariableValue*) {
    using T = VariableValue;
    static const TypeInfo info = object("VariableValue", {
        field("name", &T::name),
        field("value", &T::value),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceBuildParameter*) {
    using T = WorkspaceBuildParameter;
    static const TypeInfo info = object("WorkspaceBuildParameter", {
        field("name", &T::name),
        field("value", &T::value),
    });
    return info;
}

const TypeInfo& describe(const PresetParameter*) {
    using T = PresetParameter;
    static const TypeInfo info = object("PresetParameter", {
        field("Name", &T::name),
        field("Value", &T::value),
    });
    return info;
}

const TypeInfo& describe(const Preset*) {
    using T = Preset;
    static const TypeInfo info = object("Preset", {
        field("ID", &T::id),
        field("Name", &T::name),
        field("Parameters", &T::parameters),
        field("Default", &T::default_),
        field("DesiredPrebuildInstances", &T::desired_prebuild_instances),
        field("Description", &T::description),
        field("Icon", &T::icon),
    });
    return info;
}

const TypeInfo& describe(const OptionType*) {
    static constexpr std::string_view values[] = {"", "string", "number", "bool", "list(string)", "unknown"};
    static const TypeInfo info = enumeration("OptionType", values);
    return info;
}

const TypeInfo& describe(const ParameterFormType*) {
    static constexpr std::string_view values[] = {
        "", "radio", "slider", "input", "dropdown", "checkbox", "switch", "multi-select", "tag-select",
        "textarea", "error", "unknown",
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
    static const TypeInfo info = object("DiagnosticExtra", {
        field("code", &T::code),
    });
    return info;
}

const TypeInfo& describe(const FriendlyDiagnostic*) {
    using T = FriendlyDiagnostic;
    static const TypeInfo info = object("FriendlyDiagnostic", {
        field("severity", &T::severity),
        field("summary", &T::summary),
        field("detail", &T::detail),
        field("extra", &T::extra),
    });
    return info;
}

const TypeInfo& describe(const NullHCLString*) {
    using T = NullHCLString;
    static const TypeInfo info = object("NullHCLString", {
        field("value", &T::value),
        field("valid", &T::valid),
    });
    return info;
}

const TypeInfo& describe(const PreviewParameterStyling*) {
    using T = PreviewParameterStyling;
    static const TypeInfo info = object("PreviewParameterStyling", {
        field("placeholder", &T::placeholder).omitempty(),
        field("disabled", &T::disabled).omitempty(),
        field("label", &T::label).omitempty(),
        field("mask_input", &T::mask_input).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const PreviewParameterOption*) {
    using T = PreviewParameterOption;
    static const TypeInfo info = object("PreviewParameterOption", {
        field("name", &T::name),
        field("description", &T::description),
        field("value", &T::value),
        field("icon", &T::icon),
    });
    return info;
}

const TypeInfo& describe(const PreviewParameterValidation*) {
    using T = PreviewParameterValidation;
    static const TypeInfo info = object("PreviewParameterValidation", {
        field("validation_error", &T::validation_error),
        field("validation_regex", &T::validation_regex),
        field("validation_min", &T::validation_min),
        field("validation_max", &T::validation_max),
        field("validation_monotonic", &T::validation_monotonic),
    });
    return info;
}

const TypeInfo& describe(const PreviewParameterData*) {
    using T = PreviewParameterData;
    static const TypeInfo info = object("PreviewParameterData", {
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
    });
    return info;
}

const TypeInfo& describe(const PreviewParameter*) {
    using T = PreviewParameter;
    static const TypeInfo info = object("PreviewParameter", {
        embedded<T, PreviewParameterData>(),
        field("value", &T::value),
        field("diagnostics", &T::diagnostics),
    });
    return info;
}

const TypeInfo& describe(const DynamicParametersRequest*) {
    using T = DynamicParametersRequest;
    static const TypeInfo info = object("DynamicParametersRequest", {
        field("id", &T::id),
        field("inputs", &T::inputs),
        field("owner_id", &T::owner_id).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const DynamicParametersResponse*) {
    using T = DynamicParametersResponse;
    static const TypeInfo info = object("DynamicParametersResponse", {
        field("id", &T::id),
        field("diagnostics", &T::diagnostics),
        field("parameters", &T::parameters),
    });
    return info;
}

}  // namespace berth::sdk

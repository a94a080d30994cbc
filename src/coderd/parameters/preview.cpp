#include "coderd/parameters/preview.h"

#include "coderd/parameters/form_type.h"

namespace berth::coderd {
namespace {

sdk::NullHCLString hcl_string(const std::optional<std::string>& value) {
    sdk::NullHCLString out;
    out.valid = value.has_value();
    out.value = value.value_or("");
    return out;
}

void fill_validation(const provisioner::RichParameter& definition, sdk::PreviewParameter& out) {
    bool any = !definition.validation_regex().empty() || !definition.validation_monotonic().empty() ||
               definition.has_validation_min() || definition.has_validation_max();
    if (!any) return;
    auto& validation = out.validations.emplace_back();
    validation.validation_error = definition.validation_error();
    if (!definition.validation_regex().empty()) validation.validation_regex = definition.validation_regex();
    if (definition.has_validation_min()) validation.validation_min = definition.validation_min();
    if (definition.has_validation_max()) validation.validation_max = definition.validation_max();
    if (!definition.validation_monotonic().empty())
        validation.validation_monotonic = definition.validation_monotonic();
}

sdk::PreviewParameter preview_parameter(const EvaluatedParameter& parameter) {
    const auto& definition = parameter.definition;
    sdk::PreviewParameter out;
    out.name = definition.name();
    out.display_name = definition.display_name();
    out.description = definition.description();
    out.type = sdk::parse_enum<sdk::OptionType>(definition.type()).value_or(sdk::OptionType::string);
    out.form_type = sdk::parse_enum<sdk::ParameterFormType>(form_type_name(definition.form_type()))
                        .value_or(sdk::ParameterFormType::input);
    // What a newer provider may add to it is not ours to refuse.
    auto styling = sdk::decode_response<sdk::PreviewParameterStyling>(
        parameter.styling.empty() ? "{}" : parameter.styling);
    if (styling) out.styling = std::move(*styling);
    out.mutable_ = definition.mutable_();
    if (!definition.required()) out.default_value = hcl_string(definition.default_value());
    out.icon = definition.icon();
    for (const auto& option : definition.options()) {
        auto& shown = out.options.emplace_back();
        shown.name = option.name();
        shown.description = option.description();
        shown.value = hcl_string(option.value());
        shown.icon = option.icon();
    }
    fill_validation(definition, out);
    out.required = definition.required();
    out.order = definition.order();
    out.ephemeral = definition.ephemeral();
    out.value = hcl_string(parameter.value);
    for (const auto& problem : parameter.problems)
        out.diagnostics.push_back(preview_diagnostic(problem));
    return out;
}

}  // namespace

void fill_preview(const Evaluation& evaluation, sdk::DynamicParametersResponse& response) {
    for (const auto& parameter : evaluation.parameters)
        response.parameters.push_back(preview_parameter(parameter));
    for (const auto& problem : evaluation.problems)
        response.diagnostics.push_back(preview_diagnostic(problem));
}

sdk::FriendlyDiagnostic preview_diagnostic(const ParameterProblem& problem) {
    sdk::FriendlyDiagnostic out;
    out.severity =
        problem.error ? sdk::DiagnosticSeverityString::error : sdk::DiagnosticSeverityString::warning;
    out.summary = problem.summary;
    out.detail = problem.detail;
    out.extra.code = problem.code;
    return out;
}

}  // namespace berth::coderd

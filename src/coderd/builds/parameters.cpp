#include "coderd/builds/parameters.h"

#include <algorithm>

#include <boost/json.hpp>
#include <re2/re2.h>

#include "base/go_values.h"
#include "base/text.h"
#include "coderd/parameters/form_type.h"

namespace berth::coderd {
namespace {

const std::string* find(const ParameterValues& values, const std::string& name) {
    auto it = values.find(name);
    return it == values.end() ? nullptr : &it->second;
}

std::vector<std::string> option_values(const std::string& json) {
    std::vector<std::string> values;
    boost::system::error_code error;
    auto parsed = boost::json::parse(json, error);
    if (error || !parsed.is_array()) return values;
    for (const auto& option : parsed.as_array()) {
        if (!option.is_object()) continue;
        const auto* value = option.as_object().if_contains("value");
        if (value != nullptr && value->is_string()) values.emplace_back(value->as_string());
    }
    return values;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

/// As Go's regexp.MatchString, whose syntax and linear time RE2 shares. An expression it cannot take is left
/// to the provider, which checks again during the plan.
bool matches(const std::string& expression, const std::string& value) {
    if (expression.empty()) return true;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    RE2 compiled(expression, options);
    return !compiled.ok() || RE2::PartialMatch(value, compiled);
}

/// The template's own words about a refused value, which may name it and its limits.
std::string in_own_words(const db::TemplateVersionParameter& definition, const std::string& value,
                         std::string otherwise) {
    if (definition.validation_error.empty()) return otherwise;
    auto text = base::replace_all(definition.validation_error, "{min}",
                                  std::to_string(definition.validation_min.value_or(0)));
    text = base::replace_all(std::move(text), "{max}", std::to_string(definition.validation_max.value_or(0)));
    return base::replace_all(std::move(text), "{value}", value);
}

/// Only a number with a `validation` block must be a whole one.
bool is_limited(const db::TemplateVersionParameter& definition) {
    return definition.validation_min || definition.validation_max ||
           !definition.validation_monotonic.empty() || !definition.validation_error.empty();
}

std::string limit_complaint(const db::TemplateVersionParameter& definition, const std::string& value,
                            const std::string* before) {
    auto number = base::parse_go_int(value);
    if (!number) return in_own_words(definition, value, "must be a whole number");
    if (definition.validation_min && *number < *definition.validation_min)
        return in_own_words(definition, value,
                            "must be at least " + std::to_string(*definition.validation_min));
    if (definition.validation_max && *number > *definition.validation_max)
        return in_own_words(definition, value,
                            "must be at most " + std::to_string(*definition.validation_max));
    auto previous = before != nullptr ? base::parse_go_int(*before) : std::nullopt;
    if (!previous) return "";
    if (definition.validation_monotonic == "increasing" && *number < *previous)
        return "may only grow: it was " + *before;
    if (definition.validation_monotonic == "decreasing" && *number > *previous)
        return "may only shrink: it was " + *before;
    return "";
}

/// A JSON list of texts, each one of the options when there are any.
std::string list_complaint(const std::vector<std::string>& options, const std::string& value) {
    boost::system::error_code error;
    auto parsed = boost::json::parse(value, error);
    if (error || !parsed.is_array()) return "must be a JSON list of texts";
    for (const auto& item : parsed.as_array()) {
        if (!item.is_string()) return "must be a JSON list of texts";
        if (!options.empty() && !contains(options, std::string(item.as_string())))
            return "holds a value that is not one of the options";
    }
    return "";
}

/// What its `validation` block says.
std::string validation_complaint(const db::TemplateVersionParameter& definition, const std::string& value,
                                 const std::string* before) {
    if (definition.type == "number" && is_limited(definition))
        return limit_complaint(definition, value, before);
    if (definition.type == "string" && !matches(definition.validation_regex, value))
        return definition.validation_error.empty() ? "must match " + definition.validation_regex
                                                   : definition.validation_error;
    return "";
}

std::string type_complaint(const db::TemplateVersionParameter& definition, const std::string& value) {
    if (definition.type == "number" && !base::is_go_float(value)) return "must be a number";
    if (definition.type == "bool" && !base::parse_go_bool(value)) return "must be true or false";
    if (definition.type == "list(string)") return list_complaint({}, value);
    return "";
}

}  // namespace

std::string parameter_complaint(const db::TemplateVersionParameter& definition, const std::string& value,
                                const std::string* before) {
    constexpr std::size_t longest = 1 << 16;
    if (value.size() > longest) return "is too long";
    auto options = option_values(definition.options);
    // The only form in which an option is a part of the value.
    if (definition.type == "list(string)" && definition.form_type == form_type_name(provisioner::MULTISELECT))
        return list_complaint(options, value);
    bool offered = contains(options, value);
    if (!options.empty() && !offered) return "must be one of: " + base::join(options, ", ");
    auto wrong = validation_complaint(definition, value, before);
    if (!wrong.empty()) return wrong;
    // That an option is of the type was checked when the template was imported.
    return offered ? "" : type_complaint(definition, value);
}

Result<ParameterValues> resolve_parameters(const std::vector<db::TemplateVersionParameter>& definitions,
                                           const ParameterValues& given, const ParameterValues& preset,
                                           const ParameterValues& last, bool first_build) {
    Error failure = invalid_argument("Some parameters cannot be used.");
    ParameterValues values;
    for (const auto& definition : definitions) {
        const std::string* before = find(last, definition.name);
        const std::string* value = find(preset, definition.name);
        if (value == nullptr) value = find(given, definition.name);
        bool chosen = value != nullptr;
        if (!chosen && !definition.ephemeral) value = before;
        if (value == nullptr && !definition.required) value = &definition.default_value;
        if (value == nullptr) {
            std::move(failure).with_field(definition.name, "is required");
            continue;
        }
        if (chosen && !definition.mutable_ && !first_build && before != nullptr && *value != *before) {
            std::move(failure).with_field(definition.name,
                                          "cannot be changed after the workspace was created");
            continue;
        }
        // An unset optional parameter keeps whatever default the template gives it, also in the next build.
        bool is_default = !chosen && !definition.required && *value == definition.default_value;
        if (!is_default) {
            auto wrong = parameter_complaint(definition, *value, before);
            if (!wrong.empty()) {
                std::move(failure).with_field(definition.name, std::move(wrong));
                continue;
            }
        }
        values[definition.name] = *value;
    }
    for (const auto& [name, value] : given) {
        bool known = std::any_of(definitions.begin(), definitions.end(),
                                 [&name = name](const auto& definition) { return definition.name == name; });
        if (!known) std::move(failure).with_field(name, "is not a parameter of this template version");
    }
    if (!failure.fields().empty()) return failure;
    return values;
}

}  // namespace berth::coderd

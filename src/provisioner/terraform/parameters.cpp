#include "provisioner/terraform/parameters.h"

#include <map>

#include <fmt/format.h>

#include "provisioner/terraform/json_access.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

pb::ParameterFormType form_type(std::string_view name) {
    static const std::map<std::string_view, pb::ParameterFormType> types{
        {"radio", pb::RADIO},       {"dropdown", pb::DROPDOWN},    {"input", pb::INPUT},
        {"textarea", pb::TEXTAREA}, {"slider", pb::SLIDER},        {"checkbox", pb::CHECKBOX},
        {"switch", pb::SWITCH},     {"tag-select", pb::TAGSELECT}, {"multi-select", pb::MULTISELECT},
        {"error", pb::FORM_ERROR},
    };
    auto it = types.find(name);
    return it == types.end() ? pb::DEFAULT : it->second;
}

pb::Preset make_preset(const Instance& instance) {
    const auto& values = instance.values;
    pb::Preset preset;
    preset.set_name(string_of(values, "name"));
    preset.set_default_(bool_of(values, "default"));
    preset.set_description(string_of(values, "description"));
    preset.set_icon(string_of(values, "icon"));
    std::map<std::string, std::string> parameters;
    if (const auto* object = object_of(values, "parameters"))
        for (const auto& [name, value] : *object)
            if (value.is_string()) parameters[std::string(name)] = std::string(value.get_string());
    for (const auto& [name, value] : parameters) {
        auto* parameter = preset.add_parameters();
        parameter->set_name(name);
        parameter->set_value(value);
    }
    const auto* prebuilds = block_of(values, "prebuilds");
    if (prebuilds == nullptr) return preset;
    auto* prebuild = preset.mutable_prebuild();
    prebuild->set_instances(int32_of(*prebuilds, "instances"));
    if (const auto* expiration = block_of(*prebuilds, "expiration_policy"))
        prebuild->mutable_expiration_policy()->set_ttl(int32_of(*expiration, "ttl"));
    const auto* scheduling = block_of(*prebuilds, "scheduling");
    if (scheduling == nullptr) return preset;
    prebuild->mutable_scheduling()->set_timezone(string_of(*scheduling, "timezone"));
    for (const auto& item : array_of(*scheduling, "schedule")) {
        const auto* object = item.if_object();
        if (object == nullptr) continue;
        auto* schedule = prebuild->mutable_scheduling()->add_schedule();
        schedule->set_cron(string_of(*object, "cron"));
        schedule->set_instances(int32_of(*object, "instances"));
    }
    return preset;
}

/// Remembers where a name came from; an error when it is there already.
Result<void> claim(std::map<std::string, std::string>& taken, std::string_view what, const std::string& name,
                   const std::string& address) {
    auto [known, is_new] = taken.try_emplace(name, address);
    if (is_new) return {};
    return invalid_argument(
        fmt::format("duplicate {} name \"{}\": {} and {}", what, name, known->second, address));
}

}  // namespace

pb::RichParameter make_parameter(const Instance& instance) {
    const auto& values = instance.values;
    pb::RichParameter parameter;
    parameter.set_name(string_of(values, "name"));
    parameter.set_display_name(string_of(values, "display_name"));
    parameter.set_description(string_of(values, "description"));
    parameter.set_type(string_of(values, "type"));
    parameter.set_mutable_(bool_of(values, "mutable"));
    parameter.set_default_value(string_of(values, "default"));
    parameter.set_icon(string_of(values, "icon"));
    parameter.set_required(!bool_of(values, "optional"));
    parameter.set_order(int32_of(values, "order"));
    parameter.set_ephemeral(bool_of(values, "ephemeral"));
    parameter.set_form_type(form_type(text_of(values, "form_type")));
    for (const auto& item : array_of(values, "option")) {
        const auto* object = item.if_object();
        if (object == nullptr) continue;
        auto* option = parameter.add_options();
        option->set_name(string_of(*object, "name"));
        option->set_description(string_of(*object, "description"));
        option->set_value(string_of(*object, "value"));
        option->set_icon(string_of(*object, "icon"));
    }
    if (const auto* validation = block_of(values, "validation")) {
        parameter.set_validation_regex(string_of(*validation, "regex"));
        parameter.set_validation_error(string_of(*validation, "error"));
        parameter.set_validation_monotonic(string_of(*validation, "monotonic"));
        // An absent limit reads as 0, told apart only by its flag.
        if (!bool_of(*validation, "min_disabled")) parameter.set_validation_min(int32_of(*validation, "min"));
        if (!bool_of(*validation, "max_disabled")) parameter.set_validation_max(int32_of(*validation, "max"));
    }
    return parameter;
}

Result<void> add_questions(const Model& model, pb::GraphComplete& out) {
    std::map<std::string, std::string> parameters;
    std::map<std::string, std::string> presets;
    std::map<std::string, pb::ExternalAuthProviderResource> accounts;
    std::string default_preset;
    for (const auto& instance : model.instances) {
        if (!instance.data) continue;
        Result<void> claimed;
        if (instance.type == "coder_parameter") {
            auto& parameter = *out.add_parameters();
            parameter = make_parameter(instance);
            claimed = claim(parameters, "parameter", parameter.name(), instance.address);
        } else if (instance.type == "coder_workspace_preset") {
            auto& preset = *out.add_presets();
            preset = make_preset(instance);
            claimed = claim(presets, "preset", preset.name(), instance.address);
            if (preset.default_() && claimed && !default_preset.empty())
                claimed = invalid_argument(fmt::format("only one preset can be the default: {} and {}",
                                                       default_preset, instance.address));
            if (preset.default_()) default_preset = instance.address;
        } else if (instance.type == "coder_external_auth") {
            auto id = string_of(instance.values, "id");
            bool optional = bool_of(instance.values, "optional");
            auto [known, is_new] = accounts.try_emplace(id);
            known->second.set_id(id);
            // Asked for twice, it is needed when either place needs it.
            known->second.set_optional(optional && (is_new || known->second.optional()));
        }
        if (!claimed) return claimed;
    }
    for (auto& [id, account] : accounts)
        *out.add_external_auth_providers() = std::move(account);
    return {};
}

}  // namespace berth::terraform

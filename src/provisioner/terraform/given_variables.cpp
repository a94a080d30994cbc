#include "provisioner/terraform/given_variables.h"

#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl_scanner.h"
#include "provisioner/terraform/parse.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace pb = ::provisioner;

/// What the template's own files say of a variable.
struct Declared {
    std::string type;
    bool required = true;
    bool in_file = false;
    std::string default_value;
    std::string value;
};

std::map<std::string, Declared> declared_variables(const pb::ParseComplete& parsed) {
    std::map<std::string, Declared> declared;
    for (const auto& variable : parsed.template_variables())
        declared[variable.name()] = {variable.type(), variable.required(), false, variable.default_value(),
                                     variable.default_value()};
    for (const auto& value : parsed.file_variable_values()) {
        auto& variable = declared[value.name()];
        variable.in_file = true;
        variable.value = value.value();
    }
    return declared;
}

/// As terraform would read it from TF_VAR_…: a text for a primitive type or none, an expression otherwise.
Result<json::value> typed_value(const pb::VariableValue& given, const std::string& type) {
    if (type.empty() || type == "string" || type == "number" || type == "bool")
        return json::value(given.value());
    auto value = hcl::constant_of(given.value(), {});
    if (!value)
        return invalid_argument(
            fmt::format("the value of variable \"{}\" is not a literal of its type {}", given.name(), type));
    return std::move(*value);
}

}  // namespace

Result<GivenVariables> give_variables(const fs::path& folder, const VariableValues& values, bool tofu) {
    GivenVariables given;
    if (values.empty()) return given;
    auto parsed = parse_template(folder, tofu);
    if (!parsed) {
        // Imported by somebody who read it: what cannot be understood here must not stop a build.
        given.environment = values;
        return given;
    }
    auto declared = declared_variables(*parsed);
    for (const auto& value : values) {
        auto found = declared.find(value.name());
        bool known = found != declared.end();
        if (known && !found->second.required && found->second.value == value.value()) continue;
        // The default is what is stored when nobody gave a value and the import did not read *.tfvars files.
        bool is_default = known && found->second.default_value == value.value();
        if (!known || !found->second.in_file || is_default) {
            *given.environment.Add() = value;
            continue;
        }
        auto typed = typed_value(value, found->second.type);
        if (!typed) return typed.error();
        given.file += fmt::format("{}{}: {}", given.file.empty() ? "{\n" : ",\n",
                                  json::serialize(json::string(value.name())), json::serialize(*typed));
    }
    if (!given.file.empty()) given.file += "\n}\n";
    return given;
}

Result<bool> write_given_variables(const fs::path& folder, const fs::path& file, VariableValues& values,
                                   bool tofu) {
    auto given = give_variables(folder, values, tofu);
    if (!given) return given.error();
    values = std::move(given->environment);
    if (given->file.empty()) {
        std::error_code ignored;
        fs::remove(file, ignored);
        return false;
    }
    auto written = write_private_file(file, given->file);
    if (!written) return written.error();
    return true;
}

}  // namespace berth::terraform

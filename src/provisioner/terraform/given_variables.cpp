#include "provisioner/terraform/given_variables.h"

#include <algorithm>
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

/// Whether terraform gets the value from the template's own files, without being told.
bool says_so_itself(const DeclaredVariable& declared, const pb::VariableValue& value) {
    if (value.has_given()) return declared.own_value == value.value();
    if (declared.message.required()) return false;
    if (value.value() == declared.own_value.value_or("")) return true;
    // What is stored when nobody gave a value and the import did not read *.tfvars files.
    return declared.in_file && value.value() == declared.message.default_value();
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

/// One variable a line, so that terraform's complaints tell them apart.
std::string file_of(const json::object& values) {
    std::string text;
    for (const auto& [name, value] : values)
        text += fmt::format("{}{}: {}", text.empty() ? "{\n" : ",\n", json::serialize(json::string(name)),
                            json::serialize(value));
    return text.empty() ? text : text + "\n}\n";
}

Result<void> put_file(const fs::path& path, const std::string& content) {
    if (!content.empty()) return write_private_file(path, content);
    std::error_code ignored;
    fs::remove(path, ignored);
    return {};
}

}  // namespace

Result<GivenVariables> give_variables(const fs::path& folder, const VariableValues& values, bool tofu) {
    GivenVariables given;
    if (values.empty()) return given;
    auto parsed = declared_variables(folder, tofu);
    std::map<std::string, DeclaredVariable> declared;
    // Imported by somebody who read it: what cannot be understood here must not stop a build.
    if (parsed)
        for (auto& variable : *parsed)
            declared.emplace(variable.message.name(), std::move(variable));
    json::object file;
    json::object ephemeral;
    for (const auto& value : values) {
        auto found = declared.find(value.name());
        bool known = found != declared.end();
        if (known && says_so_itself(found->second, value)) continue;
        if (!known || !found->second.in_file) {
            *given.environment.Add() = value;
            continue;
        }
        auto typed = typed_value(value, found->second.message.type());
        if (!typed) return typed.error();
        if (found->second.ephemeral) ephemeral[value.name()] = *typed;
        file[value.name()] = std::move(*typed);
    }
    given.file = file_of(file);
    given.ephemeral_file = file_of(ephemeral);
    return given;
}

Result<VariableFiles> write_given_variables(const fs::path& folder, VariableFiles files,
                                            VariableValues& values, bool tofu) {
    // The template's own files say these, also where it goes on without the others.
    auto not_given = std::remove_if(values.begin(), values.end(),
                                    [](const auto& value) { return value.has_given() && !value.given(); });
    values.erase(not_given, values.end());
    auto given = give_variables(folder, values, tofu);
    if (!given) return given.error();
    values = std::move(given->environment);
    for (auto [path, content] :
         {std::pair(&files.plan, &given->file), std::pair(&files.apply, &given->ephemeral_file)}) {
        if (path->empty()) continue;
        auto written = put_file(*path, *content);
        if (!written) return written.error();
        if (content->empty()) path->clear();
    }
    return files;
}

}  // namespace berth::terraform

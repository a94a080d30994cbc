#include "provisioner/terraform/parse.h"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl.h"
#include "provisioner/terraform/variable_files.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace pb = ::provisioner;

constexpr std::size_t max_readme = 1 << 20;

struct Variable {
    DeclaredVariable declared;
    std::string declared_at;
};

/// What the files say so far.
struct Found {
    std::map<std::string, Variable> variables;
    std::map<std::string, std::string> tags;
};

std::string unquoted(std::string text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

std::string at(std::string_view file, hcl::Position where) { return fmt::format("{}:{}", file, where.line); }

/// Without `value` the default is an expression that terraform evaluates, or refuses.
void set_default(const json::value* value, DeclaredVariable& out) {
    out.own_value.reset();
    if (value != nullptr) out.own_value = variable_text(*value);
    out.message.set_default_value(out.own_value.value_or(""));
    out.message.set_required(false);
}

Result<void> read_variable(const hcl::Block& block, std::string_view file, bool overriding, Found& found) {
    auto place = at(file, block.where);
    if (block.labels.size() != 1) return invalid_argument(place + ": a variable block has exactly one name");
    const auto& name = block.labels[0];
    auto [it, is_new] = found.variables.try_emplace(name);
    auto& variable = it->second.declared;
    if (is_new) {
        variable.message.set_name(name);
        variable.message.set_required(true);
        it->second.declared_at = place;
    } else if (!overriding) {
        return invalid_argument(fmt::format("{}: variable \"{}\" was declared already at {}", place, name,
                                            it->second.declared_at));
    }
    const auto& body = block.body;
    if (const auto* description = body.attribute("description");
        description != nullptr && description->value.constant && description->value.constant->is_string())
        variable.message.set_description(std::string(description->value.constant->get_string()));
    if (const auto* type = body.attribute("type")) variable.message.set_type(unquoted(type->value.text));
    // Anything but a plain `false` counts: showing a secret is worse than hiding a value.
    if (const auto* sensitive = body.attribute("sensitive"))
        variable.message.set_sensitive(sensitive->value.constant != json::value(false));
    if (const auto* ephemeral = body.attribute("ephemeral"))
        variable.ephemeral = ephemeral->value.constant != json::value(false);
    if (const auto* value = body.attribute("default"))
        set_default(value->value.constant ? &*value->value.constant : nullptr, variable);
    return {};
}

Result<void> read_tags(const hcl::Block& block, std::string_view file, Found& found) {
    const auto* tags = block.body.attribute("tags");
    if (tags == nullptr) return {};
    auto items = hcl::object_items(tags->value, file);
    if (!items) return items.error();
    if (!*items)
        return invalid_argument(at(file, tags->where) +
                                ": tags must be written as { key = value } with plain keys");
    for (auto& [key, value] : **items)
        found.tags.insert_or_assign(key, value.text);
    return {};
}

Result<void> read_hcl(const std::string& content, std::string_view file, bool overriding, Found& found) {
    auto body = hcl::parse(content, file);
    if (!body) return body.error();
    for (const auto& block : body->blocks) {
        Result<void> read;
        if (block.type == "variable") {
            read = read_variable(block, file, overriding, found);
        } else if (block.type == "data" && block.labels.size() == 2 &&
                   block.labels[0] == "coder_workspace_tags") {
            read = read_tags(block, file, found);
        }
        if (!read) return read;
    }
    return {};
}

void read_json_variable(const std::string& name, const json::object& body, std::string_view file,
                        Found& found) {
    auto& [variable, declared_at] = found.variables.try_emplace(name).first->second;
    if (declared_at.empty()) {
        declared_at = file;
        variable.message.set_name(name);
        variable.message.set_required(true);
    }
    for (const auto& [key, value] : body) {
        if (key == "description" && value.is_string())
            variable.message.set_description(std::string(value.get_string()));
        if (key == "type" && value.is_string()) variable.message.set_type(std::string(value.get_string()));
        if (key == "sensitive") variable.message.set_sensitive(value != json::value(false));
        if (key == "ephemeral") variable.ephemeral = value != json::value(false);
        if (key == "default") set_default(&value, variable);
    }
}

void read_json_tags(const json::object& body, Found& found) {
    each_object(body.if_contains("tags"), [&](const json::object& tags) {
        for (const auto& [key, value] : tags)
            found.tags.insert_or_assign(std::string(key), json::serialize(value));
    });
}

Result<void> read_json(const std::string& content, std::string_view file, Found& found) {
    auto root = parse_json_configuration(content, file);
    if (!root) return root.error();
    each_object(&*root, [&](const json::object& top) {
        each_object(top.if_contains("variable"), [&](const json::object& variables) {
            for (const auto& [name, value] : variables)
                each_object(&value, [&](const json::object& body) {
                    read_json_variable(std::string(name), body, file, found);
                });
        });
        each_object(top.if_contains("data"), [&](const json::object& data) {
            each_object(data.if_contains("coder_workspace_tags"), [&](const json::object& tags) {
                for (const auto& named : tags)
                    each_object(&named.value(),
                                [&](const json::object& body) { read_json_tags(body, found); });
            });
        });
    });
    return {};
}

/// A variable that a file sets needs no value from anybody.
Result<void> apply_variable_files(const fs::path& folder, Found& found) {
    auto values = read_variable_files(folder);
    if (!values) return values.error();
    for (auto& [name, value] : *values) {
        auto variable = found.variables.find(name);
        if (variable == found.variables.end()) continue;
        auto& declared = variable->second.declared;
        declared.message.set_required(false);
        declared.in_file = true;
        declared.own_value = std::move(value);
    }
    return {};
}

Result<Found> read_configuration(const fs::path& folder, bool tofu) {
    auto names = configuration_files(folder, tofu);
    if (!names) return names.error();
    Found found;
    for (const auto& name : *names) {
        auto content = read_file(folder / name, max_configuration_file);
        if (!content) return content.error();
        auto read = name.ends_with(".json") ? read_json(*content, name, found)
                                            : read_hcl(*content, name, is_override(name), found);
        if (!read) return read.error();
    }
    auto applied = apply_variable_files(folder, found);
    if (!applied) return applied.error();
    return found;
}

void add_variable(DeclaredVariable declared, pb::ParseComplete& complete) {
    if (declared.in_file) {
        auto* value = complete.add_file_variable_values();
        value->set_name(declared.message.name());
        value->set_value(declared.own_value.value_or(""));
        value->set_sensitive(declared.message.sensitive());
    }
    *complete.add_template_variables() = std::move(declared.message);
}

}  // namespace

Result<provisioner::ParseComplete> parse_template(const fs::path& folder, bool tofu) {
    auto found = read_configuration(folder, tofu);
    if (!found) return found.error();
    pb::ParseComplete complete;
    for (auto& [name, variable] : found->variables)
        add_variable(std::move(variable.declared), complete);
    for (auto& [key, value] : found->tags)
        (*complete.mutable_workspace_tags())[key] = value;
    auto readme = read_file(folder / "README.md", max_readme);
    if (readme) {
        complete.set_readme(base::to_valid_utf8(*readme));
    } else if (readme.error().code() != ErrorCode::not_found) {
        return readme.error();
    }
    return complete;
}

Result<std::vector<DeclaredVariable>> declared_variables(const fs::path& folder, bool tofu) {
    auto found = read_configuration(folder, tofu);
    if (!found) return found.error();
    std::vector<DeclaredVariable> variables;
    for (auto& [name, variable] : found->variables)
        variables.push_back(std::move(variable.declared));
    return variables;
}

}  // namespace berth::terraform

#include "provisioner/terraform/variable_files.h"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl.h"
#include "provisioner/terraform/hcl_scanner.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t max_variable_files = 100;

/// Those that terraform reads without being told, in its order.
Result<std::vector<std::string>> loaded_files(const fs::path& folder) {
    std::vector<std::string> by_name;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        auto name = it->path().filename().string();
        std::error_code ignored;
        bool loaded = name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
        if (!loaded || !it->is_regular_file(ignored)) continue;
        if (by_name.size() >= max_variable_files)
            return invalid_argument("the template has too many *.auto.tfvars files");
        by_name.push_back(name);
    }
    if (failed) return internal_error("cannot list the template's folder", failed.message());
    std::sort(by_name.begin(), by_name.end());
    std::vector<std::string> names;
    for (const char* fixed : {"terraform.tfvars", "terraform.tfvars.json"}) {
        std::error_code ignored;
        if (fs::is_regular_file(folder / fixed, ignored)) names.emplace_back(fixed);
    }
    names.insert(names.end(), by_name.begin(), by_name.end());
    return names;
}

Result<void> read_hcl_values(const std::string& content, const std::string& file, FileValues& values) {
    auto body = hcl::parse(content, file);
    if (!body) return body.error();
    if (!body->blocks.empty())
        return invalid_argument(
            fmt::format("{}:{}: only name = value can stand here", file, body->blocks.front().where.line));
    for (const auto& attribute : body->attributes) {
        auto& value = values[attribute.name];
        value.reset();
        if (attribute.value.constant) value = variable_text(*attribute.value.constant);
    }
    return {};
}

Result<void> read_json_values(const std::string& content, const std::string& file, FileValues& values) {
    auto root = parse_json_configuration(content, file);
    if (!root) return root.error();
    if (!root->is_object()) return invalid_argument(file + ": must be an object of values");
    for (const auto& [name, value] : root->get_object())
        values.insert_or_assign(std::string(name), variable_text(value));
    return {};
}

}  // namespace

bool is_variable_file(std::string_view name) {
    return name.ends_with(".tfvars") || name.ends_with(".tfvars.json");
}

std::optional<std::string> variable_text(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_null()) return std::nullopt;
    if (value.is_number()) return hcl::number_text(value);
    return json::serialize(value);
}

Result<FileValues> read_variable_files(const fs::path& folder) {
    auto names = loaded_files(folder);
    if (!names) return names.error();
    FileValues values;
    for (const auto& name : *names) {
        auto content = read_file(folder / name, max_configuration_file);
        if (!content) return content.error();
        auto read = name.ends_with(".json") ? read_json_values(*content, name, values)
                                            : read_hcl_values(*content, name, values);
        if (!read) return read.error();
    }
    return values;
}

}  // namespace berth::terraform

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

/// What reading a module's *.tf and *.tf.json files takes. OpenTofu reads *.tofu and *.tofu.json as well,
/// each in place of the *.tf or *.tf.json beside it.
namespace berth::terraform {

inline constexpr std::size_t max_configuration_file = 16 << 20;

/// Whether the file's blocks are merged into those of the others ("override.tf", "x_override.tf.json").
bool is_override(std::string_view name);

/// Names of a module's files: ordinary ones first, then overrides, each sorted. `tofu`: those OpenTofu reads.
Result<std::vector<std::string>> configuration_files(const std::filesystem::path& folder, bool tofu = false);

/// Parses a *.tf.json so that an error can name its line.
Result<boost::json::value> parse_json_configuration(const std::string& content, std::string_view file);

/// Refuses a template, modules included, whose files are so large or nested so deeply that terraform would
/// take gigabytes for them before its stack overflows. Whatever else is wrong is terraform's to say.
Result<void> check_configuration_size(const std::filesystem::path& folder);

/// JSON syntax lets every level be an object or a list of objects.
template <class Visit>
void each_object(const boost::json::value* value, Visit visit) {
    if (value == nullptr) return;
    if (value->is_object()) visit(value->get_object());
    if (!value->is_array()) return;
    for (const auto& item : value->get_array())
        if (item.is_object()) visit(item.get_object());
}

}  // namespace berth::terraform

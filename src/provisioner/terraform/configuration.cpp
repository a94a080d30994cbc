#include "provisioner/terraform/configuration.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_files = 2'000;

}  // namespace

bool is_override(std::string_view name) {
    for (std::string_view suffix : {".tf", ".tf.json"}) {
        if (!name.ends_with(suffix)) continue;
        auto stem = name.substr(0, name.size() - suffix.size());
        return stem == "override" || stem.ends_with("_override");
    }
    return false;
}

Result<std::vector<std::string>> configuration_files(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        auto name = it->path().filename().string();
        if (name.starts_with('.') || !(name.ends_with(".tf") || name.ends_with(".tf.json"))) continue;
        if (names.size() >= max_files) return invalid_argument("the template has too many *.tf files");
        std::error_code ignored;
        if (!it->is_directory(ignored)) names.push_back(name);
    }
    if (failed) return internal_error("cannot list the template's folder", failed.message());
    std::sort(names.begin(), names.end());
    std::stable_partition(names.begin(), names.end(),
                          [](const std::string& name) { return !is_override(name); });
    return names;
}

Result<boost::json::value> parse_json_configuration(const std::string& content, std::string_view file) {
    boost::json::parse_options options;
    options.max_depth = 64;
    boost::json::stream_parser parser({}, options);
    boost::system::error_code failed;
    auto used = parser.write_some(content, failed);
    if (!failed && base::trim(std::string_view(content).substr(used)).empty())
        parser.finish(failed);
    else if (!failed)
        failed = boost::json::error::extra_data;
    if (!failed) return parser.release();
    auto line = 1 + std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(used), '\n');
    return invalid_argument(fmt::format("{}:{}: not valid JSON: {}", file, line, failed.message()));
}

}  // namespace berth::terraform

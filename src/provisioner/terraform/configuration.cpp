#include "provisioner/terraform/configuration.h"

#include <algorithm>
#include <array>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

/// Each pair: Terraform's, and what OpenTofu prefers to it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> suffixes{
    {{".tf", ".tofu"}, {".tf.json", ".tofu.json"}}};

/// Empty for a file of another kind.
std::string_view suffix_of(std::string_view name) {
    for (const auto& [terraform, tofu] : suffixes)
        for (auto suffix : {terraform, tofu})
            if (name.ends_with(suffix)) return suffix;
    return {};
}

/// Without those that are not of this program, or that another one beside them stands for.
void keep_what_is_read(std::vector<std::string>& names, bool tofu) {
    std::set<std::string, std::less<>> all(names.begin(), names.end());
    std::erase_if(names, [&](const std::string& name) {
        auto suffix = suffix_of(name);
        auto stem = name.substr(0, name.size() - suffix.size());
        for (const auto& [ours, theirs] : suffixes) {
            if (suffix == theirs) return !tofu;
            if (suffix == ours) return tofu && all.contains(stem + std::string(theirs));
        }
        return true;
    });
}

constexpr std::size_t max_files = 2'000;
/// Far more than people write; terraform itself manages some ten thousand.
constexpr int max_nesting = 1'000;

Result<void> check_nesting(const std::string& content, const std::string& name) {
    // Most files have fewer brackets than they may nest, and need no parsing.
    auto opened = std::count_if(content.begin(), content.end(),
                                [](char c) { return c == '(' || c == '[' || c == '{'; });
    if (opened < max_nesting) return {};
    if (name.ends_with(".json")) {
        boost::json::parse_options options;
        options.max_depth = max_nesting;
        boost::system::error_code failed;
        boost::json::parse(content, failed, {}, options);
        if (failed == boost::json::error::too_deep)
            return Error(ErrorCode::too_large, name + ": nested too deeply");
        return {};
    }
    hcl::Limits limits;
    limits.depth = max_nesting;
    limits.items = content.size();
    auto parsed = hcl::parse(content, name, limits);
    if (!parsed && parsed.error().code() == ErrorCode::too_large) return parsed.error();
    return {};
}

}  // namespace

bool is_override(std::string_view name) {
    auto stem = name.substr(0, name.size() - suffix_of(name).size());
    return stem.size() < name.size() && (stem == "override" || stem.ends_with("_override"));
}

Result<std::vector<std::string>> configuration_files(const fs::path& folder, bool tofu) {
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        auto name = it->path().filename().string();
        if (name.starts_with('.') || suffix_of(name).empty()) continue;
        if (names.size() >= max_files) return invalid_argument("the template has too many *.tf files");
        std::error_code ignored;
        if (!it->is_directory(ignored)) names.push_back(name);
    }
    if (failed) return internal_error("cannot list the template's folder", failed.message());
    keep_what_is_read(names, tofu);
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

Result<void> check_configuration_size(const fs::path& folder) {
    std::error_code failed;
    for (fs::recursive_directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        auto name = it->path().filename().string();
        std::error_code ignored;
        if (suffix_of(name).empty() || !it->is_regular_file(ignored)) continue;
        auto shown = it->path().lexically_relative(folder).string();
        auto content = read_file(it->path(), max_configuration_file);
        if (!content) return content.error().wrap(shown);
        auto checked = check_nesting(*content, shown);
        if (!checked) return checked;
    }
    if (failed) return internal_error("cannot list the template's folders", failed.message());
    return {};
}

}  // namespace berth::terraform

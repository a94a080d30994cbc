#include "provisioner/terraform/modules.h"

#include <algorithm>

#include <boost/json.hpp>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/json_access.h"

namespace berth::terraform {

Result<std::vector<provisioner::Module>> installed_modules(const std::filesystem::path& folder) {
    std::vector<provisioner::Module> modules;
    auto content = read_file(folder / ".terraform/modules/modules.json", 8 << 20);
    if (!content && content.error().code() == ErrorCode::not_found) return modules;
    if (!content) return content.error();
    boost::system::error_code failed;
    auto parsed = boost::json::parse(*content, failed);
    if (failed || !parsed.is_object())
        return internal_error("terraform's list of modules is not valid JSON", failed.message());
    for (const auto& value : array_of(parsed.get_object(), "Modules")) {
        const auto* object = value.if_object();
        if (object == nullptr || text_of(*object, "Key").empty()) continue;
        auto& module = modules.emplace_back();
        module.set_key(string_of(*object, "Key"));
        module.set_source(string_of(*object, "Source"));
        module.set_version(string_of(*object, "Version"));
        module.set_dir(string_of(*object, "Dir"));
    }
    std::sort(modules.begin(), modules.end(), [](const auto& a, const auto& b) { return a.key() < b.key(); });
    return modules;
}

}  // namespace berth::terraform

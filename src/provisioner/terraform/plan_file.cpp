#include "provisioner/terraform/plan_file.h"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <boost/json.hpp>

#include "provisioner/terraform/json_access.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;

constexpr std::size_t max_state_member = 64 << 20;
constexpr std::int64_t state_version = 4;

Error strange(std::string detail) {
    return {ErrorCode::unimplemented, "terraform's plan file has an unknown format", std::move(detail)};
}

Result<std::string> read_member(const std::filesystem::path& path, std::string_view wanted) {
    std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), &archive_read_free);
    archive_read_support_format_zip(reader.get());
    if (archive_read_open_filename(reader.get(), path.c_str(), 64 << 10) != ARCHIVE_OK)
        return strange("not a zip");
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr || name != wanted) continue;
        std::string content;
        char buffer[16 << 10];
        while (true) {
            auto got = archive_read_data(reader.get(), buffer, sizeof buffer);
            if (got < 0) return strange("a damaged member");
            if (got == 0) return content;
            content.append(buffer, static_cast<std::size_t>(got));
            if (content.size() > max_state_member) return strange("a member that is too large");
        }
    }
    return strange("no member " + std::string(wanted));
}

void add_instances(const json::object& resource, Model& model) {
    for (const auto& item : array_of(resource, "instances")) {
        const auto* object = item.if_object();
        const auto* attributes = object == nullptr ? nullptr : object_of(*object, "attributes");
        if (attributes == nullptr) continue;
        Instance instance;
        instance.data = true;
        instance.module = string_of(resource, "module");
        instance.type = string_of(resource, "type");
        instance.name = string_of(resource, "name");
        instance.address = (instance.module.empty() ? "" : instance.module + ".") + "data." + instance.type +
                           "." + instance.name;
        instance.config_address = without_keys(instance.address);
        if (const auto* index = object->if_contains("index_key")) {
            if (index->is_int64()) {
                instance.key = index->get_int64();
                instance.address += "[" + std::to_string(index->get_int64()) + "]";
            } else if (index->is_string()) {
                instance.key = std::string(index->get_string());
                instance.address += "[" + json::serialize(*index) + "]";
            }
        }
        instance.values = *attributes;
        model.instances.push_back(std::move(instance));
    }
}

}  // namespace

Result<Model> read_plan_file(const std::filesystem::path& path) {
    auto content = read_member(path, "tfstate");
    if (!content) return content.error();
    boost::system::error_code failed;
    json::parse_options options;
    options.max_depth = 256;
    auto state = json::parse(*content, failed, {}, options);
    if (failed || !state.is_object()) return strange("the state is not JSON");
    if (int_of(state.get_object(), "version") != state_version)
        return strange("the state has another version");
    Model model;
    for (const auto& item : array_of(state.get_object(), "resources")) {
        const auto* resource = item.if_object();
        if (resource != nullptr && text_of(*resource, "mode") == "data") add_instances(*resource, model);
    }
    return model;
}

}  // namespace berth::terraform

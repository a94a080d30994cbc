#include "cli/terraform_state.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>

#include <boost/json.hpp>

#include "base/text.h"
#include "cli/json_slices.h"

namespace berth::cli {
namespace {

namespace json = boost::json;

Error not_a_state(std::string why) {
    return invalid_argument("this is no Terraform state: " + std::move(why));
}

/// The text of its list of resources.
Result<std::string_view> resources_of(std::string_view text) {
    json::parse_options options;
    options.max_depth = 512;
    boost::system::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error || !value.is_object()) return not_a_state("it is not a JSON object");
    const auto& state = value.get_object();
    const auto* version = state.if_contains("version");
    if (version == nullptr || !version->is_int64() || version->get_int64() != 4)
        return not_a_state("its version is not 4");
    const auto* resources = state.if_contains("resources");
    if (resources == nullptr || !resources->is_array()) return not_a_state("it has no list of resources");
    return *json_slices::member(text, "resources");
}

struct StateInstance {
    std::string address;
    std::string_view text;
};

struct StateResource {
    std::string_view text;
    /// The list; empty when there is none.
    std::string_view instances_text;
    std::vector<StateInstance> instances;
};

/// The text of a member that is a string, without its quotes.
std::string string_of(std::string_view object, std::string_view name) {
    auto text = json_slices::member(object, name);
    if (!text || !text->starts_with('"')) return {};
    return std::string(json::parse(*text).get_string());
}

std::string resource_address(std::string_view resource) {
    std::string address = string_of(resource, "module");
    if (!address.empty()) address += ".";
    if (string_of(resource, "mode") == "data") address += "data.";
    return address + string_of(resource, "type") + "." + string_of(resource, "name");
}

std::string instance_address(const std::string& resource, std::string_view instance) {
    auto key = instance.starts_with('{') ? json_slices::member(instance, "index_key") : std::nullopt;
    if (!key) return resource;
    // A string with the escapes of this program, not of who wrote the state.
    return resource + "[" + (key->starts_with('"') ? json::serialize(json::parse(*key)) : std::string(*key)) +
           "]";
}

std::vector<StateResource> read_resources(std::string_view list) {
    std::vector<StateResource> resources;
    for (auto text : json_slices::elements(list)) {
        auto& resource = resources.emplace_back();
        resource.text = text;
        if (!text.starts_with('{')) continue;
        auto instances = json_slices::member(text, "instances");
        if (!instances || !instances->starts_with('[')) continue;
        resource.instances_text = *instances;
        auto address = resource_address(text);
        for (auto instance : json_slices::elements(*instances))
            resource.instances.push_back({instance_address(address, instance), instance});
    }
    return resources;
}

/// "module.a", 'module.a["k"].module.b': pairs of the word and a name, which may have a key.
bool is_module(std::string_view address) {
    bool word = true;
    while (!address.empty()) {
        if (word && !address.starts_with("module.")) return false;
        if (word) {
            address.remove_prefix(7);
        } else {
            auto end = address.find_first_of(".[");
            if (end != address.npos && address[end] == '[') end = address.find("].", end);
            if (end == address.npos) return true;
            address.remove_prefix(address[end] == ']' ? end + 2 : end + 1);
        }
        word = !word;
    }
    return false;
}

/// Whether `wanted` is the address, or all instances of it, or a module around it.
bool covers(const std::string& wanted, const std::string& address) {
    if (wanted.empty() || !address.starts_with(wanted)) return false;
    if (address.size() == wanted.size()) return true;
    char next = address[wanted.size()];
    return next == '[' || (next == '.' && is_module(wanted));
}

/// Whether an address is named, and which names are used.
class Wanted {
public:
    explicit Wanted(const std::vector<std::string>& addresses)
        : addresses_(addresses), unused_(addresses.begin(), addresses.end()) {}

    bool contains(const std::string& address) {
        bool wanted = false;
        for (const auto& each : addresses_) {
            if (!covers(each, address)) continue;
            unused_.erase(each);
            wanted = true;
        }
        return wanted;
    }
    [[nodiscard]] const std::set<std::string>& unused() const { return unused_; }

private:
    const std::vector<std::string>& addresses_;
    std::set<std::string> unused_;
};

/// What stays of the resource; nothing when all its instances are wanted.
std::optional<std::string> rest_of(const StateResource& resource, Wanted& wanted) {
    std::vector<std::string_view> kept;
    for (const auto& instance : resource.instances)
        if (!wanted.contains(instance.address)) kept.push_back(instance.text);
    if (kept.size() == resource.instances.size()) return std::string(resource.text);
    if (kept.empty()) return std::nullopt;
    return json_slices::with(resource.text, resource.instances_text, json_slices::array_of(kept));
}

Result<std::string> count_up(std::string_view state) {
    auto serial = json_slices::member(state, "serial");
    if (!serial) return json_slices::with(state, state.substr(state.find('{'), 1), "{\"serial\":1,");
    auto number = base::parse_int<std::uint64_t>(*serial);
    if (!number || *number == std::numeric_limits<std::uint64_t>::max())
        return not_a_state("its serial cannot be counted up");
    return json_slices::with(state, *serial, std::to_string(*number + 1));
}

}  // namespace

Result<std::vector<std::string>> list_resources(std::string_view text) {
    auto list = resources_of(text);
    if (!list) return list.error();
    std::vector<std::string> addresses;
    for (const auto& resource : read_resources(*list))
        for (const auto& instance : resource.instances)
            addresses.push_back(instance.address);
    return addresses;
}

Result<std::string> forget_resources(std::string_view text, const std::vector<std::string>& addresses) {
    auto list = resources_of(text);
    if (!list) return list.error();
    Wanted wanted(addresses);
    std::vector<std::string> rest;
    for (const auto& resource : read_resources(*list))
        if (auto kept = rest_of(resource, wanted)) rest.push_back(std::move(*kept));
    if (!wanted.unused().empty()) return not_found("the state has no \"" + *wanted.unused().begin() + "\"");
    return count_up(json_slices::with(text, *list, json_slices::array_of({rest.begin(), rest.end()})));
}

}  // namespace berth::cli

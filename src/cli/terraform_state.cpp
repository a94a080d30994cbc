#include "cli/terraform_state.h"

#include <set>

#include <boost/json.hpp>

#include "base/text.h"

namespace berth::cli {
namespace {

namespace json = boost::json;

Error not_a_state(std::string why) {
    return invalid_argument("this is no Terraform state: " + std::move(why));
}

Result<json::object> parse_state(std::string_view text) {
    json::parse_options options;
    options.max_depth = 512;
    boost::system::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error || !value.is_object()) return not_a_state("it is not a JSON object");
    auto& state = value.get_object();
    const auto* version = state.if_contains("version");
    if (version == nullptr || !version->is_int64() || version->get_int64() != 4)
        return not_a_state("its version is not 4");
    const auto* resources = state.if_contains("resources");
    if (resources == nullptr || !resources->is_array()) return not_a_state("it has no list of resources");
    return std::move(state);
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string resource_address(const json::object& resource) {
    std::string address = text_of(resource, "module");
    if (!address.empty()) address += ".";
    if (text_of(resource, "mode") == "data") address += "data.";
    return address + text_of(resource, "type") + "." + text_of(resource, "name");
}

std::string instance_address(const std::string& resource, const json::value& instance) {
    const auto* object = instance.if_object();
    const auto* key = object != nullptr ? object->if_contains("index_key") : nullptr;
    return key == nullptr ? resource : resource + "[" + json::serialize(*key) + "]";
}

json::array& instances_of(json::object& resource) {
    auto* found = resource.if_contains("instances");
    if (found == nullptr || !found->is_array()) found = &(resource["instances"] = json::array());
    return found->get_array();
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

}  // namespace

Result<std::vector<std::string>> list_resources(std::string_view text) {
    auto state = parse_state(text);
    if (!state) return state.error();
    std::vector<std::string> addresses;
    for (auto& value : (*state)["resources"].get_array()) {
        if (!value.is_object()) continue;
        auto resource = resource_address(value.get_object());
        for (const auto& instance : instances_of(value.get_object()))
            addresses.push_back(instance_address(resource, instance));
    }
    return addresses;
}

Result<std::string> forget_resources(std::string_view text, const std::vector<std::string>& addresses) {
    auto state = parse_state(text);
    if (!state) return state.error();
    std::set<std::string> unused(addresses.begin(), addresses.end());
    auto is_wanted = [&](const std::string& address) {
        bool wanted = false;
        for (const auto& each : addresses) {
            if (!covers(each, address)) continue;
            unused.erase(each);
            wanted = true;
        }
        return wanted;
    };
    json::array kept;
    for (auto& value : (*state)["resources"].get_array()) {
        if (!value.is_object()) continue;
        auto resource = resource_address(value.get_object());
        json::array instances;
        for (auto& instance : instances_of(value.get_object()))
            if (!is_wanted(instance_address(resource, instance))) instances.push_back(std::move(instance));
        if (instances.empty()) continue;
        value.get_object()["instances"] = std::move(instances);
        kept.push_back(std::move(value));
    }
    if (!unused.empty()) return not_found("the state has no \"" + *unused.begin() + "\"");
    (*state)["resources"] = std::move(kept);
    auto* serial = state->if_contains("serial");
    (*state)["serial"] = serial != nullptr && serial->is_int64() ? serial->get_int64() + 1 : 1;
    return json::serialize(*state);
}

}  // namespace berth::cli

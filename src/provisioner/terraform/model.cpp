#include "provisioner/terraform/model.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/json_access.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

constexpr std::size_t max_instances = 50'000;
constexpr int max_module_depth = 32;

Result<json::value> parse(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = 256;
    boost::system::error_code failed;
    auto value = json::parse(text, failed, {}, options);
    if (failed)
        return internal_error(fmt::format("terraform's {} is not valid JSON", what), failed.message());
    if (!value.is_object()) return internal_error(fmt::format("terraform's {} is not an object", what));
    auto format = text_of(value.get_object(), "format_version");
    if (!format.empty() && !format.starts_with("0.") && !format.starts_with("1."))
        return Error(ErrorCode::unimplemented, fmt::format("terraform's {} has the unknown format {}", what,
                                                           base::to_valid_utf8(format)));
    return value;
}

enum class Take { managed, data, both };

/// Walks values.root_module and its child modules.
class Walker {
public:
    Walker(Model& model, std::set<std::string, std::less<>>& seen) : model_(model), seen_(seen) {}

    Result<void> walk(const json::object* values, Take take) {
        if (values == nullptr) return {};
        const auto* root = object_of(*values, "root_module");
        return root == nullptr ? Result<void>() : module(*root, take, 0);
    }

private:
    Result<void> module(const json::object& node, Take take, int depth) {
        if (depth > max_module_depth) return internal_error("terraform's modules are nested too deeply");
        for (const auto& resource : array_of(node, "resources")) {
            if (!resource.is_object()) continue;
            if (model_.instances.size() >= max_instances)
                return Error(ErrorCode::too_large, "the template has too many resources");
            add(resource.get_object(), string_of(node, "address"), take);
        }
        for (const auto& child : array_of(node, "child_modules")) {
            if (!child.is_object()) continue;
            auto done = module(child.get_object(), take, depth + 1);
            if (!done) return done;
        }
        return {};
    }

    void add(const json::object& resource, std::string module, Take take) {
        auto mode = text_of(resource, "mode");
        bool data = mode == "data";
        // What is ephemeral, and what later releases invent, is in no state and nothing of a workspace.
        if (!data && mode != "managed") return;
        if ((take == Take::managed && data) || (take == Take::data && !data)) return;
        Instance instance;
        instance.address = string_of(resource, "address");
        if (instance.address.empty() || !seen_.insert(instance.address).second) return;
        instance.module = std::move(module);
        instance.config_address = without_keys(instance.address);
        instance.data = data;
        instance.type = string_of(resource, "type");
        instance.name = string_of(resource, "name");
        if (const auto* index = resource.if_contains("index")) {
            if (index->is_int64()) instance.key = index->get_int64();
            if (index->is_string()) instance.key = std::string(index->get_string());
        }
        if (const auto* values = object_of(resource, "values")) instance.values = *values;
        model_.instances.push_back(std::move(instance));
    }

    Model& model_;
    std::set<std::string, std::less<>>& seen_;
};

void read_references(const json::object& module, const std::string& prefix, int depth, Model& model) {
    if (depth > max_module_depth) return;
    for (const auto& value : array_of(module, "resources")) {
        const auto* resource = value.if_object();
        if (resource == nullptr) continue;
        const auto* expressions = object_of(*resource, "expressions");
        if (expressions == nullptr) continue;
        for (std::string_view attribute : {"agent_id", "resource_id"}) {
            const auto* expression = object_of(*expressions, attribute);
            if (expression == nullptr) continue;
            auto& list = model.references[prefix + string_of(*resource, "address")];
            for (const auto& reference : array_of(*expression, "references"))
                if (reference.is_string()) list.emplace_back(reference.get_string());
        }
    }
    const auto* calls = object_of(module, "module_calls");
    if (calls == nullptr) return;
    for (const auto& call : *calls) {
        const auto* body = call.value().if_object();
        const auto* child = body == nullptr ? nullptr : object_of(*body, "module");
        if (child != nullptr)
            read_references(*child, prefix + "module." + std::string(call.key()) + ".", depth + 1, model);
    }
}

/// ["triggers", "a", 0] -> "triggers.a[0]"
std::string path_text(const json::array& steps) {
    std::string text;
    for (const auto& step : steps) {
        if (step.is_string()) {
            if (!text.empty()) text += '.';
            text += std::string_view(step.get_string());
        } else if (step.is_int64()) {
            text += fmt::format("[{}]", step.get_int64());
        }
    }
    return text;
}

/// In either order. Other pairs exist: "create" with "forget" leaves the old one where it is.
bool replaces(const json::array& actions) {
    auto has = [&](const char* action) {
        return std::find(actions.begin(), actions.end(), json::value(action)) != actions.end();
    };
    return has("delete") && has("create");
}

void read_replacements(const json::object& plan, Model& model) {
    for (const auto& value : array_of(plan, "resource_changes")) {
        const auto* resource = value.if_object();
        const auto* change = resource == nullptr ? nullptr : object_of(*resource, "change");
        if (change == nullptr) continue;
        if (!replaces(array_of(*change, "actions"))) continue;
        pb::ResourceReplacement replacement;
        replacement.set_resource(string_of(*resource, "address"));
        for (const auto& path : array_of(*change, "replace_paths"))
            if (path.is_array()) replacement.add_paths(path_text(path.get_array()));
        model.replacements.push_back(std::move(replacement));
    }
}

void sort(Model& model) {
    std::stable_sort(model.instances.begin(), model.instances.end(),
                     [](const Instance& a, const Instance& b) { return a.address < b.address; });
}

/// Sets to null what `marks` marks with true.
void mask(json::value& value, const json::value& marks) {
    if (marks.is_bool()) {
        if (marks.get_bool()) value = nullptr;
    } else if (marks.is_object() && value.is_object()) {
        for (auto& member : value.get_object())
            if (const auto* mark = marks.get_object().if_contains(member.key())) mask(member.value(), *mark);
    } else if (marks.is_array() && value.is_array()) {
        auto count = std::min(marks.get_array().size(), value.get_array().size());
        for (std::size_t i = 0; i < count; ++i)
            mask(value.get_array()[i], marks.get_array()[i]);
    }
}

json::object data_only(const json::object& module, int depth) {
    json::object out;
    if (const auto* address = module.if_contains("address")) out["address"] = *address;
    json::array resources;
    for (const auto& value : array_of(module, "resources")) {
        const auto* resource = value.if_object();
        if (resource == nullptr || text_of(*resource, "mode") != "data") continue;
        json::object kept = *resource;
        const auto* marks = kept.if_contains("sensitive_values");
        if (marks != nullptr && kept.contains("values")) mask(kept["values"], json::value(*marks));
        resources.push_back(std::move(kept));
    }
    if (!resources.empty()) out["resources"] = std::move(resources);
    json::array children;
    for (const auto& child : array_of(module, "child_modules"))
        if (child.is_object() && depth < max_module_depth)
            children.push_back(data_only(child.get_object(), depth + 1));
    if (!children.empty()) out["child_modules"] = std::move(children);
    return out;
}

}  // namespace

std::string_view Instance::text(std::string_view attribute) const { return text_of(values, attribute); }

std::string without_keys(std::string_view address) {
    std::string out;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] != '[') {
            out += address[i];
            continue;
        }
        ++i;
        if (i < address.size() && address[i] == '"') {
            for (++i; i < address.size() && address[i] != '"'; ++i)
                if (address[i] == '\\') ++i;
        }
        while (i < address.size() && address[i] != ']')
            ++i;
    }
    return out;
}

Result<Model> read_plan(std::string_view text) {
    auto plan = parse(text, "plan");
    if (!plan) return plan.error();
    const auto& object = plan->get_object();
    Model model;
    std::set<std::string, std::less<>> seen;
    Walker walker(model, seen);
    const auto* prior = object_of(object, "prior_state");
    auto read = walker.walk(prior == nullptr ? nullptr : object_of(*prior, "values"), Take::data);
    if (read) read = walker.walk(object_of(object, "planned_values"), Take::both);
    if (!read) return read.error();
    if (const auto* configuration = object_of(object, "configuration"))
        if (const auto* root = object_of(*configuration, "root_module")) read_references(*root, "", 0, model);
    read_replacements(object, model);
    sort(model);
    return model;
}

Result<Model> read_state(std::string_view text) {
    auto state = parse(text, "state");
    if (!state) return state.error();
    Model model;
    std::set<std::string, std::less<>> seen;
    auto read = Walker(model, seen).walk(object_of(state->get_object(), "values"), Take::both);
    if (!read) return read.error();
    sort(model);
    return model;
}

Result<std::string> plan_of_data_sources(std::string_view text) {
    auto plan = parse(text, "plan");
    if (!plan) return plan.error();
    const auto& object = plan->get_object();
    json::object out;
    for (std::string_view key : {"format_version", "terraform_version"})
        if (const auto* value = object.if_contains(key)) out[key] = *value;
    if (const auto* planned = object_of(object, "planned_values"))
        if (const auto* root = object_of(*planned, "root_module"))
            out["planned_values"] = json::object{{"root_module", data_only(*root, 0)}};
    if (const auto* prior = object_of(object, "prior_state")) {
        json::object state;
        for (std::string_view key : {"format_version", "terraform_version"})
            if (const auto* value = prior->if_contains(key)) state[key] = *value;
        const auto* values = object_of(*prior, "values");
        if (const auto* root = values == nullptr ? nullptr : object_of(*values, "root_module"))
            state["values"] = json::object{{"root_module", data_only(*root, 0)}};
        out["prior_state"] = std::move(state);
    }
    return json::serialize(out);
}

}  // namespace berth::terraform

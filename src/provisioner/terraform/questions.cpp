#include "provisioner/terraform/questions.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl.h"
#include "provisioner/terraform/json_access.h"
#include "provisioner/terraform/modules.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

bool asks(std::string_view type) { return type == "coder_parameter" || type == "coder_workspace_tags"; }

/// What only people read may come from anywhere.
bool is_decoration(std::string_view attribute) {
    return attribute == "description" || attribute == "display_name" || attribute == "icon";
}

bool is_literal(const hcl::Body& body) {
    for (const auto& attribute : body.attributes) {
        bool repeats = attribute.name == "count" || attribute.name == "for_each";
        if (repeats || (!attribute.value.constant && !is_decoration(attribute.name))) return false;
    }
    for (const auto& block : body.blocks)
        if (block.type == "dynamic" || !is_literal(block.body)) return false;
    return true;
}

bool holds_template(const boost::json::value& value) {
    if (value.is_string())
        return value.get_string().find("${") != boost::json::string::npos ||
               value.get_string().find("%{") != boost::json::string::npos;
    if (value.is_array())
        for (const auto& item : value.get_array())
            if (holds_template(item)) return true;
    if (value.is_object())
        for (const auto& [key, item] : value.get_object())
            if (!is_decoration(key) && holds_template(item)) return true;
    return false;
}

bool is_literal(const boost::json::object& body) {
    for (const char* key : {"count", "for_each", "dynamic"})
        if (body.contains(key)) return false;
    return !holds_template(body);
}

/// "a.b" -> "module.a.module.b."
std::string module_prefix(const std::string& key) {
    std::string prefix;
    for (auto name : base::split(key, '.'))
        if (!name.empty()) prefix += "module." + std::string(name) + ".";
    return prefix;
}

class QuestionFinder {
public:
    Result<void> read_module(const fs::path& folder, const std::string& prefix) {
        prefix_ = prefix;
        auto names = configuration_files(folder);
        if (!names) return names.error();
        for (const auto& name : *names) {
            auto content = read_file(folder / name, max_configuration_file);
            if (!content) return content.error();
            auto read = name.ends_with(".json") ? read_json(*content, name) : read_hcl(*content, name);
            if (!read) return read;
        }
        return {};
    }
    std::vector<QuestionBlock> take() { return std::move(found_); }

private:
    void add(const std::string& type, const std::string& label, std::string name, bool literal) {
        std::string address = prefix_ + "data." + type + "." + label;
        // An override file repeats a block.
        for (auto& known : found_) {
            if (known.address != address) continue;
            if (!name.empty()) known.name = std::move(name);
            known.literal = known.literal && literal;
            return;
        }
        found_.push_back({std::move(address), type, std::move(name), literal});
    }

    Result<void> read_hcl(const std::string& content, std::string_view file) {
        auto body = hcl::parse(content, file);
        if (!body) return body.error();
        for (const auto& block : body->blocks) {
            if (block.type != "data" || block.labels.size() != 2 || !asks(block.labels[0])) continue;
            const auto* name = block.body.attribute("name");
            bool plain = name != nullptr && name->value.constant && name->value.constant->is_string();
            add(block.labels[0], block.labels[1],
                plain ? std::string(name->value.constant->get_string()) : std::string(),
                is_literal(block.body));
        }
        return {};
    }

    Result<void> read_json(const std::string& content, std::string_view file) {
        auto root = parse_json_configuration(content, file);
        if (!root) return root.error();
        each_object(&*root, [&](const boost::json::object& top) {
            each_object(top.if_contains("data"), [&](const boost::json::object& data) {
                for (const auto& [type, blocks] : data)
                    if (asks(type)) read_json_blocks(std::string(type), blocks);
            });
        });
        return {};
    }
    void read_json_blocks(const std::string& type, const boost::json::value& blocks) {
        each_object(&blocks, [&](const boost::json::object& named) {
            for (const auto& [label, value] : named)
                each_object(&value, [&](const boost::json::object& body) {
                    auto name = string_of(body, "name");
                    // A template in the text makes it unknown until it is evaluated.
                    bool plain = name.find("${") == std::string::npos && name.find("%{") == std::string::npos;
                    add(type, std::string(label), plain ? std::move(name) : std::string(), is_literal(body));
                });
        });
    }

    std::string prefix_;
    std::vector<QuestionBlock> found_;
};

}  // namespace

Result<std::vector<QuestionBlock>> find_questions(const fs::path& folder) {
    QuestionFinder finder;
    auto root = finder.read_module(folder, "");
    if (!root) return root.error();
    auto modules = installed_modules(folder);
    if (!modules) return modules.error();
    for (const auto& module : *modules) {
        auto place = fs::path(module.dir()).lexically_normal();
        if (place.is_absolute() || (!place.empty() && *place.begin() == ".."))
            return invalid_argument("module " + module.key() + " lies outside of the template");
        auto read = finder.read_module(folder / place, module_prefix(module.key()));
        if (!read) return read.error().wrap("module " + module.key());
    }
    return finder.take();
}

}  // namespace berth::terraform

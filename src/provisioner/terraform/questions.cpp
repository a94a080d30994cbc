#include "provisioner/terraform/questions.h"

#include <algorithm>

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

/// A text that needs no evaluation; else empty.
std::string plain_text(const hcl::Body& body, std::string_view name) {
    const auto* attribute = body.attribute(name);
    bool plain = attribute != nullptr && attribute->value.constant && attribute->value.constant->is_string();
    return plain ? std::string(attribute->value.constant->get_string()) : std::string();
}

bool offers_options(const hcl::Body& body) {
    return std::any_of(body.blocks.begin(), body.blocks.end(), [](const hcl::Block& block) {
        return block.type == "option" ||
               (block.type == "dynamic" && block.labels.size() == 1 && block.labels[0] == "option");
    });
}

bool offers_options(const boost::json::object& body) {
    bool found = body.contains("option");
    each_object(body.if_contains("dynamic"), [&found](const boost::json::object& dynamic) {
        found = found || dynamic.contains("option");
    });
    return found;
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
    explicit QuestionFinder(bool tofu) : tofu_(tofu) {}

    Result<void> read_module(const fs::path& folder, const std::string& prefix) {
        prefix_ = prefix;
        folder_ = folder;
        auto names = configuration_files(folder, tofu_);
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
    /// `seen` lacks what follows from the module.
    void add(const std::string& label, QuestionBlock seen) {
        seen.address = prefix_ + "data." + seen.type + "." + label;
        seen.folder = folder_;
        // An override file repeats a block.
        for (auto& known : found_) {
            if (known.address != seen.address) continue;
            if (!seen.name.empty()) known.name = std::move(seen.name);
            known.literal = known.literal && seen.literal;
            known.has_options = known.has_options || seen.has_options;
            known.has_form_type = known.has_form_type || seen.has_form_type;
            return;
        }
        found_.push_back(std::move(seen));
    }

    Result<void> read_hcl(const std::string& content, std::string_view file) {
        auto body = hcl::parse(content, file);
        if (!body) return body.error();
        for (const auto& block : body->blocks) {
            if (block.type != "data" || block.labels.size() != 2 || !asks(block.labels[0])) continue;
            QuestionBlock seen;
            seen.type = block.labels[0];
            seen.name = plain_text(block.body, "name");
            seen.literal = is_literal(block.body);
            auto type = plain_text(block.body, "type");
            if (!type.empty()) seen.value_type = type;
            seen.has_options = offers_options(block.body);
            seen.has_form_type = block.body.attribute("form_type") != nullptr;
            add(block.labels[1], std::move(seen));
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
                    QuestionBlock seen;
                    seen.type = type;
                    seen.name = string_of(body, "name");
                    // A template in the text makes it unknown until it is evaluated.
                    if (holds_template(boost::json::value(seen.name))) seen.name.clear();
                    seen.literal = is_literal(body);
                    auto value_type = string_of(body, "type");
                    if (!value_type.empty()) seen.value_type = value_type;
                    seen.has_options = offers_options(body);
                    seen.has_form_type = body.contains("form_type");
                    add(std::string(label), std::move(seen));
                });
        });
    }

    bool tofu_;
    std::string prefix_;
    fs::path folder_;
    std::vector<QuestionBlock> found_;
};

}  // namespace

Result<std::vector<QuestionBlock>> find_questions(const fs::path& folder, bool tofu) {
    QuestionFinder finder(tofu);
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

#include <boost/json.hpp>
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "cli/server_options.h"
#include "cli/yaml.h"
#include "coderd/deployment/option_table.h"

namespace berth::cli {
namespace {

using coderd::OptionKind;
using coderd::OptionSpec;

/// The option at this place of the file; old names are not offered, but read.
const OptionSpec* option_at(std::string_view place) {
    for (const auto& option : coderd::option_table())
        if (option.yaml == place && !option.flag.empty()) return &option;
    return nullptr;
}

std::string in_quotes(const std::string& text) {
    YAML::Emitter emitter;
    emitter << YAML::DoubleQuoted << text;
    return emitter.c_str();
}

/// Flattens a YAML map to {"networking.http.httpAddress": "…"}.
void flatten_yaml(const YAML::Node& node, const std::string& path, std::map<std::string, std::string>& out) {
    const auto* option = option_at(path);
    if (option != nullptr && option->kind == OptionKind::json && !node.IsScalar()) {
        if (!node.IsNull()) out[path] = boost::json::serialize(json_of(node));
    } else if (node.IsMap()) {
        for (const auto& entry : node)
            flatten_yaml(entry.second, path + (path.empty() ? "" : ".") + entry.first.as<std::string>(), out);
    } else if (node.IsSequence()) {
        std::vector<std::string> items;
        for (const auto& item : node)
            items.push_back(item.as<std::string>());
        out[path] = base::join(items, ",");
    } else if (node.IsScalar()) {
        out[path] = node.as<std::string>();
    }
}

/// Groups in the order of the table, options in their groups.
struct YamlGroup {
    const OptionSpec* option = nullptr;
    std::vector<std::pair<std::string, YamlGroup>> members;

    YamlGroup& member(std::string_view name) {
        for (auto& [known, group] : members)
            if (known == name) return group;
        return members.emplace_back(std::string(name), YamlGroup()).second;
    }
};

std::string yaml_value(const OptionSpec& option, const std::string& text) {
    switch (option.kind) {
        case OptionKind::boolean:
            return text == "true" || text == "1" ? "true" : "false";
        case OptionKind::integer:
            return text.empty() ? "0" : text;
        case OptionKind::list: {
            std::vector<std::string> items;
            for (auto item : base::split(text, ','))
                if (!base::trim(item).empty()) items.push_back(in_quotes(std::string(base::trim(item))));
            return "[" + base::join(items, ", ") + "]";
        }
        case OptionKind::json:
            // JSON is YAML.
            return text.empty() ? "[]" : text;
        default:
            return in_quotes(text);
    }
}

void write_group(const YamlGroup& group, const OptionTexts& values, std::size_t depth, std::string& out) {
    std::string indent(depth * 2, ' ');
    for (const auto& [name, member] : group.members) {
        if (member.option != nullptr) {
            out += indent + "# " + std::string(member.option->description) + "\n";
            out += indent + name + ": " +
                   yaml_value(*member.option, values.at(std::string(member.option->flag))) + "\n";
        } else {
            out += indent + name + ":\n";
            write_group(member, values, depth + 1, out);
        }
    }
}

bool belongs_into_file(const OptionSpec& option, bool given) {
    if (option.yaml.empty() || option.flag.empty() || coderd::replacement_of(option) != nullptr) return false;
    if ((option.attributes & coderd::option_secret) != 0) return false;
    return given || ((option.attributes & coderd::option_hidden) == 0 && option.use_instead.empty());
}

}  // namespace

Result<OptionTexts> read_yaml_options(const std::string& path) {
    std::map<std::string, std::string> flat;
    try {
        flatten_yaml(YAML::LoadFile(path), "", flat);
    } catch (const YAML::Exception& failure) {
        return invalid_argument("cannot read the configuration file " + path, failure.what());
    }
    OptionTexts texts;
    for (const auto& [key, value] : flat) {
        const auto* found = option_at(key);
        if (found == nullptr) return invalid_argument("unknown key in " + path, key);
        texts[std::string(found->flag)] = value;
    }
    return texts;
}

std::string write_yaml_options(const OptionTexts& texts) {
    YamlGroup root;
    OptionTexts values;
    for (const auto& option : coderd::option_table()) {
        auto given = texts.find(std::string(option.flag));
        if (!belongs_into_file(option, given != texts.end())) continue;
        auto* group = &root;
        for (auto name : base::split(option.yaml, '.'))
            group = &group->member(name);
        group->option = &option;
        values[std::string(option.flag)] = option_text(texts, option.flag);
    }
    std::string out;
    write_group(root, values, 0, out);
    return out;
}

}  // namespace berth::cli

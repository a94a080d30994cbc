#include "coderd/deployment/option_values.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "base/time.h"

namespace berth::coderd {
namespace {

bool is_secret(const OptionSpec& spec) {
    // The address of the database may hold its password.
    return (spec.attributes & option_secret) != 0 || spec.flag == "postgres-url";
}

/// What is in force; nothing of a secret.
std::string shown_text(const OptionSpec& spec, const GivenOptions& given) {
    if (is_secret(spec)) return "";
    if (const auto* current = replacement_of(spec)) return shown_text(*current, given);
    auto found = given.find(std::string(spec.flag));
    return found != given.end() ? found->second : std::string(spec.default_value);
}

/// true, 3, 90000000000 (nanoseconds), ["a"], {"a": "b"}, "text". Null for JSON that was not given or is
/// broken.
boost::json::value json_value(OptionKind kind, const std::string& text) {
    switch (kind) {
        case OptionKind::boolean:
            return text == "true" || text == "1";
        case OptionKind::integer:
            return base::parse_int<std::int64_t>(text).value_or(0);
        case OptionKind::duration:
            return base::parse_go_duration(text).value_or(base::Duration(0)).count();
        case OptionKind::list: {
            boost::json::array list;
            if (text.empty()) return list;
            for (auto part : base::split(text, ','))
                list.emplace_back(base::trim(part));
            return list;
        }
        case OptionKind::json: {
            // The options of this kind that have no default are lists.
            if (text.empty()) return boost::json::array();
            boost::system::error_code error;
            auto value = boost::json::parse(text, error);
            return error ? boost::json::value() : value;
        }
        case OptionKind::text:
        case OptionKind::url:
        case OptionKind::choice:
            return boost::json::string(text);
    }
    return nullptr;
}

/// Puts the value where "tls.enable" says, making the objects on the way.
void put(boost::json::object& root, std::string_view path, boost::json::value value) {
    auto* object = &root;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        auto& inner = (*object)[path.substr(0, dot)];
        if (!inner.is_object()) inner = boost::json::object();
        object = &inner.as_object();
        path.remove_prefix(dot + 1);
    }
    (*object)[path] = std::move(value);
}

}  // namespace

sdk::ServerOption describe_option(const OptionSpec& spec, const GivenOptions& given) {
    sdk::ServerOption option;
    option.name = spec.name;
    option.description = spec.description;
    option.flag = spec.flag;
    option.flag_shorthand = spec.short_flag;
    option.env = spec.env;
    option.yaml = std::string(spec.yaml.substr(spec.yaml.rfind('.') + 1));
    option.default_ = spec.default_value;
    option.hidden = (spec.attributes & option_hidden) != 0;
    if (is_secret(spec)) option.annotations["secret"] = "true";
    auto value = json_value(spec.kind, shown_text(spec, given));
    if (spec.kind == OptionKind::choice) {
        auto choices = choices_of(spec);
        boost::json::array names(choices.begin(), choices.end());
        value = boost::json::object{{"Choices", names}, {"Value", value}};
    }
    option.value.text = boost::json::serialize(value);
    if (given.contains(std::string(spec.flag)))
        option.value_source = "flag";
    else if (!spec.default_value.empty())
        option.value_source = "default";
    return option;
}

Result<sdk::DeploymentValues> deployment_values(const GivenOptions& given) {
    boost::json::object root;
    for (const auto& spec : option_table()) {
        if (spec.config.empty() || replacement_of(spec) != nullptr) continue;
        auto value = json_value(spec.kind, shown_text(spec, given));
        if (!value.is_null()) put(root, spec.config, std::move(value));
    }
    return sdk::decode_response<sdk::DeploymentValues>(boost::json::serialize(root));
}

}  // namespace berth::coderd

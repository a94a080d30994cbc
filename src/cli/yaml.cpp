#include "cli/yaml.h"

#include <boost/json.hpp>

namespace berth::cli {
namespace {

namespace json = boost::json;

constexpr int max_depth = 64;
constexpr std::size_t max_values = 100'000;

class Converter {
public:
    json::value convert(const YAML::Node& node, int depth) {
        if (depth > max_depth || ++values_ > max_values)
            throw YAML::Exception(node.Mark(), "it is too large or too deep");
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return object(node, depth);
            case YAML::NodeType::Sequence: {
                json::array items;
                for (const auto& item : node)
                    items.push_back(convert(item, depth + 1));
                return items;
            }
            case YAML::NodeType::Scalar:
                return scalar(node);
            default:
                return nullptr;
        }
    }

private:
    json::value object(const YAML::Node& node, int depth) {
        json::object members;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) throw YAML::Exception(entry.first.Mark(), "a key must be a text");
            bool is_new = members.emplace(entry.first.Scalar(), convert(entry.second, depth + 1)).second;
            if (!is_new)
                throw YAML::Exception(entry.first.Mark(), "\"" + entry.first.Scalar() + "\" stands twice");
        }
        return members;
    }

    /// yaml-cpp's tag of what stands without quotes is "?".
    static json::value scalar(const YAML::Node& node) {
        const auto& text = node.Scalar();
        if (node.Tag() != "?") return json::value(text);
        boost::system::error_code failed;
        auto value = json::parse(text, failed);
        bool literal = !failed && (value.is_number() || value.is_bool() || value.is_null());
        return literal ? value : json::value(text);
    }

    std::size_t values_ = 0;
};

}  // namespace

json::value json_of(const YAML::Node& node) { return Converter().convert(node, 0); }

}  // namespace berth::cli

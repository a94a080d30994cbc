#include "provisioner/terraform/workspace_tags.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "base/uuid.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/hcl.h"
#include "provisioner/terraform/hcl_scanner.h"
#include "provisioner/terraform/parse.h"
#include "provisioner/terraform/template_folder.h"
#include "provisioner/terraform/variable_files.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Bounds for what only a hostile template needs.
constexpr int max_depth = 16;
constexpr int max_evaluations = 10'000;
constexpr std::size_t max_text = 4096;

/// Values by the way they are referred to ("var.region"), and expressions that have to be evaluated first.
struct Scope {
    std::map<std::string, std::string> values;
    std::map<std::string, std::string> expressions;
};

/// A text, number or bool as a tag holds it.
std::optional<std::string> tag_text(const json::value& value) {
    if (value.is_null() || value.is_array() || value.is_object()) return std::nullopt;
    return variable_text(value);
}

class TagEvaluator {
public:
    explicit TagEvaluator(const Scope& scope) : scope_(scope) {}

    std::optional<std::string> evaluate(std::string_view expression) {
        if (expression.size() > max_text || depth_ >= max_depth || ++evaluations_ > max_evaluations)
            return std::nullopt;
        ++depth_;
        auto value = evaluate_one(base::trim(expression));
        --depth_;
        if (value && value->size() > max_text) return std::nullopt;
        return value;
    }

private:
    std::optional<std::string> evaluate_one(std::string_view expression) {
        if (auto constant = hcl::constant_of(expression, {})) return tag_text(*constant);
        if (expression.starts_with('"')) return from_template(expression);
        std::string reference(expression);
        if (auto known = scope_.values.find(reference); known != scope_.values.end()) return known->second;
        auto written = scope_.expressions.find(reference);
        return written == scope_.expressions.end() ? std::nullopt : evaluate(written->second);
    }

    /// A quoted text with ${…} in it.
    std::optional<std::string> from_template(std::string_view quoted) {
        try {
            hcl::Scanner scanner(quoted, {}, {});
            scanner.advance();
            return rest_of_template(scanner);
        } catch (const hcl::Scanner::SyntaxError&) {
            return std::nullopt;
        }
    }

    std::optional<std::string> rest_of_template(hcl::Scanner& scanner) {
        std::string out;
        std::size_t from = scanner.offset();
        auto take_plain = [&] {
            auto plain = evaluate("\"" + std::string(scanner.text(from, scanner.offset())) + "\"");
            if (plain) out += *plain;
            return plain.has_value();
        };
        while (scanner.peek() != '"') {
            if (scanner.at_end() || scanner.looking_at("%{")) return std::nullopt;
            if (scanner.looking_at("$${") || scanner.looking_at("%%{")) {
                scanner.advance(3);
            } else if (scanner.looking_at("${")) {
                if (!take_plain()) return std::nullopt;
                scanner.advance(2);
                auto start = scanner.offset();
                scanner.skip_expression();
                auto inner = evaluate(scanner.text(start, scanner.offset()));
                if (!inner || scanner.peek() != '}') return std::nullopt;
                out += *inner;
                scanner.advance();
                from = scanner.offset();
            } else {
                scanner.advance(scanner.peek() == '\\' ? 2 : 1);
            }
        }
        return take_plain() ? std::optional(out) : std::nullopt;
    }

    const Scope& scope_;
    int depth_ = 0;
    int evaluations_ = 0;
};

std::string plain_text(const std::optional<json::value>& value) {
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

class ScopeReader {
public:
    explicit ScopeReader(const GivenValues& given) : given_(given) {}

    Result<void> read_file_named(const fs::path& folder, const std::string& name) {
        auto content = read_file(folder / name, max_configuration_file);
        if (!content) return content.error();
        return name.ends_with(".json") ? read_json(*content, name) : read_hcl(*content, name);
    }
    Scope take(const provisioner::ParseComplete& parsed) {
        for (const auto& variable : parsed.template_variables())
            if (!variable.required()) scope_.values["var." + variable.name()] = variable.default_value();
        for (const auto& value : parsed.file_variable_values())
            scope_.values["var." + value.name()] = value.value();
        for (const auto& [name, value] : given_.variables)
            scope_.values["var." + name] = value;
        return std::move(scope_);
    }

private:
    Result<void> read_hcl(const std::string& content, std::string_view file) {
        auto body = hcl::parse(content, file);
        if (!body) return body.error();
        for (const auto& block : body->blocks) {
            if (block.type == "locals") {
                for (const auto& attribute : block.body.attributes)
                    scope_.expressions["local." + attribute.name] = attribute.value.text;
            } else if (block.type == "data" && block.labels.size() == 2 &&
                       block.labels[0] == "coder_parameter") {
                const auto* name = block.body.attribute("name");
                const auto* fallback = block.body.attribute("default");
                add_parameter(block.labels[1], name ? plain_text(name->value.constant) : "",
                              fallback ? fallback->value.text : "");
            }
        }
        return {};
    }

    Result<void> read_json(const std::string& content, std::string_view file) {
        auto root = parse_json_configuration(content, file);
        if (!root) return root.error();
        each_object(&*root, [this](const json::object& top) {
            each_object(top.if_contains("locals"), [this](const json::object& locals) {
                for (const auto& [name, value] : locals)
                    scope_.expressions["local." + std::string(name)] = json::serialize(value);
            });
            each_object(top.if_contains("data"), [this](const json::object& data) {
                each_object(data.if_contains("coder_parameter"), [this](const json::object& parameters) {
                    for (const auto& [label, value] : parameters)
                        each_object(&value, [&, this, label = std::string(label)](const json::object& body) {
                            const auto* name = body.if_contains("name");
                            const auto* fallback = body.if_contains("default");
                            add_parameter(label, name ? plain_text(*name) : "",
                                          fallback ? json::serialize(*fallback) : "");
                        });
                });
            });
        });
        return {};
    }

    /// The expressions are empty where there is none.
    void add_parameter(const std::string& label, const std::string& name, const std::string& fallback) {
        auto reference = "data.coder_parameter." + label + ".value";
        auto answer = given_.parameters.find(name);
        if (answer != given_.parameters.end()) scope_.values[reference] = answer->second;
        // An override file need not repeat it.
        if (!fallback.empty()) scope_.expressions[reference] = fallback;
    }

    const GivenValues& given_;
    Scope scope_;
};

/// A new folder that only we may read, gone with this.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const fs::path& root) : path_(root / Uuid::random().to_string()) {
        fs::create_directories(path_, failed_);
        if (!failed_) fs::permissions(path_, fs::perms::owner_all, failed_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const fs::path& path() const { return path_; }
    [[nodiscard]] const std::error_code& failed() const { return failed_; }

private:
    fs::path path_;
    std::error_code failed_;
};

}  // namespace

Result<WorkspaceTags> read_workspace_tags(const fs::path& folder, const GivenValues& given, bool tofu) {
    auto parsed = parse_template(folder, tofu);
    if (!parsed) return parsed.error();
    WorkspaceTags tags;
    if (parsed->workspace_tags().empty()) return tags;
    auto names = configuration_files(folder, tofu);
    if (!names) return names.error();
    ScopeReader reader(given);
    for (const auto& name : *names) {
        auto read = reader.read_file_named(folder, name);
        if (!read) return read.error();
    }
    auto scope = reader.take(*parsed);
    TagEvaluator evaluator(scope);
    std::map<std::string, std::string> sorted(parsed->workspace_tags().begin(),
                                              parsed->workspace_tags().end());
    for (const auto& [key, expression] : sorted) {
        auto value = evaluator.evaluate(expression);
        if (value)
            tags.values[key] = base::to_valid_utf8(*value);
        else
            tags.unknown.push_back(key);
    }
    return tags;
}

Result<WorkspaceTags> read_archived_tags(const fs::path& root, const std::string& archive,
                                         const GivenValues& given) {
    TemporaryFolder folder(root);
    if (folder.failed())
        return internal_error("cannot create a folder for the template", folder.failed().message());
    auto unpacked = unpack_template(folder.path(), archive, "", {});
    if (!unpacked) return unpacked.error();
    return read_workspace_tags(folder.path(), given);
}

}  // namespace berth::terraform

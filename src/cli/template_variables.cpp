#include "cli/template_variables.h"

#include <set>

#include <boost/json.hpp>

#include "base/text.h"
#include "cli/table.h"
#include "cli/workspace.h"
#include "cli/yaml.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/parse.h"

namespace berth::cli {
namespace {

using Values = std::map<std::string, std::string>;
using Names = std::set<std::string>;

constexpr std::size_t max_variables_file = 1 << 20;

Result<Values> flag_values(const VariableOptions& options) {
    Values values;
    if (!options.file.empty()) {
        auto text = read_input(options.file);
        if (!text) return text.error();
        auto read = read_variables(*text, options.file == "-" ? "standard input" : options.file);
        if (!read) return read.error();
        values = std::move(*read);
    }
    auto pairs = parse_pairs(options.variables, "--variable");
    if (!pairs) return pairs.error();
    for (auto& [name, value] : *pairs)
        values.insert_or_assign(name, std::move(value));
    return values;
}

/// Variables that the server may take from the active version when nobody gives them. What only a *.tfvars
/// file of that version said it does not take, but nobody is told where a value is from: then the import
/// fails and names the variable.
asio::awaitable<Result<Names>> kept_names(sdk::Client& client, Uuid active) {
    auto variables = co_await client.template_variables(active);
    if (!variables) co_return variables.error();
    Names names;
    for (const auto& variable : *variables)
        // Whether a sensitive one has a value of its own is not shown: the server knows.
        if (variable.required || variable.sensitive || variable.value != variable.default_value)
            names.insert(variable.name);
    co_return names;
}

std::string question_for(const provisioner::TemplateVariable& variable) {
    std::string text = "Terraform variable " + printable(variable.name());
    if (!variable.description().empty()) text += " (" + printable(variable.description()) + ")";
    return text + "\nValue: ";
}

Result<Values> read_map(const YAML::Node& root) {
    Values values;
    if (root.IsNull()) return values;
    if (!root.IsMap()) return invalid_argument(" must be a map of variables");
    auto json = json_of(root);
    for (const auto& entry : root) {
        auto name = entry.first.Scalar();
        // A number is what was written, not what JSON makes of it.
        if (entry.second.IsNull())
            return invalid_argument(std::to_string(entry.first.Mark().line + 1) + ": \"" + name +
                                    "\" has no value; an empty text is \"\"");
        values[name] = entry.second.IsScalar() ? entry.second.Scalar()
                                               : boost::json::serialize(json.get_object().at(name));
    }
    return values;
}

std::vector<provisioner::TemplateVariable> required_by(const std::filesystem::path& folder, bool tofu) {
    std::vector<provisioner::TemplateVariable> required;
    auto parsed = terraform::parse_template(folder, tofu);
    if (!parsed) return required;
    for (const auto& variable : parsed->template_variables())
        if (variable.required()) required.push_back(variable);
    return required;
}

}  // namespace

std::vector<provisioner::TemplateVariable> required_variables(const std::filesystem::path& folder) {
    auto has_files = [&folder](bool tofu) {
        auto files = terraform::configuration_files(folder, tofu);
        return files && !files->empty();
    };
    if (!has_files(false)) return required_by(folder, true);
    auto required = required_by(folder, false);
    Names of_tofu;
    for (const auto& variable : required_by(folder, true))
        of_tofu.insert(variable.name());
    std::erase_if(required, [&of_tofu](const auto& variable) { return !of_tofu.contains(variable.name()); });
    return required;
}

void VariableOptions::add_to(CLI::App* command) {
    command->add_option("--variable,--var", variables, "Terraform variable as name=value; may be repeated");
    command->add_option("--variables-file", file,
                        "YAML file of Terraform variables, name: value; - is standard input");
    command->add_flag("--always-prompt", always_prompt,
                      "Ask for required variables also when the active version has values");
}

Result<Values> read_variables(const std::string& yaml, const std::string& name) {
    if (yaml.size() > max_variables_file) return invalid_argument(name + " is larger than 1 MiB");
    try {
        auto values = read_map(YAML::Load(yaml));
        if (!values) return invalid_argument(name + ":" + values.error().message());
        return values;
    } catch (const YAML::Exception& error) {
        auto line = error.mark.is_null() ? "" : std::to_string(error.mark.line + 1) + ":";
        return invalid_argument(name + ":" + line + " not valid YAML: " + error.msg);
    }
}

asio::awaitable<Result<std::vector<sdk::VariableValue>>> collect_variables(
    Session& session, sdk::Client& client, VariableOptions options, std::filesystem::path folder,
    std::optional<Uuid> active, bool yes) {
    auto values = flag_values(options);
    if (!values) co_return values.error();
    Names kept;
    if (active && !options.always_prompt) {
        auto names = co_await kept_names(client, *active);
        if (!names) co_return names.error();
        kept = std::move(*names);
    }
    std::string missing;
    for (const auto& variable : required_variables(folder)) {
        const auto& name = variable.name();
        if (values->contains(name) || kept.contains(name)) continue;
        if (yes || !session.interactive()) {
            missing += (missing.empty() ? "" : ", ") + printable(name);
            continue;
        }
        auto answer = prompt(question_for(variable), variable.sensitive());
        if (!answer) co_return answer.error();
        values->emplace(name, std::move(*answer));
    }
    if (!missing.empty())
        co_return invalid_argument("Terraform variables need values: " + missing,
                                   "give --variable name=value, or --variables-file");
    std::vector<sdk::VariableValue> out;
    for (auto& [name, value] : *values)
        out.push_back({name, std::move(value)});
    co_return out;
}

}  // namespace berth::cli

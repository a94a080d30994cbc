#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/session.h"
#include "provisioner.pb.h"
#include "sdk/client.h"

namespace berth::cli {

/// What the flags of a command say of a template's Terraform variables.
struct VariableOptions {
    /// "name=value" of --variable.
    std::vector<std::string> variables;
    std::string file;
    /// Required variables are asked for even when the active version has values.
    bool always_prompt = false;

    void add_to(CLI::App* command);
};

/// A YAML map of variables: a text, number or truth value as it is written, lists and maps as JSON. Errors
/// begin with `name` and the line, and show no value.
Result<std::map<std::string, std::string>> read_variables(const std::string& yaml, const std::string& name);

/// Variables of the template in `folder` without a default and without a value in a *.tfvars file. Terraform
/// and OpenTofu can read different files, and only the daemon knows which of them it runs: a variable that
/// one of the two has no need of is not among these. What cannot be read here is the server's to complain
/// about, and an import names the variables that it lacks.
std::vector<provisioner::TemplateVariable> required_variables(const std::filesystem::path& folder);

/// The values to send: those of the flags, --variable over --variables-file. Required variables of the
/// template in `folder` that neither these nor its *.tfvars files nor the `active` version give are asked for
/// at the terminal; without one (or with `yes`) the error names them.
asio::awaitable<Result<std::vector<sdk::VariableValue>>> collect_variables(
    Session& session, sdk::Client& client, VariableOptions options, std::filesystem::path folder,
    std::optional<Uuid> active, bool yes);

}  // namespace berth::cli

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace berth::terraform {

/// Whether the file's name is one of those that terraform takes variables' values from (*.tfvars,
/// *.tfvars.json).
bool is_variable_file(std::string_view name);

/// A variable's value as people and TF_VAR_… write it: the bare text of a string or number, nothing for null,
/// JSON for everything else.
std::optional<std::string> variable_text(const boost::json::value& value);

/// By variable name: its variable_text(), or nothing for null and for an expression that is terraform's to
/// evaluate.
using FileValues = std::map<std::string, std::optional<std::string>>;

/// What the files that terraform loads by itself say: terraform.tfvars, terraform.tfvars.json, then
/// *.auto.tfvars and *.auto.tfvars.json by name, where the last one wins. An error names the place, never a
/// value. Whether an expression is one that terraform allows there is for the import's plan to say.
Result<FileValues> read_variable_files(const std::filesystem::path& folder);

}  // namespace berth::terraform

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "coderd/options.h"

namespace berth::cli {

/// Text of the options that were given, by flag ("http-address"), from the command line, the environment, or
/// the YAML file of --config; in that order of precedence.
using OptionTexts = std::map<std::string, std::string>;

/// Checks every text against its kind and fills ServerOptions. All that is wrong is named at once, one
/// FieldError an option; secret values are never repeated in it.
Result<coderd::ServerOptions> parse_server_options(const OptionTexts& texts);

/// Given options that nothing of this version reads, and whose value is not the default: worth a warning.
std::vector<std::string> options_without_effect(const OptionTexts& texts);

/// The text in force: what was given, else the default.
std::string option_text(const OptionTexts& texts, std::string_view flag);
/// A duration of the option table that is no part of ServerOptions.
base::Duration duration_option(const OptionTexts& texts, std::string_view flag);

/// Where systemd or XDG wants caches, below "coder".
std::filesystem::path default_cache_dir();

/// For --write-config: every option that has a place in the YAML file, with its value in force. Never a
/// secret.
std::string write_yaml_options(const OptionTexts& texts);

/// Values of the YAML file of --config by flag. Unknown keys are errors that name their path.
Result<OptionTexts> read_yaml_options(const std::string& path);

}  // namespace berth::cli

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "coderd/options.h"

namespace berth::cli {

/// Text of the options that were given, by flag ("http-address"), from the command line, the environment, or
/// the YAML file of --config; in that order of precedence.
using OptionTexts = std::map<std::string, std::string>;

/// Checks every text against its kind and fills ServerOptions. All that is wrong is named at once, one
/// FieldError an option; secret values are never repeated in it.
Result<coderd::ServerOptions> parse_server_options(const OptionTexts& texts);

/// Values of the YAML file of --config by flag. Unknown keys are errors that name their path.
Result<OptionTexts> read_yaml_options(const std::string& path);

}  // namespace berth::cli

#pragma once

#include "base/result.h"
#include "coderd/deployment/option_table.h"
#include "sdk/deployment_values.h"

namespace berth::coderd {

/// The texts of the options that were given, by flag.
using GivenOptions = std::map<std::string, std::string>;

/// The option as the deployment page lists it. A secret's value stays empty.
sdk::ServerOption describe_option(const OptionSpec& spec, const GivenOptions& given);

/// Every option's value in its place in the configuration, defaults included. Secrets stay empty.
/// Fails on a value that is not of its option's kind.
Result<sdk::DeploymentValues> deployment_values(const GivenOptions& given);

}  // namespace berth::coderd

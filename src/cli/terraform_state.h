#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::cli {

/// Addresses of the resources in a Terraform state (format version 4), as Terraform writes them:
/// `module.m["a"].docker_container.dev[0]`, data sources with `data.` before the type.
Result<std::vector<std::string>> list_resources(std::string_view state);

/// The state without the resources named by `addresses`, each an instance, all instances of a resource, or
/// everything in a module; the serial is one more, and all else stays as it is written. not_found when an
/// address names nothing.
Result<std::string> forget_resources(std::string_view state, const std::vector<std::string>& addresses);

}  // namespace berth::cli

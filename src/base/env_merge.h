#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::base {

/// Adds one coder_env to an agent's environment. `strategy` says what happens when `name` is defined already:
/// "" and replace take the new value; append gives old:new and prepend new:old (just the new value where the
/// old one is missing or empty); error fails with "duplicate env var". Other strategies fail. Callers add an
/// agent's coder_env resources in the order of their addresses.
Result<void> merge_env(std::map<std::string, std::string>& environment, const std::string& name,
                       const std::string& value, std::string_view strategy);

}  // namespace berth::base

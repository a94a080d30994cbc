#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace berth::coderd {

/// Somebody may only give, or take away, roles that a role of their own (`held`) lets them give.
Result<void> check_assignable(const std::vector<std::string>& held, const std::vector<std::string>& before,
                              const std::vector<std::string>& after);

}  // namespace berth::coderd

#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::coderd {

/// Whether we can serve a daemon that speaks this version of the protocol ("1.14"): the same major and no
/// newer minor. The error tells which side is to be upgraded.
Result<void> check_provisionerd_version(std::string_view text);

}  // namespace berth::coderd

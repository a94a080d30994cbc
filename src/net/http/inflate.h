#pragma once

// Private to net/http.

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::http {

/// Unpacks gzip or zlib data; `too_large` when it would grow past `limit`.
Result<std::string> inflate(std::string_view data, std::size_t limit);

}  // namespace berth::http

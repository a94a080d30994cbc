#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::terraform {

/// The whole file; `not_found`, or `too_large` above `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);
/// Replaces the file; only its owner may read it.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

}  // namespace berth::terraform

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
/// Copies a file, not what a link leads to, to where none is; the two share their blocks where the file
/// system can. Only its owner may read the copy, or run it.
Result<void> copy_private_file(const std::filesystem::path& from, const std::filesystem::path& to,
                               bool executable);

}  // namespace berth::terraform

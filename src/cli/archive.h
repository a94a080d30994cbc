#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace berth::cli {

/// A template folder as a tar: regular files and links inside it, sorted. Left out: .terraform, *.tfstate*,
/// version control. The lock file stays. invalid_argument when the folder has no *.tf or *.tf.json; too_large
/// above `limit` bytes.
Result<std::string> pack_template(const std::filesystem::path& folder, std::size_t limit = 100u << 20);

}  // namespace berth::cli

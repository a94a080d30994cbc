#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace berth::agent {

/// The files of the owner's secrets: content by absolute path.
using SecretFiles = std::map<std::filesystem::path, std::string>;

/// Writes the files (0600), and removes those that earlier calls wrote and that are wanted no longer, unless
/// somebody has changed them since. `record` is where it remembers them, by the hash of their content; it
/// has to live as long as they do, in the same home directory. Fails with the first file that could not be
/// written, after all others.
Result<void> place_secret_files(const std::filesystem::path& record, const SecretFiles& files);

}  // namespace berth::agent

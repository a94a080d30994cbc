#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace berth::terraform {

/// Copies what lies in `from` into `to`, an empty folder, and returns the size of all files in bytes. Links
/// are copied as links. Refused: what is neither file, folder nor link; a link that names a place in `from`
/// by its absolute path, since the copy's would still lead there; above `limit` bytes (`too_large`).
Result<std::uint64_t> copy_folder(const std::filesystem::path& from, const std::filesystem::path& to,
                                  std::uint64_t limit);

/// A hash over what the kernel knows of everything in a folder: names, sizes, inodes, times. Equal ones mean
/// that nothing was changed in between, because the time of the last change cannot be set by who makes it.
/// Covers what absolute links lead to, and what lies in there when that is a folder (an installed provider).
Result<std::string> folder_fingerprint(const std::filesystem::path& folder);
/// The same of one file, through links.
Result<std::string> file_fingerprint(const std::filesystem::path& path);
/// Waits a few milliseconds, for the kernel's clock of file times to tick: what is changed from then on has
/// another time than what was changed before, and so another fingerprint.
void await_next_file_time();

}  // namespace berth::terraform

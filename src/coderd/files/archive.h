#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::coderd {

/// What an archive may unpack to, whatever its own size: the defence against archives made to explode.
struct ArchiveBounds {
    /// Sum of all files' bytes, and of the converted archive.
    std::size_t bytes = 100 << 20;
    std::size_t entries = 20'000;
};

/// The same files, folders and links in the other format. Blocks and burns CPU: run on the workers.
/// `too_large` past the bounds, invalid_argument for what is no such archive, is damaged, or names a file
/// outside of the archive's own root.
Result<std::string> zip_to_tar(std::string_view zip, const ArchiveBounds& bounds);
Result<std::string> tar_to_zip(std::string_view tar, const ArchiveBounds& bounds);

}  // namespace berth::coderd

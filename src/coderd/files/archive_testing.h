#pragma once

#include <string>
#include <utility>
#include <vector>

namespace berth::coderd {

using ArchiveFiles = std::vector<std::pair<std::string, std::string>>;

/// Archives with these (path, content) files, as a client would upload them.
std::string make_tar(const ArchiveFiles& files);
std::string make_zip(const ArchiveFiles& files);
/// The files of a tar or zip archive, in order; empty when it is neither.
ArchiveFiles list_archive(const std::string& data);

}  // namespace berth::coderd

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace berth::cli {

/// Bytes since the last report.
struct NetworkBytes {
    std::uint64_t up = 0;
    std::uint64_t down = 0;
};

/// <dir>/<pid>.json as editors read it (facts/editors.md); removed with the object.
class NetworkInfoFile {
public:
    explicit NetworkInfoFile(const std::filesystem::path& folder);
    ~NetworkInfoFile();
    NetworkInfoFile(const NetworkInfoFile&) = delete;
    NetworkInfoFile& operator=(const NetworkInfoFile&) = delete;

    Result<void> write(NetworkBytes bytes, std::chrono::seconds interval) const;

private:
    std::filesystem::path path_;
};

}  // namespace berth::cli

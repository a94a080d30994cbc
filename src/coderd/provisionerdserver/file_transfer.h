#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace provisioner {
class ChunkPiece;
class DataUpload;
class FileUpload;
}  // namespace provisioner

namespace berth::coderd {

/// Files travel in pieces of this size; only the last may be shorter.
inline constexpr std::size_t chunk_size = 2 << 20;
/// Modules of a template, packed; the daemon leaves out the biggest ones to stay below.
inline constexpr std::int64_t max_module_files = 20 << 20;

/// Puts a file together from the pieces a daemon sends. The size is checked before anything is reserved for
/// it, so that an announced size alone costs nothing.
class FileAssembler {
public:
    /// invalid_argument or too_large when the announcement does not add up.
    static Result<FileAssembler> start(const provisioner::DataUpload& announcement);
    /// Pieces come in order, with the right hash and sizes.
    Result<void> add(const provisioner::ChunkPiece& piece);
    [[nodiscard]] bool complete() const { return next_ == chunks_; }
    /// The whole file, once complete and with the announced SHA-256.
    Result<std::string> finish();
    [[nodiscard]] const std::string& hash() const { return hash_; }

private:
    FileAssembler() = default;

    std::string hash_;
    std::size_t size_ = 0;
    std::int32_t chunks_ = 0;
    std::int32_t next_ = 0;
    std::string data_;
};

/// The messages that carry a file: the announcement, then its pieces.
std::vector<provisioner::FileUpload> split_file(const std::string& data);

}  // namespace berth::coderd

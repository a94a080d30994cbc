#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// Puts a file together from the pieces of a FileUpload stream. Wrong order, size, count or hash is an error.
class FileAssembler {
public:
    /// `hash`: the SHA-256 that the file must have, 32 raw bytes. `limit` in bytes.
    FileAssembler(std::string hash, std::size_t limit) : hash_(std::move(hash)), limit_(limit) {}

    /// True when the file is complete.
    Result<bool> add(const provisioner::FileUpload& part);
    [[nodiscard]] std::string take() && { return std::move(content_); }

private:
    Result<bool> begin(const provisioner::DataUpload& upload);
    Result<bool> piece(const provisioner::ChunkPiece& chunk);

    std::string hash_;
    std::size_t limit_;
    bool begun_ = false;
    std::size_t size_ = 0;
    int chunks_ = 0;
    int next_ = 0;
    std::string content_;
};

/// The pieces of a file, in sending order.
struct FilePieces {
    provisioner::DataUpload head;
    std::vector<provisioner::ChunkPiece> pieces;
};
FilePieces cut_file(const std::string& content, const std::string& hash, std::size_t piece_size = 2u << 20);

}  // namespace berth::terraform

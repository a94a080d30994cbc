#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"

/// Files that travel in pieces between server, daemon and provisioner, because a message holds 4 MiB only.
namespace berth::rpc {

/// Only the last piece is shorter.
inline constexpr std::size_t file_piece = 2 << 20;

/// A file's announcement, then its pieces.
using FileMessages = std::vector<::provisioner::FileUpload>;

FileMessages cut_file(const std::string& content, std::size_t piece = file_piece);

/// Whether the messages of a file are what was announced: right kind, order, sizes and hash of each piece.
/// Does not look at the content.
class FileProgress {
public:
    /// In bytes; a file that announces more is `too_large`, before anything is reserved for it.
    explicit FileProgress(std::size_t limit) : limit_(limit) {}

    /// True when the file is complete.
    Result<bool> take(const ::provisioner::FileUpload& message);
    [[nodiscard]] bool complete() const { return announced_ && next_ == chunks_; }
    /// The announced SHA-256, 32 raw bytes; empty before that.
    [[nodiscard]] const std::string& hash() const { return hash_; }

private:
    Result<void> begin(const ::provisioner::DataUpload& announcement);
    Result<void> piece(const ::provisioner::ChunkPiece& piece);

    std::size_t limit_;
    bool announced_ = false;
    std::string hash_;
    /// Of what is still to come.
    std::size_t left_ = 0;
    std::int32_t chunks_ = 0;
    std::int32_t next_ = 0;
};

/// Puts a file together.
class FileAssembler {
public:
    explicit FileAssembler(std::size_t limit) : progress_(limit) {}

    /// True when the file is complete and has the announced hash; otherwise that is `data_loss`.
    Result<bool> add(const ::provisioner::FileUpload& message);
    [[nodiscard]] bool complete() const { return progress_.complete(); }
    [[nodiscard]] const std::string& hash() const { return progress_.hash(); }
    [[nodiscard]] std::string take() && { return std::move(content_); }

private:
    FileProgress progress_;
    std::string content_;
};

}  // namespace berth::rpc

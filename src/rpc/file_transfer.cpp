#include "rpc/file_transfer.h"

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::rpc {
namespace {

namespace pb = ::provisioner;

constexpr std::size_t sha256_size = 32;

std::string raw_sha256(const std::string& data) {
    auto digest = base::sha256(data);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

FileMessages cut_file(const std::string& content, std::size_t piece) {
    FileMessages messages(1);
    auto hash = raw_sha256(content);
    for (std::size_t at = 0; at < content.size(); at += piece) {
        auto* chunk = messages.emplace_back().mutable_chunk_piece();
        chunk->set_data(content.substr(at, piece));
        chunk->set_full_data_hash(hash);
        chunk->set_piece_index(static_cast<std::int32_t>(messages.size()) - 2);
    }
    auto* announcement = messages.front().mutable_data_upload();
    announcement->set_upload_type(pb::UPLOAD_TYPE_MODULE_FILES);
    announcement->set_data_hash(hash);
    announcement->set_file_size(static_cast<std::int64_t>(content.size()));
    announcement->set_chunks(static_cast<std::int32_t>(messages.size()) - 1);
    return messages;
}

Result<bool> FileProgress::take(const pb::FileUpload& message) {
    Result<void> taken = invalid_argument("an empty or unknown part of a file was sent");
    switch (message.type_case()) {
        case pb::FileUpload::kDataUpload:
            taken = begin(message.data_upload());
            break;
        case pb::FileUpload::kChunkPiece:
            taken = piece(message.chunk_piece());
            break;
        case pb::FileUpload::kError:
            taken =
                invalid_argument("the file cannot be sent: " + base::to_valid_utf8(message.error().error()));
            break;
        default:
            break;
    }
    if (!taken) return taken.error();
    return complete();
}

Result<void> FileProgress::begin(const pb::DataUpload& announcement) {
    if (announced_) return invalid_argument("the file was announced twice");
    if (announcement.upload_type() != pb::UPLOAD_TYPE_MODULE_FILES)
        return invalid_argument("only module files are taken");
    if (announcement.data_hash().size() != sha256_size)
        return invalid_argument("the file's hash is not a SHA-256");
    auto size = announcement.file_size();
    if (size <= 0 || announcement.chunks() <= 0) return invalid_argument("an empty file was sent");
    if (static_cast<std::uint64_t>(size) > limit_)
        return Error(ErrorCode::too_large, fmt::format("the file is larger than {} MiB", limit_ >> 20));
    if (announcement.chunks() > size) return invalid_argument("more pieces were announced than bytes");
    announced_ = true;
    hash_ = announcement.data_hash();
    left_ = static_cast<std::size_t>(size);
    chunks_ = announcement.chunks();
    return {};
}

Result<void> FileProgress::piece(const pb::ChunkPiece& piece) {
    if (!announced_) return invalid_argument("a piece was sent before its file was announced");
    if (complete()) return invalid_argument("there are more pieces than announced");
    if (piece.full_data_hash() != hash_) return invalid_argument("a piece of another file was sent");
    if (piece.piece_index() != next_)
        return invalid_argument(
            fmt::format("out of order: piece {} was sent instead of piece {}", piece.piece_index(), next_));
    if (piece.data().size() > left_) return invalid_argument("the pieces are larger than the file");
    left_ -= piece.data().size();
    ++next_;
    if (complete() && left_ > 0) return invalid_argument("the pieces are smaller than the file");
    return {};
}

Result<bool> FileAssembler::add(const pb::FileUpload& message) {
    auto done = progress_.take(message);
    if (!done) return done;
    content_ += message.chunk_piece().data();
    if (*done && raw_sha256(content_) != progress_.hash())
        return Error(ErrorCode::data_loss, "the file does not have the announced hash");
    return done;
}

}  // namespace berth::rpc

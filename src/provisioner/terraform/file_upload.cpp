#include "provisioner/terraform/file_upload.h"

#include <fmt/format.h>

#include "base/crypto.h"

namespace berth::terraform {

namespace pb = ::provisioner;

Result<bool> FileAssembler::add(const pb::FileUpload& part) {
    switch (part.type_case()) {
        case pb::FileUpload::kDataUpload:
            return begin(part.data_upload());
        case pb::FileUpload::kChunkPiece:
            return piece(part.chunk_piece());
        case pb::FileUpload::kError:
            return unavailable("the file could not be fetched: " + part.error().error());
        default:
            return invalid_argument("an empty or unknown part of a file was sent");
    }
}

Result<bool> FileAssembler::begin(const pb::DataUpload& upload) {
    if (begun_) return invalid_argument("a second file was started before the first one ended");
    begun_ = true;
    if (upload.upload_type() != pb::UPLOAD_TYPE_MODULE_FILES)
        return invalid_argument("only module files are taken here");
    if (upload.data_hash() != hash_)
        return invalid_argument("the file that was sent is not the one announced");
    if (upload.file_size() <= 0 || upload.chunks() <= 0) return invalid_argument("an empty file was sent");
    if (static_cast<std::uint64_t>(upload.file_size()) > limit_)
        return Error(ErrorCode::too_large, fmt::format("the file is larger than {} MiB", limit_ >> 20));
    if (upload.chunks() > upload.file_size())
        return invalid_argument("more pieces were announced than bytes");
    size_ = static_cast<std::size_t>(upload.file_size());
    chunks_ = upload.chunks();
    return false;
}

Result<bool> FileAssembler::piece(const pb::ChunkPiece& chunk) {
    if (!begun_) return invalid_argument("a piece was sent before its file was announced");
    if (chunk.full_data_hash() != hash_) return invalid_argument("a piece of another file was sent");
    if (chunk.piece_index() != next_)
        return invalid_argument(
            fmt::format("piece {} was sent instead of piece {}", chunk.piece_index(), next_));
    if (chunk.data().size() > size_ - content_.size())
        return invalid_argument("the pieces are larger than the file");
    content_ += chunk.data();
    if (++next_ < chunks_) return false;
    if (content_.size() != size_) return invalid_argument("the pieces are smaller than the file");
    auto hash = base::sha256(content_);
    if (std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()) != hash_)
        return Error(ErrorCode::data_loss, "the file was damaged on its way");
    return true;
}

FilePieces cut_file(const std::string& content, const std::string& hash, std::size_t piece_size) {
    FilePieces cut;
    for (std::size_t at = 0; at < content.size(); at += piece_size) {
        auto& piece = cut.pieces.emplace_back();
        piece.set_data(content.substr(at, piece_size));
        piece.set_full_data_hash(hash);
        piece.set_piece_index(static_cast<std::int32_t>(cut.pieces.size() - 1));
    }
    cut.head.set_upload_type(pb::UPLOAD_TYPE_MODULE_FILES);
    cut.head.set_data_hash(hash);
    cut.head.set_file_size(static_cast<std::int64_t>(content.size()));
    cut.head.set_chunks(static_cast<std::int32_t>(cut.pieces.size()));
    return cut;
}

}  // namespace berth::terraform

#include "coderd/provisionerdserver/file_transfer.h"

#include <algorithm>

#include "base/crypto.h"
#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

std::string raw_sha256(std::string_view data) {
    auto digest = base::sha256(data);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::int64_t chunks_for(std::int64_t size) {
    return (size + static_cast<std::int64_t>(chunk_size) - 1) / static_cast<std::int64_t>(chunk_size);
}

}  // namespace

Result<FileAssembler> FileAssembler::start(const provisioner::DataUpload& announcement) {
    if (announcement.upload_type() != provisioner::UPLOAD_TYPE_MODULE_FILES)
        return invalid_argument("this kind of file cannot be uploaded");
    if (announcement.data_hash().size() != 32) return invalid_argument("the file's hash is not a SHA-256");
    if (announcement.file_size() <= 0) return invalid_argument("the file has no size");
    if (announcement.file_size() > max_module_files)
        return Error(ErrorCode::too_large, "the file is larger than 20 MiB");
    if (announcement.chunks() != chunks_for(announcement.file_size()))
        return invalid_argument("the number of pieces does not fit the file's size");
    FileAssembler assembler;
    assembler.hash_ = announcement.data_hash();
    assembler.size_ = static_cast<std::size_t>(announcement.file_size());
    assembler.chunks_ = announcement.chunks();
    return assembler;
}

Result<void> FileAssembler::add(const provisioner::ChunkPiece& piece) {
    if (complete()) return invalid_argument("there are more pieces than announced");
    if (piece.piece_index() != next_) return invalid_argument("the pieces are out of order");
    if (piece.full_data_hash() != hash_) return invalid_argument("a piece belongs to another file");
    std::size_t expected = std::min(chunk_size, size_ - data_.size());
    if (piece.data().size() != expected) return invalid_argument("a piece has the wrong size");
    data_ += piece.data();
    ++next_;
    return {};
}

Result<std::string> FileAssembler::finish() {
    if (!complete()) return invalid_argument("the upload ended before all pieces came");
    if (raw_sha256(data_) != hash_)
        return invalid_argument("the file's content does not have the announced hash");
    return std::move(data_);
}

std::vector<provisioner::FileUpload> split_file(const std::string& data) {
    std::vector<provisioner::FileUpload> messages;
    std::string hash = raw_sha256(data);
    auto chunks = static_cast<std::int32_t>(chunks_for(static_cast<std::int64_t>(data.size())));
    auto* announcement = messages.emplace_back().mutable_data_upload();
    announcement->set_upload_type(provisioner::UPLOAD_TYPE_MODULE_FILES);
    announcement->set_data_hash(hash);
    announcement->set_file_size(static_cast<std::int64_t>(data.size()));
    announcement->set_chunks(chunks);
    for (std::int32_t index = 0; index < chunks; ++index) {
        auto* piece = messages.emplace_back().mutable_chunk_piece();
        piece->set_data(data.substr(static_cast<std::size_t>(index) * chunk_size, chunk_size));
        piece->set_full_data_hash(hash);
        piece->set_piece_index(index);
    }
    return messages;
}

}  // namespace berth::coderd

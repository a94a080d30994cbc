#include "provisionerd/session.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "rpc/provisioner.h"

namespace berth::provisionerd {

using ::provisioner::FileUpload;
using ::provisioner::Response;

namespace {

// More than any module archive may have: a provisioner that sends more is broken.
constexpr std::int64_t max_file = 100 << 20;

}  // namespace

FilePieces cut_file(const std::string& content) {
    auto digest = base::sha256(content);
    std::string hash(reinterpret_cast<const char*>(digest.data()), digest.size());
    FilePieces pieces(1);
    auto* head = pieces.front().mutable_data_upload();
    head->set_upload_type(::provisioner::UPLOAD_TYPE_MODULE_FILES);
    head->set_data_hash(hash);
    head->set_file_size(std::int64_t(content.size()));
    for (std::size_t at = 0; at < content.size(); at += rpc::provisioner::file_chunk) {
        auto* chunk = pieces.emplace_back().mutable_chunk_piece();
        chunk->set_data(content.substr(at, rpc::provisioner::file_chunk));
        chunk->set_full_data_hash(hash);
        chunk->set_piece_index(std::int32_t(pieces.size()) - 2);
    }
    pieces.front().mutable_data_upload()->set_chunks(std::int32_t(pieces.size()) - 1);
    return pieces;
}

Result<void> check_piece(const FilePieces& before, const FileUpload& next) {
    if (next.has_error()) return Error(ErrorCode::failed_precondition, next.error().error());
    if (next.has_data_upload()) {
        const auto& head = next.data_upload();
        bool fits = head.file_size() >= 0 && head.file_size() <= max_file && head.chunks() >= 0 &&
                    head.chunks() <= head.file_size() && head.data_hash().size() == 32;
        if (!before.empty() || !fits) return invalid_argument("a file with a wrong announcement");
        return {};
    }
    if (!next.has_chunk_piece()) return invalid_argument("a piece of a file of unknown kind");
    const auto& chunk = next.chunk_piece();
    if (before.empty() || chunk.full_data_hash() != before.front().data_upload().data_hash() ||
        chunk.piece_index() != std::int32_t(before.size()) - 1 || is_complete(before))
        return invalid_argument("a piece of a file out of order");
    return {};
}

bool is_complete(const FilePieces& pieces) {
    return !pieces.empty() && std::int32_t(pieces.size()) - 1 >= pieces.front().data_upload().chunks();
}

const std::string& error_of(const Response& response) {
    static const std::string none;
    switch (response.type_case()) {
        case Response::kParse:
            return response.parse().error();
        case Response::kInit:
            return response.init().error();
        case Response::kPlan:
            return response.plan().error();
        case Response::kApply:
            return response.apply().error();
        case Response::kGraph:
            return response.graph().error();
        default:
            return none;
    }
}

asio::awaitable<Result<void>> ProvisionerSession::send(::provisioner::Request request) {
    auto sent = co_await stream_.send(request);
    co_return sent;
}

asio::awaitable<Result<Response>> ProvisionerSession::ask_raw(::provisioner::Request request,
                                                              Response::TypeCase expected) {
    auto sent = co_await stream_.send(request);
    if (!sent) co_return sent.error();
    auto response = co_await read(expected);
    co_return response;
}

asio::awaitable<Result<Response>> ProvisionerSession::ask(::provisioner::Request request,
                                                          Response::TypeCase expected) {
    auto sent = co_await stream_.send(request);
    if (!sent) co_return sent.error();
    auto response = co_await answer(expected);
    co_return response;
}

asio::awaitable<Result<Response>> ProvisionerSession::answer(Response::TypeCase expected) {
    auto response = co_await read(expected);
    if (response && !error_of(*response).empty())
        co_return Error(ErrorCode::failed_precondition, error_of(*response));
    co_return response;
}

asio::awaitable<Result<Response>> ProvisionerSession::read(Response::TypeCase expected) {
    while (true) {
        auto message = co_await stream_.recv();
        if (!message) co_return message.error();
        if (!*message) co_return unavailable("the provisioner ended before its work was done");
        Response& response = **message;
        if (response.type_case() == expected) co_return std::move(response);
        if (response.has_log()) {
            co_await sink_(std::move(*response.mutable_log()));
            continue;
        }
        auto taken = take_piece(response);
        if (!taken) co_return taken.error();
    }
}

Result<void> ProvisionerSession::take_piece(const Response& response) {
    FileUpload piece;
    if (response.has_data_upload()) {
        *piece.mutable_data_upload() = response.data_upload();
        files_.clear();
    } else if (response.has_chunk_piece()) {
        *piece.mutable_chunk_piece() = response.chunk_piece();
    } else {
        return internal_error("the provisioner sent an answer nobody asked for");
    }
    auto checked = check_piece(files_, piece);
    if (!checked) return checked.error();
    files_.push_back(std::move(piece));
    return {};
}

}  // namespace berth::provisionerd

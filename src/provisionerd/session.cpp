#include "provisionerd/session.h"

#include <utility>

namespace berth::provisionerd {

using ::provisioner::FileUpload;
using ::provisioner::Response;

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

rpc::FileMessages ProvisionerSession::take_files() {
    auto files = std::exchange(files_, {});
    return progress_.complete() ? std::move(files) : rpc::FileMessages();
}

Result<void> ProvisionerSession::take_piece(const Response& response) {
    FileUpload piece;
    if (response.has_data_upload()) {
        *piece.mutable_data_upload() = response.data_upload();
        files_.clear();
        progress_ = rpc::FileProgress(max_file);
    } else if (response.has_chunk_piece()) {
        *piece.mutable_chunk_piece() = response.chunk_piece();
    } else {
        return internal_error("the provisioner sent an answer nobody asked for");
    }
    auto taken = progress_.take(piece);
    if (!taken) return taken.error();
    files_.push_back(std::move(piece));
    return {};
}

}  // namespace berth::provisionerd

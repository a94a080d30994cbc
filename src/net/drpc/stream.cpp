#include "net/drpc/stream.h"

#include <google/protobuf/message_lite.h>

namespace berth::drpc::detail {
namespace {

asio::awaitable<Result<void>> send_bytes(CallPtr call, std::string message) {
    auto sent = co_await call->send(std::move(message));
    co_return sent;
}

asio::awaitable<Result<void>> fail(Error error) { co_return error; }

Error bad_message(const google::protobuf::MessageLite& message) {
    return invalid_argument("a message that is no " + message.GetTypeName());
}

}  // namespace

asio::awaitable<Result<void>> send(CallPtr call, const google::protobuf::MessageLite& message) {
    // Checked before the work of serializing.
    if (message.ByteSizeLong() > call->limit())
        return fail({ErrorCode::too_large, "a " + message.GetTypeName() + " of more than " +
                                               std::to_string(call->limit() >> 20) + " MiB"});
    return send_bytes(std::move(call), message.SerializeAsString());
}

asio::awaitable<Result<void>> close_send(CallPtr call) {
    auto closed = co_await call->close_send();
    co_return closed;
}

asio::awaitable<Result<bool>> receive(CallPtr call, google::protobuf::MessageLite* into) {
    auto data = co_await call->receive();
    if (!data) co_return data.error();
    if (!*data) co_return false;
    if (!into->ParseFromString(**data)) co_return bad_message(*into);
    co_return true;
}

asio::awaitable<Result<void>> receive_last(CallPtr call, google::protobuf::MessageLite* into) {
    auto got = co_await receive(std::move(call), into);
    if (!got) co_return got.error();
    if (!*got) co_return unavailable("the RPC ended without a " + into->GetTypeName());
    co_return Result<void>();
}

}  // namespace berth::drpc::detail

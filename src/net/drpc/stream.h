#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/asio.h"
#include "base/result.h"

namespace google::protobuf {
class MessageLite;
}

namespace berth::drpc {

/// One RPC under way, in bytes. One receive() and any number of send() may be under way at a time; each
/// message is sent whole. Dropping the last reference ends the RPC.
class Call {
public:
    virtual ~Call() = default;
    /// `too_large` above limit().
    virtual asio::awaitable<Result<void>> send(std::string message) = 0;
    /// Bytes of the largest message, both ways.
    [[nodiscard]] virtual std::size_t limit() const = 0;
    /// nullopt once the peer has sent its last message. The peer's error, if that is how it ended.
    virtual asio::awaitable<Result<std::optional<std::string>>> receive() = 0;
    /// Says that no more messages follow.
    virtual asio::awaitable<Result<void>> close_send() = 0;
    /// Ends the RPC without waiting for anything; what is under way fails with `cancelled`.
    virtual void cancel() noexcept = 0;
};

using CallPtr = std::shared_ptr<Call>;

namespace detail {
/// Serializes at once, so `message` need not outlive the call.
asio::awaitable<Result<void>> send(CallPtr call, const google::protobuf::MessageLite& message);
asio::awaitable<Result<void>> close_send(CallPtr call);
/// False at the end of the messages.
asio::awaitable<Result<bool>> receive(CallPtr call, google::protobuf::MessageLite* into);
/// The one message that must come.
asio::awaitable<Result<void>> receive_last(CallPtr call, google::protobuf::MessageLite* into);

template <class In>
asio::awaitable<Result<std::optional<In>>> receive_as(CallPtr call) {
    In message;
    auto got = co_await receive(std::move(call), &message);
    if (!got) co_return got.error();
    if (!*got) co_return std::optional<In>();
    co_return std::optional<In>(std::move(message));
}

template <class In>
asio::awaitable<Result<In>> finish_as(CallPtr call) {
    auto closed = co_await call->close_send();
    if (!closed) co_return closed.error();
    In message;
    auto got = co_await receive_last(std::move(call), &message);
    if (!got) co_return got.error();
    co_return std::move(message);
}
}  // namespace detail

/// Sends messages of one RPC. Copies share the RPC.
template <class Out>
class Sender {
public:
    explicit Sender(CallPtr call) : call_(std::move(call)) {}
    asio::awaitable<Result<void>> send(const Out& message) { return detail::send(call_, message); }
    asio::awaitable<Result<void>> close_send() { return detail::close_send(call_); }
    void cancel() noexcept { call_->cancel(); }

protected:
    CallPtr call_;
};

/// Receives messages of one RPC; nullopt after the last.
template <class In>
class Receiver {
public:
    explicit Receiver(CallPtr call) : call_(std::move(call)) {}
    asio::awaitable<Result<std::optional<In>>> recv() { return detail::receive_as<In>(call_); }
    void cancel() noexcept { call_->cancel(); }

protected:
    CallPtr call_;
};

/// Both directions.
template <class Out, class In>
class Duplex : public Sender<Out> {
public:
    explicit Duplex(CallPtr call) : Sender<Out>(std::move(call)) {}
    asio::awaitable<Result<std::optional<In>>> recv() { return detail::receive_as<In>(this->call_); }
};

/// The client's end of a ClientStream.
template <class Out, class In>
class Upload : public Sender<Out> {
public:
    explicit Upload(CallPtr call) : Sender<Out>(std::move(call)) {}
    /// Says that all was sent and waits for the answer.
    asio::awaitable<Result<In>> finish() { return detail::finish_as<In>(this->call_); }
};

}  // namespace berth::drpc

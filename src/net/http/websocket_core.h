#pragma once

// Private to net/http: RFC 6455 frames over a Stream, for both sides.

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "net/http/transport.h"
#include "net/http/websocket.h"

namespace berth::http {

class WebSocketCore : public std::enable_shared_from_this<WebSocketCore> {
public:
    enum class Side { server, client };

    /// `early` is what came after the handshake.
    WebSocketCore(asio::any_io_executor executor, TransportPtr transport, std::string early, Side side,
                  WebSocketOptions options);

    /// Starts the pings, and gives out the one handle; when it is destroyed the connection is dropped.
    WebSocketPtr open();

    asio::awaitable<Result<std::optional<WebSocketMessage>>> read();
    asio::awaitable<Result<void>> write(bool binary, std::span<const std::byte> data);
    asio::awaitable<Result<void>> start_close(CloseCode code, std::string reason);
    asio::awaitable<void> close(CloseCode code, std::string reason);
    void abort() noexcept;
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

private:
    enum class Opcode : std::uint8_t {
        continuation = 0,
        text = 1,
        binary = 2,
        close = 8,
        ping = 9,
        pong = 10
    };
    struct Frame {
        bool fin = false;
        Opcode opcode = Opcode::continuation;
        std::array<std::uint8_t, 4> mask{};
        bool masked = false;
        std::uint64_t length = 0;
    };
    struct Turn;

    asio::awaitable<Result<std::optional<WebSocketMessage>>> read_message();
    asio::awaitable<Result<Frame>> read_header();
    asio::awaitable<Result<void>> read_payload(Frame frame, std::string& into);
    asio::awaitable<Result<void>> need(std::size_t bytes);
    asio::awaitable<Result<void>> fill();
    asio::awaitable<Result<void>> answer_control(Frame frame);
    asio::awaitable<void> answer_close(std::string payload);
    asio::awaitable<Error> fail(std::uint16_t code, Error error);
    [[nodiscard]] std::optional<std::string_view> refuse(const Frame& frame) const;

    asio::awaitable<void> take_turn();
    asio::awaitable<Result<void>> send_frame(Opcode opcode, std::span<const std::byte> data);
    asio::awaitable<Result<void>> send_close(std::uint16_t code, std::string reason);
    static asio::awaitable<void> keep_alive(std::shared_ptr<WebSocketCore> self);

    asio::any_io_executor executor_;
    TransportPtr transport_;
    Side side_;
    WebSocketOptions options_;

    std::string in_;
    std::size_t in_at_ = 0;
    bool reading_ = false;
    /// When the wait for bytes began, or bytes last came.
    base::SteadyTime last_heard_;
    bool fragmented_ = false;
    WebSocketMessage message_;

    bool writing_ = false;
    bool close_sent_ = false;
    bool close_received_ = false;
    bool dropped_ = false;
    asio::steady_timer turn_;
    asio::steady_timer closed_;
    asio::steady_timer ping_;
};

}  // namespace berth::http

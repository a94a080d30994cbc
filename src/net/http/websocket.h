#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/asio.h"
#include "base/result.h"
#include "base/time.h"
#include "net/stream.h"

namespace berth::http {

/// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    policy_violation = 1008,
    too_big = 1009,
    internal_error = 1011,
};

struct WebSocketOptions {
    std::size_t max_message = 4 << 20;
    /// A ping this often; the socket fails when nothing comes back for two of them.
    base::Duration ping_interval = std::chrono::seconds(15);
};

struct WebSocketMessage {
    bool binary = false;
    std::string data;
};

/// An open WebSocket, client or server side. One read and one write may be under way at a time; pings are
/// answered while a read waits.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    /// The next message; nullopt after a clean close by the peer; `too_large` past max_message.
    virtual asio::awaitable<Result<std::optional<WebSocketMessage>>> read() = 0;
    virtual asio::awaitable<Result<void>> write_text(std::string_view data) = 0;
    virtual asio::awaitable<Result<void>> write_binary(std::span<const std::byte> data) = 0;
    /// Says that no more will be written, and does not wait for the peer; reading goes on until the peer's
    /// close.
    virtual asio::awaitable<Result<void>> start_close(CloseCode code, std::string reason) = 0;
    /// The closing handshake, bounded in time. The reason is cut to 123 bytes.
    virtual asio::awaitable<void> close(CloseCode code, std::string reason) = 0;
    /// Drops the connection at once. Never blocks, may be repeated.
    virtual void abort() noexcept = 0;
};

using WebSocketPtr = std::unique_ptr<WebSocket>;

/// Binary messages as one stream of bytes (what Go's websocket.NetConn makes of them). A text message is an
/// error. WebSockets have no half-close: shutdown_write() starts the closing handshake, which the peer
/// answers at once.
net::StreamPtr stream_from_websocket(WebSocketPtr socket);

}  // namespace berth::http

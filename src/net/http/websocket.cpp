#include "net/http/websocket_core.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::http {
namespace {

constexpr std::size_t receive_chunk = 16 << 10;
constexpr std::size_t write_chunk = 64 << 10;
constexpr auto close_patience = std::chrono::seconds(5);

/// XORs `data` with the mask, whose byte 0 belongs to `offset` 0 of the payload.
void apply_mask(char* data, std::size_t size, const std::array<std::uint8_t, 4>& mask, std::uint64_t offset) {
    std::array<std::uint8_t, 8> turned{};
    for (std::size_t i = 0; i < 8; ++i)
        turned[i] = mask[(offset + i) % 4];
    std::uint64_t word_mask = 0;
    std::memcpy(&word_mask, turned.data(), 8);
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, data + at, 8);
        word ^= word_mask;
        std::memcpy(data + at, &word, 8);
    }
    for (; at < size; ++at)
        data[at] = static_cast<char>(data[at] ^ turned[at % 4]);
}

bool is_valid_close_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// Reasons are text: what is cut must not end within a character.
std::string cut_reason(std::string reason) {
    constexpr std::size_t limit = 123;
    reason = base::to_valid_utf8(reason);
    if (reason.size() <= limit) return reason;
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80)
        --end;
    return reason.substr(0, end);
}

class Handle final : public WebSocket {
public:
    explicit Handle(std::shared_ptr<WebSocketCore> core) : core_(std::move(core)) {}
    ~Handle() override { core_->abort(); }

    asio::awaitable<Result<std::optional<WebSocketMessage>>> read() override { return core_->read(); }
    asio::awaitable<Result<void>> write_text(std::string_view data) override {
        return core_->write(false, net::as_bytes(data));
    }
    asio::awaitable<Result<void>> write_binary(std::span<const std::byte> data) override {
        return core_->write(true, data);
    }
    asio::awaitable<Result<void>> start_close(CloseCode code, std::string reason) override {
        return core_->start_close(code, std::move(reason));
    }
    asio::awaitable<void> close(CloseCode code, std::string reason) override {
        return core_->close(code, std::move(reason));
    }
    void abort() noexcept override { core_->abort(); }

private:
    std::shared_ptr<WebSocketCore> core_;
};

}  // namespace

WebSocketCore::WebSocketCore(asio::any_io_executor executor, TransportPtr transport, std::string early,
                             Side side, WebSocketOptions options)
    : executor_(std::move(executor)),
      transport_(std::move(transport)),
      side_(side),
      options_(options),
      in_(std::move(early)),
      last_heard_(std::chrono::steady_clock::now()),
      turn_(executor_, base::SteadyTime::max()),
      closed_(executor_, base::SteadyTime::max()),
      ping_(executor_) {}

WebSocketPtr WebSocketCore::open() {
    // The pings have an owner: the handle, whose end drops the connection and with it this coroutine.
    asio::co_spawn(executor_, keep_alive(shared_from_this()), [](std::exception_ptr) {});
    return std::make_unique<Handle>(shared_from_this());
}

asio::awaitable<void> WebSocketCore::keep_alive(std::shared_ptr<WebSocketCore> self) {
    while (!self->dropped_) {
        boost::system::error_code ignored;
        self->ping_.expires_after(self->options_.ping_interval);
        co_await self->ping_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        // While nobody reads, answers cannot be seen; while somebody writes, the write's own deadline counts.
        if (self->dropped_ || self->close_sent_ || !self->reading_ || self->writing_) continue;
        if (std::chrono::steady_clock::now() - self->last_heard_ > 2 * self->options_.ping_interval) {
            self->abort();
        } else {
            [[maybe_unused]] auto sent = co_await self->send_frame(Opcode::ping, {});
        }
    }
}

void WebSocketCore::abort() noexcept {
    if (dropped_) return;
    dropped_ = true;
    transport_->close();
    turn_.cancel();
    closed_.cancel();
    ping_.cancel();
}

// Reading.

asio::awaitable<Result<void>> WebSocketCore::fill() {
    if (in_at_ > 0) {
        in_.erase(0, in_at_);
        in_at_ = 0;
    }
    std::size_t before = in_.size();
    in_.resize(before + receive_chunk);
    auto got = co_await transport_->read_some(std::as_writable_bytes(std::span(in_)).subspan(before));
    in_.resize(before + (got ? *got : 0));
    if (!got) co_return got.error();
    if (*got == 0) co_return unavailable("the WebSocket's peer went away without a word");
    last_heard_ = std::chrono::steady_clock::now();
    co_return Result<void>();
}

asio::awaitable<Result<void>> WebSocketCore::need(std::size_t bytes) {
    while (in_.size() - in_at_ < bytes) {
        auto filled = co_await fill();
        if (!filled) co_return filled;
    }
    co_return Result<void>();
}

asio::awaitable<Result<WebSocketCore::Frame>> WebSocketCore::read_header() {
    auto ready = co_await need(2);
    if (!ready) co_return ready.error();
    auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(in_[in_at_ + at]); };
    Frame frame;
    std::uint8_t first = byte(0);
    std::uint8_t second = byte(1);
    frame.fin = (first & 0x80) != 0;
    frame.masked = (second & 0x80) != 0;
    frame.opcode = static_cast<Opcode>(first & 0x0f);
    bool reserved = (first & 0x70) != 0;
    std::size_t length_bytes = (second & 0x7f) == 126 ? 2 : (second & 0x7f) == 127 ? 8 : 0;
    std::size_t size = 2 + length_bytes + (frame.masked ? 4 : 0);
    auto whole = co_await need(size);
    if (!whole) co_return whole.error();
    frame.length = length_bytes == 0 ? second & 0x7f : 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        frame.length = frame.length << 8 | byte(2 + i);
    if (frame.masked) std::memcpy(frame.mask.data(), in_.data() + in_at_ + 2 + length_bytes, 4);
    in_at_ += size;
    auto why = reserved ? std::optional<std::string_view>("a frame has reserved bits set") : refuse(frame);
    if (why) {
        auto error = co_await fail(1002, invalid_argument(std::string(*why)));
        co_return error;
    }
    co_return frame;
}

std::optional<std::string_view> WebSocketCore::refuse(const Frame& frame) const {
    if (frame.masked != (side_ == Side::server)) return "a frame is masked on the wrong side";
    if (frame.length >> 63 != 0) return "a frame's length is malformed";
    switch (frame.opcode) {
        case Opcode::continuation:
            if (!fragmented_) return "a frame continues nothing";
            return std::nullopt;
        case Opcode::text:
        case Opcode::binary:
            if (fragmented_) return "a message begins within another";
            return std::nullopt;
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            if (!frame.fin || frame.length > 125) return "a control frame is too long or in parts";
            return std::nullopt;
    }
    return "a frame has an unknown opcode";
}

asio::awaitable<Result<void>> WebSocketCore::read_payload(Frame frame, std::string& into) {
    std::uint64_t done = 0;
    while (done < frame.length) {
        if (in_.size() == in_at_) {
            auto filled = co_await fill();
            if (!filled) co_return filled;
        }
        auto take =
            static_cast<std::size_t>(std::min<std::uint64_t>(frame.length - done, in_.size() - in_at_));
        std::size_t before = into.size();
        into.append(in_, in_at_, take);
        in_at_ += take;
        if (frame.masked) apply_mask(into.data() + before, take, frame.mask, done);
        done += take;
    }
    co_return Result<void>();
}

asio::awaitable<Result<std::optional<WebSocketMessage>>> WebSocketCore::read() {
    struct Reading {
        WebSocketCore* core;
        explicit Reading(WebSocketCore* reader) : core(reader) {
            core->reading_ = true;
            core->last_heard_ = std::chrono::steady_clock::now();
        }
        ~Reading() {
            core->reading_ = false;
            core->closed_.cancel();
        }
    };
    auto self = shared_from_this();
    Reading reading(self.get());
    auto message = co_await self->read_message();
    co_return message;
}

asio::awaitable<Result<std::optional<WebSocketMessage>>> WebSocketCore::read_message() {
    while (true) {
        if (close_received_) co_return std::optional<WebSocketMessage>();
        if (dropped_) co_return unavailable("the WebSocket is closed");
        auto frame = co_await read_header();
        if (!frame) co_return frame.error();
        if (frame->opcode >= Opcode::close) {
            auto answered = co_await answer_control(*frame);
            if (!answered) co_return answered.error();
            continue;
        }
        if (frame->length > options_.max_message - message_.data.size()) {
            auto error = co_await fail(1009, Error(ErrorCode::too_large, "a WebSocket message is too long"));
            co_return error;
        }
        if (frame->opcode != Opcode::continuation) message_.binary = frame->opcode == Opcode::binary;
        auto read = co_await read_payload(*frame, message_.data);
        if (!read) co_return read.error();
        fragmented_ = !frame->fin;
        if (fragmented_) continue;
        auto message = std::exchange(message_, {});
        if (!message.binary && !base::is_valid_utf8(message.data)) {
            auto error = co_await fail(1007, invalid_argument("a WebSocket text message is not UTF-8"));
            co_return error;
        }
        co_return std::optional(std::move(message));
    }
}

asio::awaitable<Result<void>> WebSocketCore::answer_control(Frame frame) {
    std::string payload;
    auto read = co_await read_payload(frame, payload);
    if (!read) co_return read;
    if (frame.opcode == Opcode::close) {
        co_await answer_close(std::move(payload));
    } else if (frame.opcode == Opcode::ping && !close_sent_) {
        auto sent = co_await send_frame(Opcode::pong, net::as_bytes(payload));
        if (!sent && !close_sent_) co_return sent;
    }
    co_return Result<void>();
}

asio::awaitable<void> WebSocketCore::answer_close(std::string payload) {
    std::uint16_t code = 1000;
    if (!payload.empty()) {
        auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(payload[at]); };
        code = payload.size() < 2 ? 0 : static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
        if (!is_valid_close_code(code) || !base::is_valid_utf8(std::string_view(payload).substr(2)))
            code = 1002;
    }
    close_received_ = true;
    [[maybe_unused]] auto sent = co_await send_close(code, "");
    // The server ends the connection first (RFC 6455 section 7.1.1); a close() under way does it for a
    // client.
    abort();
}

asio::awaitable<Error> WebSocketCore::fail(std::uint16_t code, Error error) {
    [[maybe_unused]] auto sent = co_await send_close(code, error.message());
    abort();
    co_return error;
}

// Writing.

asio::awaitable<void> WebSocketCore::take_turn() {
    while (writing_) {
        boost::system::error_code ignored;
        co_await turn_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    writing_ = true;
}

/// Ends a turn that take_turn() began.
struct WebSocketCore::Turn {
    WebSocketCore* core;
    bool complete = false;
    ~Turn() {
        core->writing_ = false;
        core->turn_.cancel();
        // Half a frame is on its way: nothing sensible can follow it.
        if (!complete) core->abort();
    }
};

asio::awaitable<Result<void>> WebSocketCore::send_frame(Opcode opcode, std::span<const std::byte> data) {
    auto self = shared_from_this();
    co_await self->take_turn();
    Turn turn{self.get()};
    if (dropped_ || close_sent_) {
        turn.complete = true;
        co_return unavailable("the WebSocket is closed");
    }
    if (opcode == Opcode::close) close_sent_ = true;
    bool client = side_ == Side::client;
    std::string out;
    out.reserve(14 + std::min(data.size(), write_chunk));
    out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
    std::size_t length_bytes = data.size() < 126 ? 0 : data.size() < 65536 ? 2 : 8;
    std::size_t short_length = length_bytes == 0 ? data.size() : length_bytes == 2 ? 126 : 127;
    out += static_cast<char>(short_length | (client ? 0x80 : 0));
    for (std::size_t i = length_bytes; i-- > 0;)
        out += static_cast<char>(data.size() >> (8 * i) & 0xff);
    std::array<std::uint8_t, 4> mask{};
    if (client) {
        base::fill_random(mask);
        out.append(reinterpret_cast<const char*>(mask.data()), mask.size());
    }
    std::uint64_t done = 0;
    do {
        auto part = data.subspan(done, std::min(data.size() - done, write_chunk));
        std::size_t before = out.size();
        out.append(net::as_text(part));
        if (client) apply_mask(out.data() + before, part.size(), mask, done);
        done += part.size();
        auto sent = co_await transport_->write(net::as_bytes(out));
        if (!sent) co_return sent;
        out.clear();
    } while (done < data.size());
    turn.complete = true;
    co_return Result<void>();
}

asio::awaitable<Result<void>> WebSocketCore::write(bool binary, std::span<const std::byte> data) {
    return send_frame(binary ? Opcode::binary : Opcode::text, data);
}

asio::awaitable<Result<void>> WebSocketCore::send_close(std::uint16_t code, std::string reason) {
    if (close_sent_) co_return Result<void>();
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += cut_reason(std::move(reason));
    Watchdog watchdog(executor_, transport_, close_patience);
    auto sent = co_await send_frame(Opcode::close, net::as_bytes(payload));
    co_return sent;
}

asio::awaitable<Result<void>> WebSocketCore::start_close(CloseCode code, std::string reason) {
    return send_close(static_cast<std::uint16_t>(code), std::move(reason));
}

asio::awaitable<void> WebSocketCore::close(CloseCode code, std::string reason) {
    auto self = shared_from_this();
    Watchdog watchdog(executor_, transport_, close_patience);
    auto sent = co_await self->send_close(static_cast<std::uint16_t>(code), std::move(reason));
    // Whoever reads now sees the peer's answer; else it is read here, and messages before it are dropped.
    while (sent && !dropped_ && !close_received_) {
        if (reading_) {
            boost::system::error_code ignored;
            co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            continue;
        }
        auto message = co_await self->read();
        if (!message || !*message) break;
    }
    abort();
}

// Messages as a stream.

namespace {

class MessageStream final : public net::Stream {
public:
    explicit MessageStream(WebSocketPtr socket) : socket_(std::move(socket)) {}

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        while (at_ == current_.size()) {
            auto message = co_await socket_->read();
            if (!message) co_return message.error();
            if (!*message) co_return std::size_t(0);
            if (!(*message)->binary) {
                co_await socket_->close(CloseCode::unsupported_data, "expected binary messages");
                co_return invalid_argument("a WebSocket text message came where bytes were expected");
            }
            current_ = std::move((*message)->data);
            at_ = 0;
        }
        std::size_t take = std::min(buffer.size(), current_.size() - at_);
        std::memcpy(buffer.data(), current_.data() + at_, take);
        at_ += take;
        co_return take;
    }

    asio::awaitable<Result<void>> write(std::span<const std::byte> data) override {
        while (!data.empty()) {
            auto part = data.first(std::min(data.size(), write_chunk));
            auto sent = co_await socket_->write_binary(part);
            if (!sent) co_return sent;
            data = data.subspan(part.size());
        }
        co_return Result<void>();
    }

    asio::awaitable<Result<void>> shutdown_write() override {
        return socket_->start_close(CloseCode::normal, "");
    }

    void close() noexcept override { socket_->abort(); }

private:
    WebSocketPtr socket_;
    std::string current_;
    std::size_t at_ = 0;
};

}  // namespace

net::StreamPtr stream_from_websocket(WebSocketPtr socket) {
    return std::make_unique<MessageStream>(std::move(socket));
}

}  // namespace berth::http

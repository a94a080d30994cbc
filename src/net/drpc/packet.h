#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/drpc/method.h"
#include "net/signal.h"
#include "net/stream.h"

namespace berth::drpc {

enum class Kind : std::uint8_t {
    invoke = 1,
    message = 2,
    error = 3,
    cancel = 4,
    close = 5,
    close_send = 6,
    invoke_metadata = 7,
};

/// One message of the protocol, put together from its frames.
struct Packet {
    std::uint64_t stream = 0;
    std::uint64_t message = 0;
    Kind kind = Kind::message;
    /// May be ignored when the kind is unknown.
    bool control = false;
    std::string data;
};

/// The largest payload we put into one frame.
inline constexpr std::size_t max_frame = 64 << 10;

/// Appends the packet in frames of at most max_frame.
void append_packet(std::string& out, const Packet& packet);

/// Finds packets in a stream of bytes. Needs no more memory than what has arrived of one packet.
class PacketParser {
public:
    explicit PacketParser(std::size_t limit = max_message) : limit_(limit) {}

    /// Takes bytes off the front, up to the end of one packet; true when take() has it. `too_large` for a
    /// packet above the limit, `invalid_argument` for bytes that are no dRPC; after either the stream is of
    /// no more use.
    Result<bool> feed(std::span<const std::byte>& bytes);
    Packet take();
    /// The RPC of the frame read last.
    [[nodiscard]] std::uint64_t stream() const { return last_stream_; }
    /// Whether the bytes so far end between two packets.
    [[nodiscard]] bool at_boundary() const { return part_ == Part::control && !open_; }

private:
    enum class Part { control, stream, message, length, data };

    Result<void> take_varint(unsigned byte);
    Result<void> start_frame();

    std::size_t limit_;
    Part part_ = Part::control;
    unsigned control_byte_ = 0;
    std::uint64_t number_ = 0;
    unsigned shift_ = 0;
    std::uint64_t frame_stream_ = 0;
    std::uint64_t frame_message_ = 0;
    std::uint64_t left_ = 0;
    // Frames count upwards; a lower one is a violation, a higher one drops an unfinished packet.
    std::uint64_t last_stream_ = 1;
    std::uint64_t last_message_ = 1;
    bool open_ = false;
    Packet packet_;
};

/// An error as it travels: 8 bytes of code, then the message. Detail and cause stay here.
std::string encode_error(const Error& error);
Error decode_error(std::string_view data);

/// Numbers and sends the packets of one stream; packets of different coroutines do not mix.
class PacketWriter {
public:
    PacketWriter(asio::any_io_executor executor, net::Stream& stream)
        : stream_(stream), free_(std::move(executor)) {}

    /// From here on packets belong to this RPC.
    void start_rpc(std::uint64_t rpc) {
        rpc_ = rpc;
        next_message_ = 1;
    }
    /// Keeps a small packet for the next write().
    void hold(Kind kind, std::string_view data);
    /// Sends what was held, then this packet.
    asio::awaitable<Result<void>> write(Kind kind, std::string data, bool control = false);
    /// Sends what was held.
    asio::awaitable<Result<void>> flush();
    /// A write was cut off in the middle, so nothing more can be sent.
    [[nodiscard]] bool broken() const { return broken_; }

private:
    asio::awaitable<Result<void>> write_frames(Packet packet);
    asio::awaitable<Result<void>> write_out(std::string bytes);

    net::Stream& stream_;
    struct Turn;
    net::Signal free_;
    std::string held_;
    std::uint64_t rpc_ = 1;
    std::uint64_t next_message_ = 1;
    bool busy_ = false;
    bool broken_ = false;
};

/// Reads the packets of one stream.
class PacketReader {
public:
    /// `limit`: bytes of the largest message.
    explicit PacketReader(net::Stream& stream, std::size_t limit = max_message)
        : stream_(stream), parser_(limit), buffer_(16 << 10) {}
    /// nullopt at the end of the stream.
    asio::awaitable<Result<std::optional<Packet>>> next();
    [[nodiscard]] const PacketParser& parser() const { return parser_; }

private:
    net::Stream& stream_;
    PacketParser parser_;
    std::vector<std::byte> buffer_;
    std::span<const std::byte> unread_;
};

}  // namespace berth::drpc

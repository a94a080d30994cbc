#include "net/drpc/packet.h"

#include <algorithm>
#include <array>
#include <utility>

namespace berth::drpc {
namespace {

constexpr unsigned done_bit = 0x01;
constexpr unsigned control_bit = 0x80;
constexpr std::size_t error_code_size = 8;
constexpr std::size_t max_error_text = 16 << 10;

void append_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(char(value | 0x80));
        value >>= 7;
    }
    out.push_back(char(value));
}

void append_frame_header(std::string& out, const Packet& packet, std::size_t size, bool done) {
    out.push_back(
        char((packet.control ? control_bit : 0) | unsigned(packet.kind) << 1 | (done ? done_bit : 0)));
    append_varint(out, packet.stream);
    append_varint(out, packet.message);
    append_varint(out, size);
}

Error malformed(const std::string& what) { return invalid_argument("dRPC: " + what); }

// The numbers are those of gRPC's status codes, which peers of other languages know.
constexpr std::array<std::pair<ErrorCode, std::uint64_t>, 14> error_codes{{
    {ErrorCode::cancelled, 1},
    {ErrorCode::invalid_argument, 3},
    {ErrorCode::deadline_exceeded, 4},
    {ErrorCode::not_found, 5},
    {ErrorCode::conflict, 6},
    {ErrorCode::permission_denied, 7},
    {ErrorCode::resource_exhausted, 8},
    {ErrorCode::failed_precondition, 9},
    {ErrorCode::too_large, 11},
    {ErrorCode::unimplemented, 12},
    {ErrorCode::internal, 13},
    {ErrorCode::unavailable, 14},
    {ErrorCode::data_loss, 15},
    {ErrorCode::unauthenticated, 16},
}};

}  // namespace

void append_packet(std::string& out, const Packet& packet) {
    std::string_view rest = packet.data;
    do {
        std::string_view piece = rest.substr(0, max_frame);
        rest.remove_prefix(piece.size());
        append_frame_header(out, packet, piece.size(), rest.empty());
        out.append(piece);
    } while (!rest.empty());
}

Result<void> PacketParser::take_varint(unsigned byte) {
    if (shift_ == 63 && byte > 1) return malformed("a number of more than 64 bits");
    number_ |= std::uint64_t(byte & 0x7f) << shift_;
    shift_ += 7;
    if (byte & 0x80) return {};
    std::uint64_t value = std::exchange(number_, 0);
    shift_ = 0;
    switch (part_) {
        case Part::stream:
            frame_stream_ = value;
            part_ = Part::message;
            return {};
        case Part::message:
            frame_message_ = value;
            part_ = Part::length;
            return {};
        default:
            left_ = value;
            return start_frame();
    }
}

Result<void> PacketParser::start_frame() {
    bool older =
        frame_stream_ < last_stream_ || (frame_stream_ == last_stream_ && frame_message_ < last_message_);
    if (older) return malformed("frames out of order");
    bool control = (control_byte_ & control_bit) != 0;
    Kind kind = Kind((control_byte_ >> 1) & 0x3f);
    bool same = open_ && frame_stream_ == packet_.stream && frame_message_ == packet_.message;
    if (!same) {
        packet_ = Packet{frame_stream_, frame_message_, kind, control, {}};
        open_ = true;
    } else if (kind != packet_.kind) {
        return malformed("a packet changed its kind");
    }
    packet_.control |= control;
    last_stream_ = frame_stream_;
    last_message_ = frame_message_;
    if (left_ > limit_ - packet_.data.size())
        return Error(ErrorCode::too_large,
                     "dRPC: a message of more than " + std::to_string(limit_) + " bytes");
    part_ = Part::data;
    return {};
}

Result<bool> PacketParser::feed(std::span<const std::byte>& bytes) {
    while (true) {
        if (part_ == Part::data) {
            std::size_t count = std::min<std::uint64_t>(left_, bytes.size());
            packet_.data.append(net::as_text(bytes.first(count)));
            bytes = bytes.subspan(count);
            left_ -= count;
            if (left_ > 0) return false;
            part_ = Part::control;
            if (!(control_byte_ & done_bit)) continue;
            open_ = false;
            last_message_++;
            return true;
        }
        if (bytes.empty()) return false;
        unsigned byte = std::to_integer<unsigned>(bytes.front());
        bytes = bytes.subspan(1);
        if (part_ == Part::control) {
            control_byte_ = byte;
            part_ = Part::stream;
            continue;
        }
        auto taken = take_varint(byte);
        if (!taken) return taken.error();
    }
}

Packet PacketParser::take() { return std::exchange(packet_, Packet{}); }

std::string encode_error(const Error& error) {
    std::uint64_t code = 0;
    for (const auto& [known, number] : error_codes)
        if (known == error.code()) code = number;
    std::string data;
    for (int shift = 56; shift >= 0; shift -= 8)
        data.push_back(char(code >> shift));
    data.append(error.message(), 0, max_error_text);
    return data;
}

Error decode_error(std::string_view data) {
    if (data.size() < error_code_size) return internal_error("the peer failed without saying why");
    std::uint64_t number = 0;
    for (char byte : data.substr(0, error_code_size))
        number = number << 8 | static_cast<unsigned char>(byte);
    ErrorCode code = ErrorCode::internal;
    for (const auto& [known, value] : error_codes)
        if (value == number) code = known;
    return {code, std::string(data.substr(error_code_size, max_error_text))};
}

void PacketWriter::hold(Kind kind, std::string_view data) {
    append_packet(held_, Packet{rpc_, next_message_++, kind, false, std::string(data)});
}

/// One writer at a time. A write that an exception cuts off leaves the stream broken, and nobody waiting.
struct PacketWriter::Turn {
    explicit Turn(PacketWriter& writer) : writer(writer) {
        writer.busy_ = true;
        writer.broken_ = true;
    }
    ~Turn() {
        writer.busy_ = false;
        writer.free_.notify();
    }
    PacketWriter& writer;
};

asio::awaitable<Result<void>> PacketWriter::write(Kind kind, std::string data, bool control) {
    while (busy_)
        co_await free_.wait();
    if (broken_) co_return cancelled("the stream was cut off");
    Turn turn(*this);
    Packet packet{rpc_, next_message_++, kind, control, std::move(data)};
    auto written = co_await write_frames(std::move(packet));
    broken_ = !written.ok();
    co_return written;
}

asio::awaitable<Result<void>> PacketWriter::flush() {
    while (busy_)
        co_await free_.wait();
    if (broken_) co_return cancelled("the stream was cut off");
    Turn turn(*this);
    std::string out = std::exchange(held_, {});
    auto written = co_await write_out(std::move(out));
    broken_ = !written.ok();
    co_return written;
}

asio::awaitable<Result<void>> PacketWriter::write_frames(Packet packet) {
    std::string out = std::exchange(held_, {});
    if (packet.data.size() <= max_frame) {
        append_packet(out, packet);
        auto written = co_await write_out(std::move(out));
        co_return written;
    }
    // Big payloads are not copied: their frames go out header by header, piece by piece.
    std::string_view rest = packet.data;
    while (!rest.empty()) {
        std::string_view piece = rest.substr(0, max_frame);
        rest.remove_prefix(piece.size());
        append_frame_header(out, packet, piece.size(), rest.empty());
        auto header_written = co_await stream_.write(net::as_bytes(out));
        out.clear();
        if (!header_written) co_return header_written;
        auto piece_written = co_await stream_.write(net::as_bytes(piece));
        if (!piece_written) co_return piece_written;
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> PacketWriter::write_out(std::string bytes) {
    auto written = co_await stream_.write(net::as_bytes(bytes));
    co_return written;
}

asio::awaitable<Result<std::optional<Packet>>> PacketReader::next() {
    while (true) {
        auto found = parser_.feed(unread_);
        if (!found) co_return found.error();
        if (*found) co_return std::optional<Packet>(parser_.take());
        auto got = co_await stream_.read_some(buffer_);
        if (!got) co_return got.error();
        if (*got == 0) {
            if (!parser_.at_boundary()) co_return unavailable("the stream ended within a message");
            co_return std::optional<Packet>();
        }
        unread_ = std::span<const std::byte>(buffer_).first(*got);
    }
}

}  // namespace berth::drpc

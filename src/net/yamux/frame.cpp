#include "net/yamux/frame.h"

#include <string>

namespace berth::yamux {
namespace {

void put(std::byte* at, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        at[i] = std::byte(value >> (8 * (bytes - 1 - i)));
}

std::uint32_t get(const std::byte* at, int bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | std::to_integer<std::uint32_t>(at[i]);
    return value;
}

}  // namespace

std::array<std::byte, header_size> encode(const Header& header) {
    std::array<std::byte, header_size> bytes{};
    bytes[1] = std::byte(header.type);
    put(&bytes[2], header.flags, 2);
    put(&bytes[4], header.stream, 4);
    put(&bytes[8], header.length, 4);
    return bytes;
}

Result<Header> decode(std::span<const std::byte, header_size> bytes) {
    auto version = std::to_integer<unsigned>(bytes[0]);
    if (version != 0)
        return invalid_argument("yamux version " + std::to_string(version) + " is not supported");
    auto type = std::to_integer<unsigned>(bytes[1]);
    if (type > 3) return invalid_argument("yamux frame of unknown type " + std::to_string(type));
    Header header{FrameType(type), std::uint16_t(get(&bytes[2], 2)), get(&bytes[4], 4), get(&bytes[8], 4)};
    bool of_session = header.type == FrameType::ping || header.type == FrameType::go_away;
    if (of_session != (header.stream == 0))
        return invalid_argument("yamux frame with a misplaced stream number");
    return header;
}

}  // namespace berth::yamux

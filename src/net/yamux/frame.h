#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace berth::yamux {

inline constexpr std::size_t header_size = 12;
/// Every stream starts with this much window in both directions.
inline constexpr std::uint32_t initial_window = 256 << 10;

enum class FrameType : std::uint8_t { data = 0, window_update = 1, ping = 2, go_away = 3 };

namespace flag {
inline constexpr std::uint16_t syn = 1;
inline constexpr std::uint16_t ack = 2;
inline constexpr std::uint16_t fin = 4;
inline constexpr std::uint16_t rst = 8;
}  // namespace flag

namespace go_away_code {
inline constexpr std::uint32_t normal = 0;
inline constexpr std::uint32_t protocol_error = 1;
inline constexpr std::uint32_t internal_error = 2;
}  // namespace go_away_code

/// `length` counts the payload of data, adds to the window, or is the opaque value of a ping or the go-away
/// code.
struct Header {
    FrameType type = FrameType::data;
    std::uint16_t flags = 0;
    std::uint32_t stream = 0;
    std::uint32_t length = 0;
    bool operator==(const Header&) const = default;
};

std::array<std::byte, header_size> encode(const Header& header);
/// Refuses other versions, unknown types, and a stream number where it cannot be (or none where it must be).
Result<Header> decode(std::span<const std::byte, header_size> bytes);

}  // namespace berth::yamux

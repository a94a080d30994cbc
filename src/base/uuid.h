#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace berth {

/// 128-bit identifier; all zero ("nil") when not set.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    /// A random (version 4) identifier.
    static Uuid random();
    /// Accepts only the canonical form: 8-4-4-4-12 hexadecimal digits, either case.
    static std::optional<Uuid> parse(std::string_view text);
    /// Exactly 16 raw bytes, as protobuf messages carry them.
    static std::optional<Uuid> from_bytes(std::string_view raw);

    [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
    [[nodiscard]] std::string to_string() const;
    /// The 16 raw bytes, for protobuf messages.
    [[nodiscard]] std::string raw() const {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    auto operator<=>(const Uuid&) const = default;
};

inline std::string to_string(const Uuid& id) { return id.to_string(); }

}  // namespace berth

template <>
struct std::hash<berth::Uuid> {
    std::size_t operator()(const berth::Uuid& id) const noexcept {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
    }
};

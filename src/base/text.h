#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::base {

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
/// "a,b,,c" -> {"a", "b", "", "c"}; an empty text gives no parts.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
bool is_valid_utf8(std::string_view text);
/// Invalid bytes become U+FFFD and NUL is dropped, so that PostgreSQL and JSON take the result.
std::string to_valid_utf8(std::string_view text);

/// The whole text must be one number in range.
template <std::integral T>
std::optional<T> parse_int(std::string_view text) {
    T value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

}  // namespace berth::base

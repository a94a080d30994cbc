#include "base/go_values.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

namespace berth::base {
namespace {

bool is_digit(char c, bool hex) {
    if (c >= '0' && c <= '9') return true;
    return hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
}

bool skip_one(std::string_view& rest, std::string_view any_of) {
    bool found = !rest.empty() && any_of.find(rest[0]) != std::string_view::npos;
    if (found) rest.remove_prefix(1);
    return found;
}

/// Skips the digits in front, and the single underscores between them; how many digits.
std::size_t skip_digits(std::string_view& rest, bool hex, bool after_prefix = false) {
    std::size_t count = 0;
    while (!rest.empty()) {
        bool joins =
            rest[0] == '_' && (count > 0 || after_prefix) && rest.size() > 1 && is_digit(rest[1], hex);
        if (joins) rest.remove_prefix(1);
        if (!is_digit(rest[0], hex)) break;
        rest.remove_prefix(1);
        ++count;
    }
    return count;
}

bool has_syntax_of_float(std::string_view rest) {
    skip_one(rest, "+-");
    bool hex = rest.size() > 1 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X');
    if (hex) rest.remove_prefix(2);
    auto digits = skip_digits(rest, hex, hex);
    if (skip_one(rest, ".")) digits += skip_digits(rest, hex);
    if (digits == 0) return false;
    if (!skip_one(rest, hex ? "pP" : "eE")) return !hex && rest.empty();
    skip_one(rest, "+-");
    return skip_digits(rest, false) > 0 && rest.empty();
}

}  // namespace

bool is_go_float(std::string_view text) {
    auto name = to_lower(text);
    if (name == "nan") return true;
    if (name.starts_with('+') || name.starts_with('-')) name.erase(0, 1);
    if (name == "inf" || name == "infinity") return true;
    if (!has_syntax_of_float(text)) return false;
    std::string number(text);
    std::erase(number, '_');
    return std::isfinite(std::strtod(number.c_str(), nullptr));
}

std::optional<std::int64_t> parse_go_int(std::string_view text) {
    bool plus = text.size() > 1 && text[0] == '+' && is_digit(text[1], false);
    return parse_int<std::int64_t>(plus ? text.substr(1) : text);
}

std::optional<bool> parse_go_bool(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "true", "TRUE", "True"};
    constexpr std::array<std::string_view, 6> no{"0", "f", "F", "false", "FALSE", "False"};
    if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
    if (std::find(no.begin(), no.end(), text) != no.end()) return false;
    return std::nullopt;
}

}  // namespace berth::base

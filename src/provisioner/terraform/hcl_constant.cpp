#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/hcl_scanner.h"

namespace berth::terraform::hcl {
namespace {

namespace json = boost::json;

/// Thrown when an expression turns out to need evaluation.
struct NotConstant {};

void append_code_point(std::string& out, std::uint32_t c) {
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) throw NotConstant{};
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

/// `raw` stands after the backslash; returns how many characters it used.
std::size_t unescape(std::string_view raw, std::string& out) {
    if (raw.empty()) throw NotConstant{};
    switch (raw[0]) {
        case 'n':
            out += '\n';
            return 1;
        case 'r':
            out += '\r';
            return 1;
        case 't':
            out += '\t';
            return 1;
        case '"':
            out += '"';
            return 1;
        case '\\':
            out += '\\';
            return 1;
        default:
            break;
    }
    std::size_t digits = raw[0] == 'u' ? 4 : raw[0] == 'U' ? 8 : 0;
    if (digits == 0 || raw.size() < 1 + digits) throw NotConstant{};
    std::uint32_t code = 0;
    auto [end, error] = std::from_chars(raw.data() + 1, raw.data() + 1 + digits, code, 16);
    if (error != std::errc() || end != raw.data() + 1 + digits) throw NotConstant{};
    append_code_point(out, code);
    return 1 + digits;
}

/// The text of a template without interpolations; heredocs know no backslash escapes.
std::string plain_text(std::string_view raw, bool escapes) {
    std::string out;
    for (std::size_t i = 0; i < raw.size();) {
        auto rest = raw.substr(i);
        if (rest.starts_with("$${") || rest.starts_with("%%{")) {
            out += rest.substr(1, 2);
            i += 3;
        } else if (rest.starts_with("${") || rest.starts_with("%{")) {
            throw NotConstant{};
        } else if (escapes && rest[0] == '\\') {
            i += 1 + unescape(rest.substr(1), out);
        } else {
            out += rest[0];
            ++i;
        }
    }
    return out;
}

/// <<- takes away the indentation that all lines share.
std::string unindent(const std::string& text) {
    auto lines = base::split(text, '\n');
    std::size_t shared = std::string::npos;
    for (auto line : lines) {
        auto indent = line.find_first_not_of(" \t");
        if (indent != std::string_view::npos) shared = std::min(shared, indent);
    }
    if (shared == std::string::npos) shared = 0;
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out += '\n';
        out += lines[i].size() > shared ? lines[i].substr(shared) : std::string_view();
    }
    return out;
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Without exponent and needless zeros, as Terraform writes it. Nothing for what is no number of HCL, or so
/// large or small that nobody means it.
std::optional<std::string> plain_number(std::string_view text) {
    constexpr int max_exponent = 400;
    auto mantissa = text.substr(0, text.find_first_of("eE"));
    int exponent = 0;
    if (mantissa.size() < text.size()) {
        auto written = text.substr(mantissa.size() + 1);
        if (written.starts_with('+')) written.remove_prefix(1);
        auto number = base::parse_int<int>(written);
        if (!number || *number > max_exponent || *number < -max_exponent) return std::nullopt;
        exponent = *number;
    }
    auto whole = mantissa.substr(0, mantissa.find('.'));
    auto fraction = whole.size() < mantissa.size() ? mantissa.substr(whole.size() + 1) : "0";
    if (whole.empty() || fraction.empty() || !all_digits(whole) || !all_digits(fraction)) return std::nullopt;
    auto digits = std::string(whole) + std::string(fraction);
    auto point = static_cast<std::ptrdiff_t>(whole.size()) + exponent;
    if (point < 0) digits.insert(0, static_cast<std::size_t>(-point), '0');
    auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(point, 0));
    if (at > digits.size()) digits.append(at - digits.size(), '0');
    auto before = digits.substr(0, at);
    auto after = digits.substr(at);
    before.erase(0, before.find_first_not_of('0'));
    after.erase(after.find_last_not_of('0') + 1);
    return (before.empty() ? "0" : before) + (after.empty() ? "" : "." + after);
}

/// `plain` as plain_number() writes it. What would be rounded is terraform's to read.
json::value exact_number(const std::string& plain) {
    constexpr std::ptrdiff_t exact_digits = 15;
    if (plain.find('.') != std::string::npos) {
        auto digits = std::count_if(plain.begin(), plain.end(), [](char c) { return c != '.'; });
        if (digits > exact_digits) throw NotConstant{};
        double number = 0;
        std::from_chars(plain.data(), plain.data() + plain.size(), number);
        return number;
    }
    if (auto number = base::parse_int<std::int64_t>(plain)) return *number;
    if (auto number = base::parse_int<std::uint64_t>(plain)) return *number;
    throw NotConstant{};
}

json::value negated(const json::value& number) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    if (number.is_double()) return -number.get_double();
    if (number.is_int64() && number.get_int64() != lowest) return -number.get_int64();
    if (number.is_uint64() && number.get_uint64() == static_cast<std::uint64_t>(lowest)) return lowest;
    throw NotConstant{};
}

class ConstantReader {
public:
    ConstantReader(std::string_view text, const Limits& limits) : scanner_(text, {}, limits) {}

    json::value whole() {
        auto value = read();
        scanner_.skip_space(true);
        if (!scanner_.at_end()) throw NotConstant{};
        return value;
    }

private:
    json::value read() {
        Scanner::Nested nested(scanner_);
        scanner_.count_item();
        scanner_.skip_space(true);
        char c = scanner_.peek();
        if (c == '"') return string();
        if (scanner_.at_heredoc()) return json::string(heredoc());
        if (c == '[') return list();
        if (c == '{') return object();
        if (c == '(') return grouped();
        if (c == '-') return negative();
        if (c >= '0' && c <= '9') return number();
        if (!scanner_.at_identifier()) throw NotConstant{};
        auto word = scanner_.identifier();
        if (word == "true") return true;
        if (word == "false") return false;
        if (word == "null") return nullptr;
        throw NotConstant{};
    }

    json::string string() {
        auto from = scanner_.offset();
        scanner_.skip_string();
        return json::string(plain_text(scanner_.text(from + 1, scanner_.offset() - 1), true));
    }

    std::string heredoc() {
        auto from = scanner_.offset();
        scanner_.skip_heredoc();
        auto all = scanner_.text(from, scanner_.offset());
        bool indented = all.starts_with("<<-");
        auto first = all.find('\n');
        auto last = all.rfind('\n');
        if (first >= last) return {};
        auto text = plain_text(all.substr(first + 1, last - first), false);
        text = base::replace_all(std::move(text), "\r\n", "\n");
        return indented ? unindent(text) : text;
    }

    json::value grouped() {
        scanner_.advance();
        auto value = read();
        scanner_.skip_space(true);
        if (scanner_.peek() != ')') throw NotConstant{};
        scanner_.advance();
        return value;
    }

    json::value list() {
        scanner_.advance();
        json::array items;
        while (true) {
            scanner_.skip_space(true);
            if (scanner_.peek() == ']') break;
            items.push_back(read());
            scanner_.skip_space(true);
            if (scanner_.peek() == ',') {
                scanner_.advance();
            } else if (scanner_.peek() != ']') {
                throw NotConstant{};
            }
        }
        scanner_.advance();
        return items;
    }

    json::value object() {
        scanner_.advance();
        json::object items;
        while (true) {
            scanner_.skip_space(true);
            if (scanner_.peek() == '}') break;
            auto key = object_key();
            scanner_.skip_space(false);
            if (scanner_.peek() != '=' && scanner_.peek() != ':') throw NotConstant{};
            scanner_.advance();
            items[key] = read();
            bool ended = scanner_.take_line_end();
            scanner_.skip_space(true);
            if (scanner_.peek() == ',') {
                scanner_.advance();
            } else if (!ended && scanner_.peek() != '}') {
                throw NotConstant{};
            }
        }
        scanner_.advance();
        return items;
    }

    std::string object_key() {
        if (scanner_.at_identifier()) {
            auto name = scanner_.identifier();
            if (name == "for") throw NotConstant{};
            return name;
        }
        auto key = read();
        if (key.is_string()) return std::string(key.get_string());
        if (key.is_bool()) return key.get_bool() ? "true" : "false";
        if (!key.is_number()) throw NotConstant{};
        return number_text(key);
    }

    json::value negative() {
        scanner_.advance();
        return negated(read());
    }

    json::value number() {
        auto from = scanner_.offset();
        auto digit_or = [this](std::string_view more) {
            char c = scanner_.peek();
            return (c >= '0' && c <= '9') || (c != '\0' && more.find(c) != std::string_view::npos);
        };
        while (digit_or(".eE") ||
               ((scanner_.peek() == '+' || scanner_.peek() == '-') && follows_exponent(from)))
            scanner_.advance();
        auto plain = plain_number(scanner_.text(from, scanner_.offset()));
        if (!plain) throw NotConstant{};
        return exact_number(*plain);
    }

    [[nodiscard]] bool follows_exponent(std::size_t from) const {
        auto so_far = scanner_.text(from, scanner_.offset());
        return !so_far.empty() && (so_far.back() == 'e' || so_far.back() == 'E');
    }

    Scanner scanner_;
};

}  // namespace

std::string number_text(const json::value& number) {
    if (!number.is_double()) return json::serialize(number);
    auto value = number.get_double();
    auto plain = plain_number(fmt::format("{}", std::abs(value)));
    return plain ? (value < 0 ? "-" : "") + *plain : json::serialize(number);
}

std::optional<boost::json::value> constant_of(std::string_view expression, const Limits& limits) {
    try {
        return ConstantReader(expression, limits).whole();
    } catch (const NotConstant&) {
        return std::nullopt;
    } catch (const Scanner::SyntaxError&) {
        return std::nullopt;
    }
}

}  // namespace berth::terraform::hcl

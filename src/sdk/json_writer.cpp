#include "sdk/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "sdk/json_reader.h"

namespace berth::sdk {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_control(std::string& out, unsigned char c) {
    switch (c) {
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += hex_digits[c >> 4];
            out += hex_digits[c & 0xf];
    }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    // Only texts that were never checked (from files or processes) can hold invalid bytes.
    std::string repaired;
    if (!base::is_valid_utf8(text)) {
        repaired = base::to_valid_utf8(text);
        text = repaired;
    }
    out += '"';
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto c = static_cast<unsigned char>(text[at]);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += text[at];
        } else if (c < 0x20) {
            append_control(out, c);
        } else if (c == 0xe2 && (text.substr(at, 3) == "\u2028" || text.substr(at, 3) == "\u2029")) {
            out += text[at + 2] == '\xa8' ? "\\u2028" : "\\u2029";
            at += 2;
        } else {
            out += text[at];
        }
    }
    out += '"';
}

void append_json_number(std::string& out, double value) {
    if (!std::isfinite(value)) value = 0;
    double size = std::fabs(value);
    auto format =
        size != 0 && (size < 1e-6 || size >= 1e21) ? std::chars_format::scientific : std::chars_format::fixed;
    std::array<char, 64> buffer{};
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
    std::string_view text(buffer.data(), end - buffer.data());
    // Go writes 1e-7, not 1e-07.
    if (auto zero = text.find("e-0"); zero != std::string_view::npos) {
        out += text.substr(0, zero + 2);
        out += text.substr(zero + 3);
    } else {
        out += text;
    }
}

void append_json_raw(std::string& out, std::string_view json) {
    JsonReader reader(json, 512);
    std::string_view value;
    if (!reader.skip(value) || !reader.finish()) {
        out += "null";
        return;
    }
    bool quoted = false;
    for (std::size_t at = 0; at < value.size(); ++at) {
        char c = value[at];
        if (quoted) {
            out += c;
            if (c == '\\') out += value[++at];
            if (c == '"') quoted = false;
        } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            quoted = c == '"';
            out += c;
        }
    }
}

}  // namespace berth::sdk

#include "sdk/json_reader.h"

#include "base/text.h"

namespace berth::sdk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t code) {
    auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xc0 | code >> 6);
        add(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        add(0xe0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3f));
        add(0x80 | (code & 0x3f));
    } else {
        add(0xf0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3f));
        add(0x80 | (code >> 6 & 0x3f));
        add(0x80 | (code & 0x3f));
    }
}

}  // namespace

void JsonReader::skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
        ++at_;
}

bool JsonReader::fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
}

JsonReader::Token JsonReader::peek() {
    if (!problem_.empty()) return Token::bad;
    skip_space();
    if (at_ >= text_.size()) return Token::end;
    switch (text_[at_]) {
        case '{':
            return Token::object;
        case '[':
            return Token::list;
        case '"':
            return Token::text;
        case 't':
        case 'f':
            return Token::boolean;
        case 'n':
            return Token::null;
        default:
            return text_[at_] == '-' || is_digit(text_[at_]) ? Token::number : Token::bad;
    }
}

bool JsonReader::expect_literal(std::string_view literal) {
    if (!text_.substr(at_).starts_with(literal)) return fail("expected a value");
    at_ += literal.size();
    return true;
}

bool JsonReader::read_null() { return expect_literal("null"); }

bool JsonReader::read_boolean(bool& out) {
    out = text_.substr(at_).starts_with("true");
    return expect_literal(out ? "true" : "false");
}

bool JsonReader::digits() {
    std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_]))
        ++at_;
    return at_ > begin || fail("expected a digit");
}

bool JsonReader::read_number(std::string_view& out) {
    std::size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    std::size_t whole = at_;
    if (!digits()) return false;
    if (text_[whole] == '0' && at_ - whole > 1) return fail("a number must not begin with 0");
    if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        if (!digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
        if (!digits()) return false;
    }
    out = text_.substr(begin, at_ - begin);
    return true;
}

bool JsonReader::read_hex(std::uint32_t& out) {
    if (text_.size() - at_ < 4) return fail("a \\u escape needs four hexadecimal digits");
    out = 0;
    for (int digit = 0; digit < 4; ++digit) {
        char c = text_[at_++];
        std::uint32_t value = is_digit(c)            ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : 16;
        if (value == 16) return fail("a \\u escape needs four hexadecimal digits");
        out = out << 4 | value;
    }
    return true;
}

bool JsonReader::read_escape(std::string& out) {
    if (at_ >= text_.size()) return fail("the text ends inside a string");
    char c = text_[at_++];
    switch (c) {
        case '"':
        case '\\':
        case '/':
            out += c;
            return true;
        case 'b':
            out += '\b';
            return true;
        case 'f':
            out += '\f';
            return true;
        case 'n':
            out += '\n';
            return true;
        case 'r':
            out += '\r';
            return true;
        case 't':
            out += '\t';
            return true;
        case 'u':
            break;
        default:
            return fail("unknown escape in a string");
    }
    std::uint32_t code = 0;
    if (!read_hex(code)) return false;
    bool high = code >= 0xd800 && code < 0xdc00;
    if (high && text_.substr(at_).starts_with("\\u")) {
        std::size_t before = at_;
        at_ += 2;
        std::uint32_t low = 0;
        if (!read_hex(low)) return false;
        if (low >= 0xdc00 && low < 0xe000) {
            append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
            return true;
        }
        at_ = before;
    }
    append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    return true;
}

bool JsonReader::read_text(std::string& out) {
    out.clear();
    if (at_ >= text_.size() || text_[at_] != '"') return fail("expected a string");
    ++at_;
    while (true) {
        std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20)
            ++at_;
        auto plain = text_.substr(begin, at_ - begin);
        if (!base::is_valid_utf8(plain)) return fail("a string is not valid UTF-8");
        out += plain;
        if (at_ >= text_.size()) return fail("the text ends inside a string");
        char c = text_[at_];
        if (c != '"' && c != '\\') return fail("a control character inside a string");
        ++at_;
        if (c == '"') return true;
        if (!read_escape(out)) return false;
    }
}

bool JsonReader::enter(char bracket) {
    if (at_ >= text_.size() || text_[at_] != bracket) return fail("expected a value");
    if (++depth_ > max_depth_) return fail("nested too deeply");
    ++at_;
    return true;
}

bool JsonReader::next(bool first, char close, bool& more) {
    more = false;
    skip_space();
    if (at_ >= text_.size()) return fail("the text ends too early");
    if (text_[at_] == close) {
        ++at_;
        --depth_;
        return true;
    }
    if (!first) {
        if (text_[at_] != ',') return fail("expected a comma");
        ++at_;
        skip_space();
    }
    more = true;
    return true;
}

bool JsonReader::next_member(bool first, std::string& key, bool& more) {
    if (!next(first, '}', more)) return false;
    if (!more) return true;
    if (!read_text(key)) return false;
    skip_space();
    if (at_ >= text_.size() || text_[at_] != ':') return fail("expected a colon");
    ++at_;
    return true;
}

bool JsonReader::next_element(bool first, bool& more) { return next(first, ']', more); }

bool JsonReader::skip(std::string_view& out) {
    Token token = peek();
    std::size_t begin = at_;
    bool done = false;
    std::string text;
    std::string_view raw;
    bool flag = false;
    switch (token) {
        case Token::object: {
            bool more = enter('{');
            for (bool first = true; more; first = false) {
                if (!next_member(first, text, more)) return false;
                if (more && !skip(raw)) return false;
            }
            done = problem_.empty();
            break;
        }
        case Token::list: {
            bool more = enter('[');
            for (bool first = true; more; first = false) {
                if (!next_element(first, more)) return false;
                if (more && !skip(raw)) return false;
            }
            done = problem_.empty();
            break;
        }
        case Token::text:
            done = read_text(text);
            break;
        case Token::number:
            done = read_number(raw);
            break;
        case Token::boolean:
            done = read_boolean(flag);
            break;
        case Token::null:
            done = read_null();
            break;
        case Token::end:
            return fail("the text ends too early");
        case Token::bad:
            return fail("expected a value");
    }
    out = text_.substr(begin, at_ - begin);
    return done;
}

bool JsonReader::finish() {
    skip_space();
    return at_ == text_.size() || fail("something follows the value");
}

}  // namespace berth::sdk

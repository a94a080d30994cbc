#include "provisioner/terraform/hcl_scanner.h"

#include <fmt/format.h>

#include "base/text.h"

namespace berth::terraform::hcl {
namespace {

bool starts_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool continues_identifier(char c) { return starts_identifier(c) || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

Position Scanner::position() const {
    bool first = line_ == start_.line;
    return {line_, static_cast<int>(at_ - line_start_) + (first ? start_.column : 1)};
}

void Scanner::advance() {
    if (at_end()) return;
    if (source_[at_++] == '\n') {
        ++line_;
        line_start_ = at_;
    }
}

void Scanner::advance(std::size_t count) {
    while (count-- > 0)
        advance();
}

void Scanner::skip_space(bool lines) {
    while (!at_end()) {
        char c = peek();
        if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
            advance();
        } else if (c == '#' || looking_at("//")) {
            while (!at_end() && peek() != '\n')
                advance();
        } else if (looking_at("/*")) {
            auto where = position();
            advance(2);
            while (!at_end() && !looking_at("*/"))
                advance();
            if (at_end()) fail_at(where, "this comment is never closed");
            advance(2);
        } else {
            return;
        }
    }
}

bool Scanner::take_line_end() {
    skip_space(false);
    if (at_end()) return true;
    if (peek() != '\n') return false;
    advance();
    return true;
}

bool Scanner::at_identifier() const { return starts_identifier(peek()) && !at_end(); }

std::string Scanner::identifier() {
    auto from = at_;
    while (!at_end() && continues_identifier(peek()))
        advance();
    return std::string(text(from, at_));
}

void Scanner::skip_interpolation() {
    advance(2);
    if (peek() == '~') advance();
    skip_brackets('}');
}

void Scanner::skip_string() {
    auto where = position();
    advance();
    while (true) {
        if (at_end() || peek() == '\n') fail_at(where, "this string is not closed on its line");
        if (peek() == '"') break;
        if (peek() == '\\') {
            advance(2);
        } else if (looking_at("$${") || looking_at("%%{")) {
            advance(3);
        } else if (looking_at("${") || looking_at("%{")) {
            skip_interpolation();
        } else {
            advance();
        }
    }
    advance();
}

bool Scanner::at_heredoc() const {
    if (!looking_at("<<")) return false;
    return starts_identifier(peek(peek(2) == '-' ? 3 : 2));
}

void Scanner::skip_heredoc() {
    auto where = position();
    advance(peek(2) == '-' ? 3 : 2);
    auto marker = identifier();
    while (!at_end() && peek() != '\n') {
        if (peek() != '\r') fail("a heredoc's text begins on the line after <<" + marker);
        advance();
    }
    advance();
    while (!at_end()) {
        auto from = at_;
        auto end = source_.find('\n', from);
        if (end == std::string_view::npos) end = source_.size();
        auto line = text(from, end);
        if (base::trim(line) == marker) {
            advance(line.find(marker) + marker.size());
            return;
        }
        advance(end - from);
        advance();
    }
    fail_at(where, "this heredoc has no closing " + marker);
}

void Scanner::skip_brackets(char close) {
    Nested nested(*this);
    auto where = position();
    while (true) {
        skip_space(true);
        if (at_end()) fail_at(where, fmt::format("a closing {} is missing", close));
        char c = peek();
        if (c == close) {
            advance();
            return;
        }
        if (c == ')' || c == ']' || c == '}') fail(fmt::format("expected {} before this {}", close, c));
        if (c == '"') {
            skip_string();
        } else if (at_heredoc()) {
            skip_heredoc();
        } else {
            advance();
            if (c == '(') skip_brackets(')');
            if (c == '[') skip_brackets(']');
            if (c == '{') skip_brackets('}');
        }
    }
}

void Scanner::skip_expression() {
    skip_space(false);
    auto from = at_;
    while (true) {
        skip_space(false);
        char c = peek();
        if (at_end() || c == '\n' || c == ',' || c == ')' || c == ']' || c == '}') break;
        if (c == '"') {
            skip_string();
        } else if (at_heredoc()) {
            skip_heredoc();
        } else {
            advance();
            if (c == '(') skip_brackets(')');
            if (c == '[') skip_brackets(']');
            if (c == '{') skip_brackets('}');
        }
    }
    if (at_ == from) fail("an expression is missing here");
}

}  // namespace berth::terraform::hcl

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::sdk {

/// Reads one JSON text (RFC 8259) from front to back without building a tree. Every read returns false once
/// something was wrong; problem() then says what, and position() where.
class JsonReader {
public:
    enum class Token { object, list, text, number, boolean, null, end, bad };

    JsonReader(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

    /// What comes next, white space skipped.
    Token peek();

    /// Unescaped and valid UTF-8; a lone surrogate becomes U+FFFD.
    bool read_text(std::string& out);
    /// The digits as they stand, grammar checked.
    bool read_number(std::string_view& out);
    bool read_boolean(bool& out);
    bool read_null();
    /// Any value, unread; `out` is its text.
    bool skip(std::string_view& out);

    /// Opens an object or list; then next_member / next_element until they set `more` to false (and have
    /// closed it).
    bool enter(char bracket);
    bool next_member(bool first, std::string& key, bool& more);
    bool next_element(bool first, bool& more);
    /// Nothing but white space may be left.
    bool finish();

    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] std::size_t position() const { return at_; }

private:
    void skip_space();
    bool fail(std::string problem);
    bool expect_literal(std::string_view literal);
    bool next(bool first, char close, bool& more);
    bool read_escape(std::string& out);
    bool read_hex(std::uint32_t& out);
    bool digits();

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t max_depth_;
    std::string problem_;
};

}  // namespace berth::sdk

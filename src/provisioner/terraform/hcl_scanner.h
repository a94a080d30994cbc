#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "provisioner/terraform/hcl.h"

namespace berth::terraform::hcl {

/// Walks over HCL text. A failed step throws SyntaxError, which hcl::parse turns into a Result.
class Scanner {
public:
    struct SyntaxError {
        Position where;
        std::string message;
        ErrorCode code = ErrorCode::invalid_argument;
    };

    Scanner(std::string_view source, Position start, const Limits& limits)
        : source_(source), limits_(limits), start_(start), line_(start.line) {}

    [[nodiscard]] bool at_end() const { return at_ >= source_.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool looking_at(std::string_view text) const {
        return source_.substr(at_).starts_with(text);
    }
    [[nodiscard]] std::size_t offset() const { return at_; }
    [[nodiscard]] std::string_view text(std::size_t from, std::size_t to) const {
        return source_.substr(from, to - from);
    }
    [[nodiscard]] Position position() const;
    [[noreturn]] void fail(std::string message) const { throw SyntaxError{position(), std::move(message)}; }
    [[noreturn]] static void fail_at(Position where, std::string message) {
        throw SyntaxError{where, std::move(message)};
    }

    void advance();
    void advance(std::size_t count);
    /// Spaces, tabs and comments; with `lines` line ends as well.
    void skip_space(bool lines);
    /// True when a line ended here (a `#` comment up to the line end counts), and consumes it.
    bool take_line_end();

    [[nodiscard]] bool at_identifier() const;
    std::string identifier();

    /// At a `"`: over the whole string, its interpolations included.
    void skip_string();
    /// At `<<`: over the heredoc up to the end of its closing marker.
    [[nodiscard]] bool at_heredoc() const;
    void skip_heredoc();
    /// Over one expression: up to a line end, `,` or closing bracket that does not belong to it.
    void skip_expression();

    /// Counts nesting; throws beyond the limit.
    class Nested {
    public:
        explicit Nested(Scanner& scanner) : scanner_(scanner) {
            if (++scanner_.depth_ > scanner_.limits_.depth)
                throw SyntaxError{scanner_.position(), "nested too deeply", ErrorCode::too_large};
        }
        ~Nested() { --scanner_.depth_; }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;

    private:
        Scanner& scanner_;
    };

    /// Counts attributes, blocks and elements; throws beyond the limit.
    void count_item() {
        if (++items_ > limits_.items) fail("too many items in one file");
    }

private:
    void skip_interpolation();
    void skip_brackets(char close);

    std::string_view source_;
    Limits limits_;
    Position start_;
    std::size_t at_ = 0;
    int line_;
    std::size_t line_start_ = 0;
    int depth_ = 0;
    std::size_t items_ = 0;
};

/// The value of a literal expression; nothing when it is not one, or when a number in it would be rounded.
std::optional<boost::json::value> constant_of(std::string_view expression, const Limits& limits);

/// A number as terraform turns it into a text: "1.5", never "1.5E0".
std::string number_text(const boost::json::value& number);

}  // namespace berth::terraform::hcl

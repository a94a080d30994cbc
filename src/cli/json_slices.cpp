#include "cli/json_slices.h"

#include <boost/json.hpp>

namespace berth::cli::json_slices {
namespace {

/// Walks over valid JSON; at the end of a text it stays there.
class JsonCursor {
public:
    explicit JsonCursor(std::string_view text) : text_(text) {}

    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void advance() { at_ = std::min(at_ + 1, text_.size()); }
    void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    std::string_view value() {
        skip_space();
        auto from = at_;
        if (peek() == '"') {
            skip_string();
        } else if (peek() == '{' || peek() == '[') {
            skip_nested();
        } else {
            at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size());
        }
        auto found = text_.substr(from, at_ - from);
        skip_space();
        return found;
    }

    /// Into an object or array, then from item to item; false at its end.
    bool next_item() {
        skip_space();
        if (peek() == '\0' || peek() == ']' || peek() == '}') return false;
        advance();
        skip_space();
        return peek() != ']' && peek() != '}' && peek() != '\0';
    }

private:
    void skip_string() {
        advance();
        while (peek() != '"' && at_ < text_.size()) {
            if (peek() == '\\') advance();
            advance();
        }
        advance();
    }

    void skip_nested() {
        int depth = 0;
        do {
            char c = peek();
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            advance();
        } while (depth > 0 && at_ < text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> member(std::string_view object, std::string_view name) {
    std::optional<std::string_view> found;
    JsonCursor cursor(object);
    while (cursor.next_item()) {
        auto key = boost::json::parse(boost::json::string_view(cursor.value()));
        cursor.advance();
        auto value = cursor.value();
        if (key.is_string() && std::string_view(key.get_string()) == name) found = value;
    }
    return found;
}

std::vector<std::string_view> elements(std::string_view array) {
    std::vector<std::string_view> found;
    JsonCursor cursor(array);
    while (cursor.next_item())
        found.push_back(cursor.value());
    return found;
}

std::string array_of(const std::vector<std::string_view>& elements) {
    std::string text;
    for (auto element : elements)
        text.append(text.empty() ? "[" : ",").append(element);
    return text.empty() ? "[]" : text + "]";
}

std::string with(std::string_view whole, std::string_view part, std::string_view replacement) {
    auto from = static_cast<std::size_t>(part.data() - whole.data());
    std::string text(whole.substr(0, from));
    return text.append(replacement).append(whole.substr(from + part.size()));
}

}  // namespace berth::cli::json_slices

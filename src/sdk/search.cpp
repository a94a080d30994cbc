#include "sdk/search.h"

#include <algorithm>

#include "base/text.h"

namespace berth::sdk {
namespace {

constexpr std::size_t longest_query = 4096;

Error bad_query(std::string problem) {
    return invalid_argument("Invalid search query.").with_field("q", std::move(problem));
}

/// One piece between spaces, with its quotes taken away and the first colon outside of them found.
struct Piece {
    std::string text;
    std::size_t colon = std::string::npos;
    bool second_colon = false;
};

class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    /// False at the end.
    bool next(Piece& piece) {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
        if (at_ == text_.size()) return false;
        piece = {};
        while (at_ < text_.size() && !is_space(text_[at_])) {
            char c = text_[at_++];
            if (c == '"') {
                if (!quoted(piece)) return true;
                continue;
            }
            if (c == ':') {
                if (piece.colon != std::string::npos)
                    piece.second_colon = true;
                else
                    piece.colon = piece.text.size();
            }
            piece.text += c;
        }
        return true;
    }
    [[nodiscard]] bool open_quote() const { return open_quote_; }

private:
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    bool quoted(Piece& piece) {
        while (at_ < text_.size()) {
            char c = text_[at_++];
            if (c == '"') return true;
            if (c == '\\' && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\\'))
                c = text_[at_++];
            piece.text += c;
        }
        open_quote_ = true;
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool open_quote_ = false;
};

}  // namespace

Result<SearchQuery> SearchQuery::parse(std::string_view text) {
    if (text.size() > longest_query) return bad_query("is too long");
    if (!base::is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
        return bad_query("must be valid UTF-8 text");
    SearchQuery query;
    Splitter splitter(text);
    for (Piece piece; splitter.next(piece);) {
        if (splitter.open_quote()) return bad_query("a quote is never closed");
        if (piece.colon == std::string::npos) {
            if (!piece.text.empty()) query.words_.push_back(std::move(piece.text));
            continue;
        }
        std::string key = base::to_lower(piece.text.substr(0, piece.colon));
        std::string value = piece.text.substr(piece.colon + 1);
        if (key.empty() || value.empty())
            return bad_query("\"" + piece.text + "\" must have a key before the colon and a value after it");
        // An unquoted time has colons of its own; anything else with two is a mistake worth telling.
        if (piece.second_colon && !base::parse_rfc3339(value))
            return bad_query("\"" + piece.text + "\" has more than one colon; put the value in quotes");
        query.terms_.push_back({std::move(key), std::move(value)});
    }
    return query;
}

std::string SearchQuery::base_lower(std::string_view text) { return base::to_lower(text); }

void SearchQuery::refuse(std::string_view key, std::string problem) {
    if (problem_.empty()) problem_ = std::string(key) + ": " + problem;
}

std::vector<const SearchQuery::Term*> SearchQuery::find(std::string_view key) {
    asked_.emplace(key);
    std::vector<const Term*> found;
    for (const auto& term : terms_)
        if (term.key == key) found.push_back(&term);
    return found;
}

bool SearchQuery::has(std::string_view key) const {
    return std::any_of(terms_.begin(), terms_.end(), [&](const Term& term) { return term.key == key; });
}

std::optional<std::string> SearchQuery::text(std::string_view key) {
    auto found = find(key);
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) refuse(key, "must be given once only");
    return found.front()->value;
}

std::vector<std::string> SearchQuery::list(std::string_view key) {
    std::vector<std::string> values;
    for (const Term* term : find(key))
        for (auto part : base::split(term->value, ','))
            if (!base::trim(part).empty()) values.emplace_back(base::trim(part));
    return values;
}

std::optional<bool> SearchQuery::boolean(std::string_view key) {
    auto value = text(key);
    if (!value) return std::nullopt;
    auto lower = base::to_lower(*value);
    if (lower == "true" || lower == "1") return true;
    if (lower == "false" || lower == "0") return false;
    refuse(key, "\"" + *value + "\" is neither true nor false");
    return std::nullopt;
}

std::optional<Uuid> SearchQuery::uuid(std::string_view key) {
    auto value = text(key);
    if (!value) return std::nullopt;
    auto id = Uuid::parse(*value);
    if (!id) refuse(key, "\"" + *value + "\" is not a UUID");
    return id;
}

std::optional<std::int64_t> SearchQuery::integer(std::string_view key) {
    auto value = text(key);
    if (!value) return std::nullopt;
    auto number = base::parse_int<std::int64_t>(*value);
    if (!number) refuse(key, "\"" + *value + "\" is not an integer");
    return number;
}

std::optional<base::Time> SearchQuery::time(std::string_view key) {
    auto value = text(key);
    if (!value) return std::nullopt;
    auto moment = base::parse_rfc3339(*value);
    if (!moment) moment = base::parse_rfc3339(*value + "T00:00:00Z");
    if (!moment) refuse(key, "\"" + *value + "\" is neither a date nor an RFC 3339 time");
    return moment;
}

Result<void> SearchQuery::finish() const {
    if (!problem_.empty()) return bad_query(problem_);
    for (const auto& term : terms_)
        if (!asked_.contains(term.key)) return bad_query("\"" + term.key + "\" is not a search term here");
    return {};
}

Result<Pagination> parse_pagination(const http::Query& query) {
    Pagination page;
    auto problem = [](std::string_view field, std::string_view detail) {
        return invalid_argument("Query parameters have invalid values.")
            .with_field(std::string(field), std::string(detail));
    };
    auto number = [&](std::string_view name, std::int64_t& into) {
        auto text = query.get(name);
        if (!text || text->empty()) return true;
        auto value = base::parse_int<std::int32_t>(*text);
        if (!value || *value < 0) return false;
        into = *value;
        return true;
    };
    if (!number("limit", page.limit)) return problem("limit", "must be a whole number that is not negative");
    if (!number("offset", page.offset))
        return problem("offset", "must be a whole number that is not negative");
    if (auto text = query.get("after_id"); text && !text->empty()) {
        auto id = Uuid::parse(*text);
        if (!id) return problem("after_id", "must be a UUID");
        page.after_id = *id;
    }
    return page;
}

}  // namespace berth::sdk

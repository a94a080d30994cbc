#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"
#include "net/http/message.h"
#include "sdk/codec.h"
#include "sdk/response.h"

namespace berth::sdk {

/// The `q` of list routes: words and `key:value` terms between spaces; quotes keep spaces and colons together
/// (`owner:me name:"two words" free text`), and \" stands for a quote inside them. Keys have no case.
///
/// Ask for each term the route knows, then finish(): it fails with the first term that was malformed or never
/// asked for.
///
///     auto search = SearchQuery::parse(q);
///     if (!search) co_return search.error();
///     auto owner = search->text("owner");
///     auto status = search->choice<sdk::WorkspaceStatus>("status");
///     if (auto done = search->finish(); !done) co_return done.error();
class SearchQuery {
public:
    static Result<SearchQuery> parse(std::string_view text);

    /// Terms without a key, in order.
    [[nodiscard]] const std::vector<std::string>& words() const { return words_; }
    [[nodiscard]] bool has(std::string_view key) const;

    /// The value; given twice is an error.
    std::optional<std::string> text(std::string_view key);
    /// All values of repeated terms, split at commas, without empty ones.
    std::vector<std::string> list(std::string_view key);
    /// true, false, 1, 0.
    std::optional<bool> boolean(std::string_view key);
    std::optional<Uuid> uuid(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key);
    /// RFC 3339, or a date ("2026-01-31"), which stands for its first moment in UTC.
    std::optional<base::Time> time(std::string_view key);
    template <Enumeration E>
    std::optional<E> choice(std::string_view key) {
        auto value = text(key);
        if (!value) return std::nullopt;
        auto parsed = parse_enum<E>(base_lower(*value));
        if (!parsed) refuse(key, "\"" + *value + "\" is not a known " + std::string(key));
        return parsed;
    }

    /// invalid_argument with a FieldError for "q" that names the term.
    [[nodiscard]] Result<void> finish() const;

private:
    struct Term {
        std::string key;
        std::string value;
    };
    static std::string base_lower(std::string_view text);
    void refuse(std::string_view key, std::string problem);
    std::vector<const Term*> find(std::string_view key);

    std::vector<Term> terms_;
    std::vector<std::string> words_;
    std::set<std::string, std::less<>> asked_;
    std::string problem_;
};

/// `limit`, `offset` and `after_id` of a query string; invalid_argument names the bad one.
Result<Pagination> parse_pagination(const http::Query& query);

}  // namespace berth::sdk

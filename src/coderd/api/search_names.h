#pragma once

#include <optional>
#include <string>

#include "coderd/api/search_terms.h"
#include "db/store.h"

namespace berth::coderd {

/// The id of what was found by name; who may not see it hears that it is not there.
template <class Row>
Result<std::optional<Uuid>> id_or_bad_term(const Result<Row>& row, std::string_view key,
                                           std::string_view text) {
    if (row) return std::optional(row->id);
    if (row.error().code() != ErrorCode::not_found) return row.error();
    return bad_term(key, text, "does not exist, or you may not see it");
}

/// What `owner:` asks for: an id ("me" is the viewer's) or else a name; neither when it is not there.
struct OwnerTerm {
    std::optional<Uuid> id;
    std::string username;
};
OwnerTerm owner_named(sdk::SearchQuery& search, Uuid viewer);

/// The organization that a search term names by id or name ("default" too); nothing for an empty text.
asio::awaitable<Result<std::optional<Uuid>>> organization_named(db::Store& store, const rbac::Actor& actor,
                                                                std::string text, std::string key);

}  // namespace berth::coderd

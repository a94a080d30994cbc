#include "coderd/api/search_names.h"

namespace berth::coderd {

OwnerTerm owner_named(sdk::SearchQuery& search, Uuid viewer) {
    auto owner = search.text("owner").value_or("");
    if (owner == "me") return {viewer, ""};
    if (auto id = Uuid::parse(owner)) return {*id, ""};
    return {std::nullopt, owner};
}

asio::awaitable<Result<std::optional<Uuid>>> organization_named(db::Store& store, const rbac::Actor& actor,
                                                                std::string text, std::string key) {
    if (text.empty()) co_return std::optional<Uuid>();
    if (auto id = Uuid::parse(text)) co_return id;
    Result<db::Organization> row = not_found("no organization");
    if (text == "default") {
        row = co_await store.get_default_organization(actor);
    } else {
        row = co_await store.get_organization_by_name(actor, text);
    }
    co_return id_or_bad_term(row, key, text);
}

}  // namespace berth::coderd

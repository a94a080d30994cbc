#include "coderd/users/list_query.h"

#include "coderd/api/search_terms.h"

namespace berth::coderd {

Result<db::ListUsersParams> parse_user_list(const http::Query& query) {
    auto page = sdk::parse_pagination(query);
    if (!page) return page.error();
    auto search = sdk::SearchQuery::parse(query.get("q").value_or(""));
    if (!search) return search.error();
    db::ListUsersParams params;
    params.row_limit = static_cast<std::int32_t>(page->limit);
    params.row_offset = static_cast<std::int32_t>(page->offset);
    if (!page->after_id.is_nil()) params.after_id = page->after_id;
    std::string words = base::join(search->words(), " ");
    params.search = search->text("search").value_or(words);
    auto statuses = search_values<db::UserStatus>(*search, "status", db::parse_user_status);
    if (!statuses) return statuses.error();
    params.statuses = std::move(*statuses);
    for (const auto& name : search->list("role"))
        params.rbac_roles.push_back(base::to_lower(name));
    auto types = search_values<db::LoginType>(*search, "login_type", db::parse_login_type);
    if (!types) return types.error();
    params.login_types = std::move(*types);
    auto done = search->finish();
    if (!done) return done.error();
    return params;
}

}  // namespace berth::coderd

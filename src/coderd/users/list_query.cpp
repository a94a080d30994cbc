#include "coderd/users/list_query.h"

#include "base/text.h"
#include "sdk/search.h"

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
    for (const auto& name : search->list("status"))
        if (auto status = db::parse_user_status(base::to_lower(name))) params.statuses.push_back(*status);
    for (const auto& name : search->list("role"))
        params.rbac_roles.push_back(base::to_lower(name));
    for (const auto& name : search->list("login_type"))
        if (auto type = db::parse_login_type(base::to_lower(name))) params.login_types.push_back(*type);
    auto done = search->finish();
    if (!done) return done.error();
    return params;
}

}  // namespace berth::coderd

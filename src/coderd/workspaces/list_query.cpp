#include "coderd/workspaces/list_query.h"

#include "coderd/api/search_names.h"
#include "coderd/api/search_terms.h"
#include "coderd/resources/agent_status.h"
#include "sdk/workspaces.h"

namespace berth::coderd {
namespace {

void read_names(sdk::SearchQuery& search, Uuid viewer, db::ListWorkspacesParams& params) {
    auto owner = owner_named(search, viewer);
    params.owner_id = owner.id;
    params.owner_username = std::move(owner.username);
    params.name = search.text("name").value_or(base::join(search.words(), " "));
    // "owner/name", as people copy it from elsewhere.
    if (auto slash = params.name.find('/'); slash != std::string::npos) {
        params.owner_username = params.name.substr(0, slash);
        params.name.erase(0, slash + 1);
    }
    params.template_name = search.text("template").value_or("");
    for (const auto& text : search.list("param")) {
        auto equals = text.find('=');
        params.parameter_names.push_back(text.substr(0, equals));
        params.parameter_values.push_back(equals == std::string::npos ? "" : text.substr(equals + 1));
    }
}

/// Everything but the terms that need the database to become ids.
Result<void> read_terms(sdk::SearchQuery& search, Uuid viewer, db::ListWorkspacesParams& params) {
    read_names(search, viewer, params);
    if (auto status = search.choice<sdk::WorkspaceStatus>("status")) params.status = sdk::to_string(*status);
    auto ids = search_values<Uuid>(search, "id", Uuid::parse);
    if (!ids) return ids.error();
    params.ids = std::move(*ids);
    if (auto status = search.choice<sdk::WorkspaceAgentStatus>("has-agent"))
        params.has_agent = sdk::to_string(*status);
    params.is_dormant = search.boolean("dormant");
    params.is_outdated = search.boolean("outdated");
    params.last_used_after = search.time("last_used_after");
    params.last_used_before = search.time("last_used_before");
    params.has_ai_task = search.boolean("has-ai-task");
    params.has_external_agent = search.boolean("has_external_agent");
    params.is_shared = search.boolean("shared");
    return {};
}

asio::awaitable<Result<std::optional<Uuid>>> user_named(db::Store& store, const Caller& caller,
                                                        std::string text) {
    if (text.empty()) co_return std::optional<Uuid>();
    if (text == "me") co_return std::optional(caller.user_id);
    if (auto id = Uuid::parse(text)) co_return id;
    auto row = co_await store.get_user_by_email_or_username(caller.actor, text, text);
    co_return id_or_bad_term(row, "shared_with_user", text);
}

/// "group" of the default organization, or "organization/group".
asio::awaitable<Result<std::optional<Uuid>>> group_named(db::Store& store, const rbac::Actor& actor,
                                                         std::string text) {
    const std::string key = "shared_with_group";
    if (text.empty()) co_return std::optional<Uuid>();
    if (auto id = Uuid::parse(text)) co_return id;
    auto slash = text.find('/');
    std::string of = slash == std::string::npos ? "default" : text.substr(0, slash);
    auto organization = co_await organization_named(store, actor, of, key);
    if (!organization) co_return organization.error();
    if (!*organization) co_return bad_term(key, text, "names no organization before the slash");
    std::string name = slash == std::string::npos ? text : text.substr(slash + 1);
    auto row = co_await store.get_group_by_organization_and_name(actor, **organization, name);
    co_return id_or_bad_term(row, key, text);
}

}  // namespace

asio::awaitable<Result<db::ListWorkspacesParams>> read_workspace_list(db::Store& store,
                                                                      const Request& request,
                                                                      base::Time now) {
    const auto& query = request.http().query;
    auto page = sdk::parse_pagination(query);
    if (!page) co_return page.error();
    auto search = sdk::SearchQuery::parse(query.get("q").value_or(""));
    if (!search) co_return search.error();
    db::ListWorkspacesParams params;
    params.row_limit = static_cast<std::int32_t>(page->limit);
    params.row_offset = static_cast<std::int32_t>(page->offset);
    params.requester_id = request.caller().user_id;
    params.now = now;
    params.inactive_seconds = std::chrono::seconds(agent_inactive_after).count();
    auto read = read_terms(*search, request.caller().user_id, params);
    if (!read) co_return read.error();
    auto organization_text = search->text("organization").value_or("");
    auto user_text = search->text("shared_with_user").value_or("");
    auto group_text = search->text("shared_with_group").value_or("");
    auto done = search->finish();
    if (!done) co_return done.error();
    auto organization =
        co_await organization_named(store, request.actor(), organization_text, "organization");
    if (!organization) co_return organization.error();
    params.organization_id = *organization;
    auto user = co_await user_named(store, request.caller(), user_text);
    if (!user) co_return user.error();
    params.shared_with_user = *user;
    auto group = co_await group_named(store, request.actor(), group_text);
    if (!group) co_return group.error();
    params.shared_with_group = *group;
    co_return params;
}

}  // namespace berth::coderd

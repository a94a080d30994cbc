#include "coderd/workspaces/list_query.h"

#include "base/text.h"
#include "coderd/resources/agent_status.h"
#include "sdk/search.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

Result<db::ListWorkspacesParams> parse_workspace_list(const http::Query& query, Uuid viewer, base::Time now) {
    auto page = sdk::parse_pagination(query);
    if (!page) return page.error();
    auto search = sdk::SearchQuery::parse(query.get("q").value_or(""));
    if (!search) return search.error();
    db::ListWorkspacesParams params;
    params.row_limit = static_cast<std::int32_t>(page->limit);
    params.row_offset = static_cast<std::int32_t>(page->offset);
    params.requester_id = viewer;
    params.now = now;
    params.inactive_seconds = std::chrono::seconds(agent_inactive_after).count();
    auto owner = search->text("owner").value_or("");
    if (owner == "me") {
        params.owner_id = viewer;
    } else if (auto id = Uuid::parse(owner)) {
        params.owner_id = *id;
    } else {
        params.owner_username = owner;
    }
    params.name = search->text("name").value_or(base::join(search->words(), " "));
    // "owner/name", as people copy it from elsewhere.
    if (auto slash = params.name.find('/'); slash != std::string::npos) {
        params.owner_username = params.name.substr(0, slash);
        params.name.erase(0, slash + 1);
    }
    params.template_name = search->text("template").value_or("");
    if (auto status = search->choice<sdk::WorkspaceStatus>("status")) params.status = sdk::to_string(*status);
    for (const auto& text : search->list("id"))
        if (auto id = Uuid::parse(text)) params.ids.push_back(*id);
    params.organization_id = search->uuid("organization");
    if (auto status = search->choice<sdk::WorkspaceAgentStatus>("has-agent"))
        params.has_agent = sdk::to_string(*status);
    params.is_dormant = search->boolean("dormant");
    params.is_outdated = search->boolean("outdated");
    params.last_used_after = search->time("last_used_after");
    params.last_used_before = search->time("last_used_before");
    params.has_ai_task = search->boolean("has-ai-task");
    params.has_external_agent = search->boolean("has_external_agent");
    params.is_shared = search->boolean("shared");
    params.shared_with_user = search->uuid("shared_with_user");
    for (const auto& text : search->list("param")) {
        auto equals = text.find('=');
        params.parameter_names.push_back(text.substr(0, equals));
        params.parameter_values.push_back(equals == std::string::npos ? "" : text.substr(equals + 1));
    }
    auto done = search->finish();
    if (!done) return done.error();
    return params;
}

}  // namespace berth::coderd

#include "coderd/workspaces/routes.h"

#include "coderd/jobs/channels.h"
#include "coderd/users/lookup.h"
#include "coderd/builds/queue.h"
#include "coderd/workspaces/convert.h"
#include "coderd/workspaces/list_query.h"
#include "coderd/workspaces/schedule.h"
#include "coderd/workspaces/watch.h"
#include "sdk/validation.h"

namespace berth::coderd {
namespace {

Error no_such_workspace() { return not_found("There is no such workspace, or you may not see it."); }

Result<void> check_ttl(const std::optional<std::int64_t>& ttl_ms) {
    constexpr std::int64_t minute = 60'000;
    constexpr std::int64_t month = 30LL * 24 * 60 * minute;
    if (!ttl_ms || *ttl_ms == 0) return {};
    if (*ttl_ms < minute || *ttl_ms > month)
        return invalid_argument("The time to stop cannot be used.")
            .with_field("ttl_ms", "must be from one minute to 30 days");
    return {};
}

Error name_taken(const std::string& name) {
    return Error(ErrorCode::conflict, "Workspace \"" + name + "\" already exists.")
        .with_field("name", "This value is already in use and should be unique.");
}

}  // namespace

void WorkspaceRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string one = "/api/v2/workspaces/{workspace}";
    for (const char* pattern : {"/api/v2/users/{user}/workspaces",
                                "/api/v2/organizations/{organization}/members/{user}/workspaces"}) {
        routes.json<sdk::CreateWorkspaceRequest, sdk::Workspace>(
            {Method::post, pattern, "Create a workspace", Access::session, 201},
            bind(this, &WorkspaceRoutes::create));
    }
    routes.json<sdk::WorkspacesResponse>(
        Endpoint{Method::get, "/api/v2/workspaces", "List workspaces"}
            .takes(
                search_query("owner, name, template, status, id, organization, has-agent, dormant, outdated, "
                             "last_used_after, last_used_before, has-ai-task, has_external_agent, param, "
                             "shared, shared_with_user and shared_with_group"))
            .takes(page_query()),
        bind(this, &WorkspaceRoutes::list));
    const sdk::QueryParameter deleted{"include_deleted", "boolean", "Shows a deleted one too"};
    routes.raw<Nothing, sdk::Workspace>(Endpoint{Method::get, one, "Get a workspace"}.takes(deleted),
                                        bind(this, &WorkspaceRoutes::get));
    routes.raw<Nothing, sdk::Workspace>(
        Endpoint{Method::get, "/api/v2/users/{user}/workspace/{workspacename}",
                 "Get a workspace by owner and name"}
            .takes(deleted),
        bind(this, &WorkspaceRoutes::get_by_owner_and_name));
    routes.json<sdk::UpdateWorkspaceRequest, Nothing>(
        {Method::patch, one, "Rename a workspace", Access::session, 204},
        bind(this, &WorkspaceRoutes::update));
    routes.json<sdk::UpdateWorkspaceAutostartRequest, Nothing>(
        {Method::put, one + "/autostart", "Set when a workspace starts", Access::session, 204},
        bind(this, &WorkspaceRoutes::update_autostart));
    routes.json<sdk::UpdateWorkspaceTTLRequest, Nothing>(
        {Method::put, one + "/ttl", "Set how long a workspace runs", Access::session, 204},
        bind(this, &WorkspaceRoutes::update_ttl));
    routes.json<sdk::UpdateWorkspaceAutomaticUpdatesRequest, Nothing>(
        {Method::put, one + "/autoupdates", "Set automatic updates", Access::session, 204},
        bind(this, &WorkspaceRoutes::update_automatic_updates));
    routes.json<Nothing>({Method::put, one + "/favorite", "Mark a favorite", Access::session, 204},
                         bind(this, &WorkspaceRoutes::add_favorite));
    routes.json<Nothing>({Method::del, one + "/favorite", "Unmark a favorite", Access::session, 204},
                         bind(this, &WorkspaceRoutes::remove_favorite));
    routes.json<Nothing>(
        {Method::post, one + "/usage", "Note that a workspace is used", Access::session, 204},
        bind(this, &WorkspaceRoutes::note_usage));
    routes.raw({Method::get, one + "/watch", "Watch a workspace"}, bind(this, &WorkspaceRoutes::watch));
}

asio::awaitable<Result<db::Workspace>> WorkspaceRoutes::find(const Request& request) {
    auto id = request.path_uuid("workspace");
    if (!id) co_return id.error();
    auto row = co_await context_.store.get_workspace_by_id(request.actor(), *id);
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_such_workspace();
    co_return row;
}

asio::awaitable<Result<db::Workspace>> WorkspaceRoutes::find_live(const Request& request) {
    auto row = co_await find(request);
    if (row && row->deleted) co_return not_found("The workspace is deleted.");
    co_return row;
}

asio::awaitable<Result<sdk::Workspace>> WorkspaceRoutes::create(const Request& request,
                                                                sdk::CreateWorkspaceRequest body) {
    auto owner = co_await find_user(context_.store, request);
    if (!owner) co_return owner.error();
    auto ttl = check_ttl(body.ttl_ms);
    if (!ttl) co_return ttl.error();
    if (body.autostart_schedule && !body.autostart_schedule->empty()) {
        auto schedule = check_weekly_schedule(*body.autostart_schedule);
        if (!schedule) co_return schedule.error();
    }
    NewWorkspace workspace;
    workspace.owner_id = owner->id;
    workspace.initiator_id = request.caller().user_id;
    workspace.request = std::move(body);
    std::string name = workspace.request.name;
    auto created = co_await queue_workspace(context_, request.actor(), std::move(workspace));
    if (!created && created.error().code() == ErrorCode::conflict) co_return name_taken(name);
    if (!created) co_return created.error();
    auto answer =
        co_await workspace_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*created));
    co_return answer;
}

asio::awaitable<Result<sdk::WorkspacesResponse>> WorkspaceRoutes::list(const Request& request) {
    auto params = co_await read_workspace_list(context_.store, request, context_.clock.now());
    if (!params) co_return params.error();
    auto rows = co_await context_.store.list_workspaces(request.actor(), *params);
    if (!rows) co_return rows.error();
    sdk::WorkspacesResponse answer;
    std::vector<db::Workspace> workspaces;
    for (auto& row : *rows) {
        answer.count = row.total_count;
        workspaces.push_back(std::move(row.workspace));
    }
    if (workspaces.empty() && params->row_offset > 0) {
        // A page past the end has no row that could carry the count.
        params->row_offset = 0;
        params->row_limit = 1;
        auto first = co_await context_.store.list_workspaces(request.actor(), *params);
        if (!first) co_return first.error();
        if (!first->empty()) answer.count = first->front().total_count;
    }
    auto converted = co_await workspaces_to_sdk(context_, request.actor(), request.caller().user_id,
                                                std::move(workspaces));
    if (!converted) co_return converted.error();
    answer.workspaces = std::move(*converted);
    co_return answer;
}

asio::awaitable<Result<http::Response>> WorkspaceRoutes::answer(const Request& request,
                                                                Result<db::Workspace> row) {
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_such_workspace();
    if (!row) co_return row.error();
    if (row->deleted && request.query("include_deleted") != "true")
        co_return message_response(410, "Workspace \"" + row->id.to_string() +
                                            "\" was deleted, you can view this workspace by specifying "
                                            "'?include_deleted=true' and trying again.");
    auto workspace =
        co_await workspace_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*row));
    if (!workspace) co_return workspace.error();
    co_return http::Response::json(200, sdk::encode(*workspace));
}

asio::awaitable<Result<http::Response>> WorkspaceRoutes::get(const Request& request) {
    auto row = co_await find(request);
    auto response = co_await answer(request, std::move(row));
    co_return response;
}

asio::awaitable<Result<http::Response>> WorkspaceRoutes::get_by_owner_and_name(const Request& request) {
    auto owner = co_await find_user(context_.store, request);
    if (!owner) co_return owner.error();
    const std::string& name = request.path("workspacename");
    auto row =
        co_await context_.store.get_workspace_by_owner_and_name(request.actor(), owner->id, name, false);
    if (!row && row.error().code() == ErrorCode::not_found && request.query("include_deleted") == "true")
        row = co_await context_.store.get_workspace_by_owner_and_name(request.actor(), owner->id, name, true);
    auto response = co_await answer(request, std::move(row));
    co_return response;
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::update(const Request& request,
                                                         sdk::UpdateWorkspaceRequest body) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    std::string name = body.name.empty() ? row->name : body.name;
    if (auto problem = sdk::name_problem(name); !problem.empty())
        co_return invalid_argument("The workspace cannot be renamed.").with_field("name", std::move(problem));
    auto changed =
        co_await context_.store.update_workspace_name(request.actor(), name, context_.clock.now(), row->id);
    if (!changed && changed.error().code() == ErrorCode::conflict) co_return name_taken(name);
    if (!changed) co_return changed.error();
    co_await announce_workspace(context_, row->id);
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::update_autostart(
    const Request& request, sdk::UpdateWorkspaceAutostartRequest body) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    bool clear = !body.schedule || body.schedule->empty();
    if (!clear) {
        auto good = check_weekly_schedule(*body.schedule);
        if (!good) co_return good.error();
    }
    db::UpdateWorkspaceAutostartParams change;
    change.id = row->id;
    if (!clear) change.autostart_schedule = *body.schedule;
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_workspace_autostart(request.actor(), change);
    if (!changed) co_return changed.error();
    co_await announce_workspace(context_, row->id);
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::update_ttl(const Request& request,
                                                             sdk::UpdateWorkspaceTTLRequest body) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    auto good = check_ttl(body.ttl_ms);
    if (!good) co_return good.error();
    std::optional<std::int64_t> ttl = body.ttl_ms && *body.ttl_ms != 0 ? body.ttl_ms : std::nullopt;
    auto changed =
        co_await context_.store.update_workspace_ttl(request.actor(), ttl, context_.clock.now(), row->id);
    if (!changed) co_return changed.error();
    co_await announce_workspace(context_, row->id);
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::update_automatic_updates(
    const Request& request, sdk::UpdateWorkspaceAutomaticUpdatesRequest body) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    auto updates = db::parse_automatic_updates(sdk::to_string(body.automatic_updates));
    if (!updates)
        co_return invalid_argument("The setting cannot be used.")
            .with_field("automatic_updates", "must be always or never");
    auto changed = co_await context_.store.update_workspace_automatic_updates(request.actor(), *updates,
                                                                              context_.clock.now(), row->id);
    if (!changed) co_return changed.error();
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::add_favorite(const Request& request) {
    return set_favorite(request, true);
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::remove_favorite(const Request& request) {
    return set_favorite(request, false);
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::set_favorite(const Request& request, bool favorite) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    if (row->owner_id != request.caller().user_id)
        co_return Error(ErrorCode::permission_denied, "You can only favorite workspaces that you own.");
    auto changed = co_await context_.store.update_workspace_favorite(request.actor(), favorite, row->id);
    if (!changed) co_return changed.error();
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> WorkspaceRoutes::note_usage(const Request& request) {
    auto row = co_await find_live(request);
    if (!row) co_return row.error();
    auto noted =
        co_await context_.store.update_workspace_last_used_at(request.actor(), context_.clock.now(), row->id);
    if (!noted) co_return noted.error();
    co_return Nothing{};
}

asio::awaitable<Result<http::Response>> WorkspaceRoutes::watch(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto subscription = co_await context_.pubsub.subscribe(workspace_channel(row->id));
    if (!subscription) co_return subscription.error();
    co_return watch_workspace(context_, request.shared_caller(), row->id, std::move(*subscription));
}

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

/// Workspaces themselves; their builds are in builds/.
class WorkspaceRoutes {
public:
    explicit WorkspaceRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::Workspace>> create(const Request& request, sdk::CreateWorkspaceRequest body);
    asio::awaitable<Result<sdk::WorkspacesResponse>> list(const Request& request);
    /// 404 as well for a workspace the caller may not see; deleted ones (410) only with
    /// ?include_deleted=true.
    asio::awaitable<Result<http::Response>> get(const Request& request);
    asio::awaitable<Result<http::Response>> get_by_owner_and_name(const Request& request);
    asio::awaitable<Result<Nothing>> update(const Request& request, sdk::UpdateWorkspaceRequest body);
    asio::awaitable<Result<Nothing>> update_autostart(const Request& request,
                                                      sdk::UpdateWorkspaceAutostartRequest body);
    asio::awaitable<Result<Nothing>> update_ttl(const Request& request, sdk::UpdateWorkspaceTTLRequest body);
    asio::awaitable<Result<Nothing>> update_automatic_updates(
        const Request& request, sdk::UpdateWorkspaceAutomaticUpdatesRequest body);
    asio::awaitable<Result<Nothing>> add_favorite(const Request& request);
    asio::awaitable<Result<Nothing>> remove_favorite(const Request& request);
    asio::awaitable<Result<Nothing>> note_usage(const Request& request);
    /// Server-sent events: the workspace now, and again whenever something of it changes.
    asio::awaitable<Result<http::Response>> watch(const Request& request);

private:
    asio::awaitable<Result<db::Workspace>> find(const Request& request);
    /// not_found as well for a deleted one, of which nothing can be changed.
    asio::awaitable<Result<db::Workspace>> find_live(const Request& request);
    asio::awaitable<Result<http::Response>> answer(const Request& request, Result<db::Workspace> row);
    asio::awaitable<Result<Nothing>> set_favorite(const Request& request, bool favorite);

    Context& context_;
};

}  // namespace berth::coderd

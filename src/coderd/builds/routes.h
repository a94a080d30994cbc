#pragma once

#include "coderd/api/routes.h"
#include "coderd/builds/create.h"
#include "coderd/context.h"
#include "sdk/builds.h"
#include "sdk/parameters.h"
#include "sdk/response.h"

namespace berth::coderd {

/// Workspace builds: starting, stopping and deleting, and what came of it.
class BuildRoutes {
public:
    explicit BuildRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::WorkspaceBuild>> create(const Request& request,
                                                        sdk::CreateWorkspaceBuildRequest body);
    asio::awaitable<Result<std::vector<sdk::WorkspaceBuild>>> list(const Request& request);
    asio::awaitable<Result<sdk::WorkspaceBuild>> get(const Request& request);
    asio::awaitable<Result<sdk::WorkspaceBuild>> get_by_number(const Request& request);
    asio::awaitable<Result<std::vector<sdk::WorkspaceBuildParameter>>> parameters(const Request& request);
    asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources(const Request& request);
    /// A JSON list, or with ?follow a WebSocket.
    asio::awaitable<Result<http::Response>> logs(const Request& request);
    /// PATCH …/cancel. ?expect_status refuses (412) when the job has moved on meanwhile. A template may
    /// forbid its users to cancel running builds (403), never waiting ones.
    asio::awaitable<Result<http::Response>> cancel(const Request& request);
    /// Terraform state, raw; empty while there is none. Only for people who may change the template, as well
    /// as its replacement; others get 404.
    asio::awaitable<Result<http::Response>> state(const Request& request);
    asio::awaitable<Result<Nothing>> update_state(const Request& request,
                                                  sdk::UpdateWorkspaceBuildStateRequest body);
    asio::awaitable<Result<sdk::WorkspaceBuildTimings>> timings(const Request& request);
    asio::awaitable<Result<sdk::WorkspaceBuildTimings>> workspace_timings(const Request& request);

private:
    asio::awaitable<Result<db::WorkspaceBuild>> find(const Request& request);
    /// What of a build only some may ask for: leaving resources behind, terraform's debug log.
    asio::awaitable<Result<void>> check_powers(const Request& request, const NewBuild& build);
    asio::awaitable<Result<sdk::WorkspaceBuildTimings>> timings_of(const Request& request,
                                                                   db::WorkspaceBuild build);

    Context& context_;
};

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/builds.h"
#include "sdk/template_versions.h"

namespace berth::coderd {

/// Dry runs: what a template version would make with given parameters, for whoever may make workspaces.
class DryRunRoutes {
public:
    explicit DryRunRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::ProvisionerJob>> create(const Request& request,
                                                        sdk::CreateTemplateVersionDryRunRequest body);
    asio::awaitable<Result<sdk::ProvisionerJob>> get(const Request& request);
    asio::awaitable<Result<sdk::MatchedProvisioners>> matched(const Request& request);
    asio::awaitable<Result<http::Response>> logs(const Request& request);
    asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources(const Request& request);
    asio::awaitable<Result<http::Response>> cancel(const Request& request);

private:
    asio::awaitable<Result<db::ProvisionerJob>> find(const Request& request);

    Context& context_;
};

}  // namespace berth::coderd

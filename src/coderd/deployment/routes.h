#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/apps.h"
#include "sdk/deployment.h"
#include "sdk/deployment_values.h"
#include "sdk/proxies.h"
#include "sdk/response.h"

namespace berth::coderd {

/// What the deployment says of itself.
class DeploymentRoutes {
public:
    DeploymentRoutes(Context& context, Uuid deployment_id)
        : context_(context), deployment_id_(deployment_id) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::Response>> welcome(const Request& request);
    asio::awaitable<Result<sdk::BuildInfoResponse>> build_info(const Request& request);
    /// The option table with the values in force; secret ones stay empty.
    asio::awaitable<Result<sdk::DeploymentConfig>> config(const Request& request);
    asio::awaitable<Result<sdk::SSHConfigResponse>> ssh(const Request& request);
    asio::awaitable<Result<std::vector<std::string>>> experiments(const Request& request);
    asio::awaitable<Result<sdk::AvailableExperiments>> available_experiments(const Request& request);
    /// Everything is enabled for everybody.
    asio::awaitable<Result<sdk::Entitlements>> entitlements(const Request& request);
    asio::awaitable<Result<sdk::AppearanceConfig>> appearance(const Request& request);
    asio::awaitable<Result<sdk::RegionsResponse>> regions(const Request& request);
    asio::awaitable<Result<sdk::AppHostResponse>> app_host(const Request& request);
    asio::awaitable<Result<sdk::UpdateCheckResponse>> update_check(const Request& request);
    /// "OK" while the database answers.
    asio::awaitable<Result<http::Response>> healthz(const Request& request);
    asio::awaitable<Result<http::Response>> latency_check(const Request& request);

private:
    Context& context_;
    Uuid deployment_id_;
};

}  // namespace berth::coderd

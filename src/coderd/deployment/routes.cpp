#include "coderd/deployment/routes.h"

#include <boost/json.hpp>

#include "base/version.h"
#include "coderd/deployment/option_values.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

constexpr std::string_view feature_names[] = {"access_control",
                                              "advanced_template_scheduling",
                                              "ai_governance_user_limit",
                                              "aibridge",
                                              "appearance",
                                              "audit_log",
                                              "boundary",
                                              "browser_only",
                                              "connection_log",
                                              "control_shared_ports",
                                              "custom_roles",
                                              "external_provisioner_daemons",
                                              "external_token_encryption",
                                              "high_availability",
                                              "managed_agent_limit",
                                              "multiple_external_auth",
                                              "multiple_organizations",
                                              "scim",
                                              "task_batch_actions",
                                              "template_rbac",
                                              "user_limit",
                                              "user_role_management",
                                              "workspace_batch_actions",
                                              "workspace_external_agent",
                                              "workspace_prebuilds",
                                              "workspace_proxy"};

}  // namespace

void DeploymentRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<sdk::Response>({Method::get, "/api/v2", "Say hello", Access::open},
                               bind(this, &DeploymentRoutes::welcome));
    routes.json<sdk::BuildInfoResponse>(
        {Method::get, "/api/v2/buildinfo", "Get build information", Access::open},
        bind(this, &DeploymentRoutes::build_info));
    routes.json<sdk::DeploymentConfig>(
        {Method::get, "/api/v2/deployment/config", "Get the deployment's options"},
        bind(this, &DeploymentRoutes::config));
    routes.json<sdk::SSHConfigResponse>({Method::get, "/api/v2/deployment/ssh", "Get SSH settings"},
                                        bind(this, &DeploymentRoutes::ssh));
    routes.json<std::vector<std::string>>({Method::get, "/api/v2/experiments", "List enabled experiments"},
                                          bind(this, &DeploymentRoutes::experiments));
    routes.json<sdk::AvailableExperiments>(
        {Method::get, "/api/v2/experiments/available", "List safe experiments"},
        bind(this, &DeploymentRoutes::available_experiments));
    routes.json<sdk::Entitlements>({Method::get, "/api/v2/entitlements", "Get entitlements"},
                                   bind(this, &DeploymentRoutes::entitlements));
    routes.json<sdk::AppearanceConfig>({Method::get, "/api/v2/appearance", "Get appearance", Access::open},
                                       bind(this, &DeploymentRoutes::appearance));
    routes.json<sdk::RegionsResponse>({Method::get, "/api/v2/regions", "List regions"},
                                      bind(this, &DeploymentRoutes::regions));
    routes.json<sdk::AppHostResponse>({Method::get, "/api/v2/applications/host", "Get the host of apps"},
                                      bind(this, &DeploymentRoutes::app_host));
    routes.json<sdk::UpdateCheckResponse>(
        {Method::get, "/api/v2/updatecheck", "Check for updates", Access::open},
        bind(this, &DeploymentRoutes::update_check));
    routes.raw({Method::get, "/healthz", "Check health", Access::open},
               bind(this, &DeploymentRoutes::healthz));
    routes.raw({Method::get, "/latency-check", "Measure latency", Access::open},
               bind(this, &DeploymentRoutes::latency_check));
}

asio::awaitable<Result<sdk::Response>> DeploymentRoutes::welcome(const Request&) {
    sdk::Response body;
    body.message = "👋";
    co_return body;
}

asio::awaitable<Result<sdk::BuildInfoResponse>> DeploymentRoutes::build_info(const Request&) {
    sdk::BuildInfoResponse info;
    info.version = base::version;
    info.dashboard_url = context_.options.access_url;
    info.agent_api_version = base::agent_api_version;
    info.provisioner_api_version = base::provisionerd_api_version;
    info.deployment_id = deployment_id_.to_string();
    co_return info;
}

asio::awaitable<Result<sdk::DeploymentConfig>> DeploymentRoutes::config(const Request& request) {
    auto allowed =
        rbac::authorize(request.actor(), rbac::Action::read, {.resource = rbac::Resource::deployment_config});
    if (!allowed) co_return allowed.error();
    const auto& options = context_.options;
    auto values = deployment_values(options.set_options);
    if (!values) co_return values.error();
    values->access_url = options.access_url;
    values->http_address = options.http_address;
    sdk::DeploymentConfig answer;
    answer.config = std::move(*values);
    for (const auto& spec : option_table())
        answer.options.push_back(describe_option(spec, options.set_options));
    co_return answer;
}

asio::awaitable<Result<sdk::SSHConfigResponse>> DeploymentRoutes::ssh(const Request&) {
    sdk::SSHConfigResponse answer;
    answer.hostname_prefix = context_.options.ssh_hostname_prefix;
    answer.hostname_suffix = context_.options.ssh_hostname_suffix;
    answer.ssh_config_options = context_.options.ssh_config_options;
    co_return answer;
}

asio::awaitable<Result<std::vector<std::string>>> DeploymentRoutes::experiments(const Request&) {
    co_return context_.options.experiments;
}

asio::awaitable<Result<sdk::AvailableExperiments>> DeploymentRoutes::available_experiments(const Request&) {
    co_return sdk::AvailableExperiments{};
}

asio::awaitable<Result<sdk::Entitlements>> DeploymentRoutes::entitlements(const Request&) {
    sdk::Entitlements answer;
    for (auto name : feature_names) {
        sdk::Feature feature;
        feature.entitlement = sdk::Entitlement::entitled;
        feature.enabled = true;
        answer.features[std::string(name)] = feature;
    }
    answer.has_license = true;
    answer.refreshed_at = context_.clock.now();
    co_return answer;
}

asio::awaitable<Result<sdk::AppearanceConfig>> DeploymentRoutes::appearance(const Request&) {
    co_return sdk::AppearanceConfig{};
}

asio::awaitable<Result<sdk::RegionsResponse>> DeploymentRoutes::regions(const Request&) {
    sdk::Region region;
    region.id = deployment_id_;
    region.name = "primary";
    region.display_name = "Default";
    region.healthy = true;
    region.path_app_url = context_.options.access_url;
    sdk::RegionsResponse answer;
    answer.regions.push_back(region);
    co_return answer;
}

asio::awaitable<Result<sdk::AppHostResponse>> DeploymentRoutes::app_host(const Request&) {
    co_return sdk::AppHostResponse{};
}

asio::awaitable<Result<sdk::UpdateCheckResponse>> DeploymentRoutes::update_check(const Request&) {
    sdk::UpdateCheckResponse answer;
    answer.current = true;
    answer.version = base::version;
    co_return answer;
}

asio::awaitable<Result<http::Response>> DeploymentRoutes::healthz(const Request&) {
    auto count = co_await context_.store.count_users(rbac::Actor::system(rbac::SystemActor::metrics));
    if (!count) co_return count.error();
    co_return http::Response::text(200, "OK");
}

asio::awaitable<Result<http::Response>> DeploymentRoutes::latency_check(const Request&) {
    auto response = http::Response::text(200, "OK");
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Timing-Allow-Origin", "*");
    co_return response;
}

}  // namespace berth::coderd

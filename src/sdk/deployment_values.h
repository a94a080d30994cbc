#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/deployment.h"
#include "sdk/deployment_auth.h"
#include "sdk/deployment_services.h"

namespace berth::sdk {

struct ProvisionerConfig {
    std::int64_t daemons = 0;
    std::vector<std::string> daemon_types;
    base::Duration daemon_poll_interval{};
    base::Duration daemon_poll_jitter{};
    base::Duration force_cancel_interval{};
    std::string daemon_psk;
};
const TypeInfo& describe(const ProvisionerConfig*);

struct RateLimitConfig {
    bool disable_all = false;
    std::int64_t api = 0;
};
const TypeInfo& describe(const RateLimitConfig*);

struct DangerousConfig {
    bool allow_path_app_sharing = false;
    bool allow_path_app_site_owner_access = false;
    bool allow_all_cors = false;
};
const TypeInfo& describe(const DangerousConfig*);

struct UserQuietHoursScheduleConfig {
    std::string default_schedule;
    bool allow_user_custom = false;
};
const TypeInfo& describe(const UserQuietHoursScheduleConfig*);

struct PrebuildsConfig {
    base::Duration reconciliation_interval{};
    base::Duration reconciliation_backoff_interval{};
    base::Duration reconciliation_backoff_lookback{};
    std::int64_t failure_hard_limit = 0;
};
const TypeInfo& describe(const PrebuildsConfig*);

struct SupportConfig {
    std::vector<LinkConfig> links;
};
const TypeInfo& describe(const SupportConfig*);

struct SSHConfig {
    std::string deployment_name;
    std::vector<std::string> ssh_config_options;
};
const TypeInfo& describe(const SSHConfig*);

/// The configuration of a running server. Secrets are left empty.
struct DeploymentValues {
    bool verbose = false;
    std::string access_url;
    std::string wildcard_access_url;
    std::string docs_url;
    bool redirect_to_access_url = false;
    std::string http_address;
    base::Duration autobuild_poll_interval{};
    base::Duration job_hang_detector_interval{};
    DERP derp;
    PrometheusConfig prometheus;
    PprofConfig pprof;
    std::vector<std::string> proxy_trusted_headers;
    std::vector<std::string> proxy_trusted_origins;
    std::string cache_directory;
    bool ephemeral_deployment = false;
    std::string pg_connection_url;
    std::string pg_auth;
    std::int64_t pg_conn_max_open = 0;
    std::string pg_conn_max_idle;
    OAuth2Config oauth2;
    OIDCConfig oidc;
    TelemetryConfig telemetry;
    TLSConfig tls;
    TraceConfig trace;
    HTTPCookieConfig http_cookies;
    std::int64_t strict_transport_security = 0;
    std::vector<std::string> strict_transport_security_options;
    std::string ssh_keygen_algorithm;
    base::Duration metrics_cache_refresh_interval{};
    base::Duration agent_stat_refresh_interval{};
    std::string agent_fallback_troubleshooting_url;
    bool browser_only = false;
    std::string scim_api_key;
    std::vector<std::string> external_token_encryption_keys;
    ProvisionerConfig provisioner;
    RateLimitConfig rate_limit;
    std::vector<std::string> experiments;
    bool update_check = false;
    SwaggerConfig swagger;
    LoggingConfig logging;
    DangerousConfig dangerous;
    bool disable_path_apps = false;
    SessionLifetime session_lifetime;
    bool disable_password_auth = false;
    SupportConfig support;
    bool enable_authz_recording = false;
    std::vector<ExternalAuthConfig> external_auth;
    SSHConfig config_ssh;
    std::string wgtunnel_host;
    bool disable_owner_workspace_exec = false;
    bool disable_workspace_sharing = false;
    base::Duration proxy_health_status_interval{};
    bool enable_terraform_debug_mode = false;
    UserQuietHoursScheduleConfig user_quiet_hours_schedule;
    std::string web_terminal_renderer;
    bool allow_workspace_renames = false;
    HealthcheckConfig healthcheck;
    RetentionConfig retention;
    std::string cli_upgrade_message;
    std::string terms_of_service_url;
    NotificationsConfig notifications;
    std::vector<std::string> additional_csp_policy;
    std::string workspace_hostname_suffix;
    PrebuildsConfig workspace_prebuilds;
    bool hide_ai_tasks = false;
    AIConfig ai;
    StatsCollectionConfig stats_collection;
    std::string config;
    bool write_config = false;
    std::string address;
};
const TypeInfo& describe(const DeploymentValues*);

struct ServerOptionGroup {
    RawJson parent;
    std::string name;
    std::string yaml;
    std::string description;
};
const TypeInfo& describe(const ServerOptionGroup*);

/// One flag of the server, as the deployment page lists it.
struct ServerOption {
    std::string name;
    std::string description;
    bool required = false;
    std::string flag;
    std::string flag_shorthand;
    std::string env;
    std::string yaml;
    std::string default_;
    RawJson value;
    std::map<std::string, std::string> annotations;
    std::optional<ServerOptionGroup> group;
    std::vector<ServerOption> use_instead;
    bool hidden = false;
    std::string value_source;
};
const TypeInfo& describe(const ServerOption*);

struct DeploymentConfig {
    std::optional<DeploymentValues> config;
    std::vector<ServerOption> options;
};
const TypeInfo& describe(const DeploymentConfig*);

}  // namespace berth::sdk

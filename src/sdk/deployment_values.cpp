#include "sdk/deployment_values.h"

namespace berth::sdk {

const TypeInfo& describe(const ProvisionerConfig*) {
    using T = ProvisionerConfig;
    static const Field fields[] = {
        field("daemons", &T::daemons),
        field("daemon_types", &T::daemon_types),
        field("daemon_poll_interval", &T::daemon_poll_interval),
        field("daemon_poll_jitter", &T::daemon_poll_jitter),
        field("force_cancel_interval", &T::force_cancel_interval),
        field("daemon_psk", &T::daemon_psk),
    };
    static const TypeInfo info = object("ProvisionerConfig", fields);
    return info;
}

const TypeInfo& describe(const RateLimitConfig*) {
    using T = RateLimitConfig;
    static const Field fields[] = {
        field("disable_all", &T::disable_all),
        field("api", &T::api),
    };
    static const TypeInfo info = object("RateLimitConfig", fields);
    return info;
}

const TypeInfo& describe(const DangerousConfig*) {
    using T = DangerousConfig;
    static const Field fields[] = {
        field("allow_path_app_sharing", &T::allow_path_app_sharing),
        field("allow_path_app_site_owner_access", &T::allow_path_app_site_owner_access),
        field("allow_all_cors", &T::allow_all_cors),
    };
    static const TypeInfo info = object("DangerousConfig", fields);
    return info;
}

const TypeInfo& describe(const UserQuietHoursScheduleConfig*) {
    using T = UserQuietHoursScheduleConfig;
    static const Field fields[] = {
        field("default_schedule", &T::default_schedule),
        field("allow_user_custom", &T::allow_user_custom),
    };
    static const TypeInfo info = object("UserQuietHoursScheduleConfig", fields);
    return info;
}

const TypeInfo& describe(const PrebuildsConfig*) {
    using T = PrebuildsConfig;
    static const Field fields[] = {
        field("reconciliation_interval", &T::reconciliation_interval),
        field("reconciliation_backoff_interval", &T::reconciliation_backoff_interval),
        field("reconciliation_backoff_lookback", &T::reconciliation_backoff_lookback),
        field("failure_hard_limit", &T::failure_hard_limit),
    };
    static const TypeInfo info = object("PrebuildsConfig", fields);
    return info;
}

const TypeInfo& describe(const SupportConfig*) {
    using T = SupportConfig;
    static const Field fields[] = {
        field("links", &T::links),
    };
    static const TypeInfo info = object("SupportConfig", fields);
    return info;
}

const TypeInfo& describe(const SSHConfig*) {
    using T = SSHConfig;
    static const Field fields[] = {
        field("DeploymentName", &T::deployment_name),
        field("SSHConfigOptions", &T::ssh_config_options),
    };
    static const TypeInfo info = object("SSHConfig", fields);
    return info;
}

const TypeInfo& describe(const DeploymentValues*) {
    using T = DeploymentValues;
    static const Field fields[] = {
        field("verbose", &T::verbose).omitempty(),
        field("access_url", &T::access_url),
        field("wildcard_access_url", &T::wildcard_access_url).omitempty(),
        field("docs_url", &T::docs_url),
        field("redirect_to_access_url", &T::redirect_to_access_url).omitempty(),
        field("http_address", &T::http_address).omitempty(),
        field("autobuild_poll_interval", &T::autobuild_poll_interval).omitempty(),
        field("job_hang_detector_interval", &T::job_hang_detector_interval).omitempty(),
        field("derp", &T::derp).omitempty(),
        field("prometheus", &T::prometheus).omitempty(),
        field("pprof", &T::pprof).omitempty(),
        field("proxy_trusted_headers", &T::proxy_trusted_headers).omitempty(),
        field("proxy_trusted_origins", &T::proxy_trusted_origins).omitempty(),
        field("cache_directory", &T::cache_directory).omitempty(),
        field("ephemeral_deployment", &T::ephemeral_deployment).omitempty(),
        field("pg_connection_url", &T::pg_connection_url).omitempty(),
        field("pg_auth", &T::pg_auth).omitempty(),
        field("pg_conn_max_open", &T::pg_conn_max_open).omitempty(),
        field("pg_conn_max_idle", &T::pg_conn_max_idle).omitempty(),
        field("oauth2", &T::oauth2).omitempty(),
        field("oidc", &T::oidc).omitempty(),
        field("telemetry", &T::telemetry).omitempty(),
        field("tls", &T::tls).omitempty(),
        field("trace", &T::trace).omitempty(),
        field("http_cookies", &T::http_cookies).omitempty(),
        field("strict_transport_security", &T::strict_transport_security).omitempty(),
        field("strict_transport_security_options", &T::strict_transport_security_options).omitempty(),
        field("ssh_keygen_algorithm", &T::ssh_keygen_algorithm).omitempty(),
        field("metrics_cache_refresh_interval", &T::metrics_cache_refresh_interval).omitempty(),
        field("agent_stat_refresh_interval", &T::agent_stat_refresh_interval).omitempty(),
        field("agent_fallback_troubleshooting_url", &T::agent_fallback_troubleshooting_url),
        field("browser_only", &T::browser_only).omitempty(),
        field("scim_api_key", &T::scim_api_key).omitempty(),
        field("external_token_encryption_keys", &T::external_token_encryption_keys).omitempty(),
        field("provisioner", &T::provisioner).omitempty(),
        field("rate_limit", &T::rate_limit).omitempty(),
        field("experiments", &T::experiments).omitempty(),
        field("update_check", &T::update_check).omitempty(),
        field("swagger", &T::swagger).omitempty(),
        field("logging", &T::logging).omitempty(),
        field("dangerous", &T::dangerous).omitempty(),
        field("disable_path_apps", &T::disable_path_apps).omitempty(),
        field("session_lifetime", &T::session_lifetime).omitempty(),
        field("disable_password_auth", &T::disable_password_auth).omitempty(),
        field("support", &T::support).omitempty(),
        field("enable_authz_recording", &T::enable_authz_recording).omitempty(),
        field("external_auth", &T::external_auth),
        field("config_ssh", &T::config_ssh).omitempty(),
        field("wgtunnel_host", &T::wgtunnel_host).omitempty(),
        field("disable_owner_workspace_exec", &T::disable_owner_workspace_exec).omitempty(),
        field("disable_workspace_sharing", &T::disable_workspace_sharing).omitempty(),
        field("proxy_health_status_interval", &T::proxy_health_status_interval).omitempty(),
        field("enable_terraform_debug_mode", &T::enable_terraform_debug_mode).omitempty(),
        field("user_quiet_hours_schedule", &T::user_quiet_hours_schedule).omitempty(),
        field("web_terminal_renderer", &T::web_terminal_renderer).omitempty(),
        field("allow_workspace_renames", &T::allow_workspace_renames).omitempty(),
        field("healthcheck", &T::healthcheck).omitempty(),
        field("retention", &T::retention).omitempty(),
        field("cli_upgrade_message", &T::cli_upgrade_message).omitempty(),
        field("terms_of_service_url", &T::terms_of_service_url).omitempty(),
        field("notifications", &T::notifications).omitempty(),
        field("additional_csp_policy", &T::additional_csp_policy).omitempty(),
        field("workspace_hostname_suffix", &T::workspace_hostname_suffix).omitempty(),
        field("workspace_prebuilds", &T::workspace_prebuilds).omitempty(),
        field("hide_ai_tasks", &T::hide_ai_tasks).omitempty(),
        field("ai", &T::ai).omitempty(),
        field("stats_collection", &T::stats_collection).omitempty(),
        field("config", &T::config).omitempty(),
        field("write_config", &T::write_config).omitempty(),
        field("address", &T::address),
    };
    static const TypeInfo info = object("DeploymentValues", fields);
    return info;
}

const TypeInfo& describe(const ServerOptionGroup*) {
    using T = ServerOptionGroup;
    static const Field fields[] = {
        field("parent", &T::parent).omitempty(),
        field("name", &T::name).omitempty(),
        field("yaml", &T::yaml).omitempty(),
        field("description", &T::description).omitempty(),
    };
    static const TypeInfo info = object("ServerOptionGroup", fields);
    return info;
}

const TypeInfo& describe(const ServerOption*) {
    using T = ServerOption;
    static const Field fields[] = {
        field("name", &T::name).omitempty(),
        field("description", &T::description).omitempty(),
        field("required", &T::required).omitempty(),
        field("flag", &T::flag).omitempty(),
        field("flag_shorthand", &T::flag_shorthand).omitempty(),
        field("env", &T::env).omitempty(),
        field("yaml", &T::yaml).omitempty(),
        field("default", &T::default_).omitempty(),
        field("value", &T::value).omitempty(),
        field("annotations", &T::annotations).omitempty(),
        field("group", &T::group).omitempty(),
        field("use_instead", &T::use_instead).omitempty(),
        field("hidden", &T::hidden).omitempty(),
        field("value_source", &T::value_source).omitempty(),
    };
    static const TypeInfo info = object("ServerOption", fields);
    return info;
}

const TypeInfo& describe(const DeploymentConfig*) {
    using T = DeploymentConfig;
    static const Field fields[] = {
        field("config", &T::config).omitempty(),
        field("options", &T::options).omitempty(),
    };
    static const TypeInfo info = object("DeploymentConfig", fields);
    return info;
}

}  // namespace berth::sdk

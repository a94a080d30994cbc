#include "sdk/deployment_services.h"

namespace berth::sdk {

const TypeInfo& describe(const DERPServerConfig*) {
    using T = DERPServerConfig;
    static const TypeInfo info = object("DERPServerConfig", {
        field("enable", &T::enable),
        field("region_id", &T::region_id),
        field("region_code", &T::region_code),
        field("region_name", &T::region_name),
        field("stun_addresses", &T::stun_addresses),
        field("relay_url", &T::relay_url),
    });
    return info;
}

const TypeInfo& describe(const DERPConfig*) {
    using T = DERPConfig;
    static const TypeInfo info = object("DERPConfig", {
        field("block_direct", &T::block_direct),
        field("force_websockets", &T::force_websockets),
        field("url", &T::url),
        field("path", &T::path),
    });
    return info;
}

const TypeInfo& describe(const DERP*) {
    using T = DERP;
    static const TypeInfo info = object("DERP", {
        field("server", &T::server),
        field("config", &T::config),
    });
    return info;
}

const TypeInfo& describe(const UsageStatsConfig*) {
    using T = UsageStatsConfig;
    static const TypeInfo info = object("UsageStatsConfig", {
        field("enable", &T::enable),
    });
    return info;
}

const TypeInfo& describe(const StatsCollectionConfig*) {
    using T = StatsCollectionConfig;
    static const TypeInfo info = object("StatsCollectionConfig", {
        field("usage_stats", &T::usage_stats),
    });
    return info;
}

const TypeInfo& describe(const PrometheusConfig*) {
    using T = PrometheusConfig;
    static const TypeInfo info = object("PrometheusConfig", {
        field("enable", &T::enable),
        field("address", &T::address),
        field("collect_agent_stats", &T::collect_agent_stats),
        field("collect_db_metrics", &T::collect_db_metrics),
        field("aggregate_agent_stats_by", &T::aggregate_agent_stats_by),
    });
    return info;
}

const TypeInfo& describe(const PprofConfig*) {
    using T = PprofConfig;
    static const TypeInfo info = object("PprofConfig", {
        field("enable", &T::enable),
        field("address", &T::address),
    });
    return info;
}

const TypeInfo& describe(const TelemetryConfig*) {
    using T = TelemetryConfig;
    static const TypeInfo info = object("TelemetryConfig", {
        field("enable", &T::enable),
        field("trace", &T::trace),
        field("url", &T::url),
    });
    return info;
}

const TypeInfo& describe(const TLSConfig*) {
    using T = TLSConfig;
    static const TypeInfo info = object("TLSConfig", {
        field("enable", &T::enable),
        field("address", &T::address),
        field("redirect_http", &T::redirect_http),
        field("cert_file", &T::cert_file),
        field("client_auth", &T::client_auth),
        field("client_ca_file", &T::client_ca_file),
        field("key_file", &T::key_file),
        field("min_version", &T::min_version),
        field("client_cert_file", &T::client_cert_file),
        field("client_key_file", &T::client_key_file),
        field("supported_ciphers", &T::supported_ciphers),
        field("allow_insecure_ciphers", &T::allow_insecure_ciphers),
    });
    return info;
}

const TypeInfo& describe(const TraceConfig*) {
    using T = TraceConfig;
    static const TypeInfo info = object("TraceConfig", {
        field("enable", &T::enable),
        field("honeycomb_api_key", &T::honeycomb_api_key),
        field("capture_logs", &T::capture_logs),
        field("data_dog", &T::data_dog),
    });
    return info;
}

const TypeInfo& describe(const SwaggerConfig*) {
    using T = SwaggerConfig;
    static const TypeInfo info = object("SwaggerConfig", {
        field("enable", &T::enable),
    });
    return info;
}

const TypeInfo& describe(const LoggingConfig*) {
    using T = LoggingConfig;
    static const TypeInfo info = object("LoggingConfig", {
        field("log_filter", &T::log_filter),
        field("human", &T::human),
        field("json", &T::json),
        field("stackdriver", &T::stackdriver),
    });
    return info;
}

const TypeInfo& describe(const HealthcheckConfig*) {
    using T = HealthcheckConfig;
    static const TypeInfo info = object("HealthcheckConfig", {
        field("refresh", &T::refresh),
        field("threshold_database", &T::threshold_database),
    });
    return info;
}

const TypeInfo& describe(const RetentionConfig*) {
    using T = RetentionConfig;
    static const TypeInfo info = object("RetentionConfig", {
        field("audit_logs", &T::audit_logs),
        field("connection_logs", &T::connection_logs),
        field("api_keys", &T::api_keys),
        field("workspace_agent_logs", &T::workspace_agent_logs),
    });
    return info;
}

const TypeInfo& describe(const NotificationsInboxConfig*) {
    using T = NotificationsInboxConfig;
    static const TypeInfo info = object("NotificationsInboxConfig", {
        field("enabled", &T::enabled),
    });
    return info;
}

const TypeInfo& describe(const NotificationsEmailAuthConfig*) {
    using T = NotificationsEmailAuthConfig;
    static const TypeInfo info = object("NotificationsEmailAuthConfig", {
        field("identity", &T::identity),
        field("username", &T::username),
        field("password", &T::password),
        field("password_file", &T::password_file),
    });
    return info;
}

const TypeInfo& describe(const NotificationsEmailTLSConfig*) {
    using T = NotificationsEmailTLSConfig;
    static const TypeInfo info = object("NotificationsEmailTLSConfig", {
        field("start_tls", &T::start_tls),
        field("server_name", &T::server_name),
        field("insecure_skip_verify", &T::insecure_skip_verify),
        field("ca_file", &T::ca_file),
        field("cert_file", &T::cert_file),
        field("key_file", &T::key_file),
    });
    return info;
}

const TypeInfo& describe(const NotificationsEmailConfig*) {
    using T = NotificationsEmailConfig;
    static const TypeInfo info = object("NotificationsEmailConfig", {
        field("from", &T::from),
        field("smarthost", &T::smarthost),
        field("hello", &T::hello),
        field("auth", &T::auth),
        field("tls", &T::tls),
        field("force_tls", &T::force_tls),
    });
    return info;
}

const TypeInfo& describe(const NotificationsWebhookConfig*) {
    using T = NotificationsWebhookConfig;
    static const TypeInfo info = object("NotificationsWebhookConfig", {
        field("endpoint", &T::endpoint),
    });
    return info;
}

const TypeInfo& describe(const NotificationsConfig*) {
    using T = NotificationsConfig;
    static const TypeInfo info = object("NotificationsConfig", {
        field("max_send_attempts", &T::max_send_attempts),
        field("retry_interval", &T::retry_interval),
        field("sync_interval", &T::sync_interval),
        field("sync_buffer_size", &T::sync_buffer_size),
        field("lease_period", &T::lease_period),
        field("lease_count", &T::lease_count),
        field("fetch_interval", &T::fetch_interval),
        field("method", &T::method),
        field("dispatch_timeout", &T::dispatch_timeout),
        field("email", &T::email),
        field("webhook", &T::webhook),
        field("inbox", &T::inbox),
    });
    return info;
}

const TypeInfo& describe(const AIBridgeOpenAIConfig*) {
    using T = AIBridgeOpenAIConfig;
    static const TypeInfo info = object("AIBridgeOpenAIConfig", {
        field("base_url", &T::base_url),
        field("key", &T::key),
    });
    return info;
}

const TypeInfo& describe(const AIBridgeAnthropicConfig*) {
    using T = AIBridgeAnthropicConfig;
    static const TypeInfo info = object("AIBridgeAnthropicConfig", {
        field("base_url", &T::base_url),
        field("key", &T::key),
    });
    return info;
}

const TypeInfo& describe(const AIBridgeBedrockConfig*) {
    using T = AIBridgeBedrockConfig;
    static const TypeInfo info = object("AIBridgeBedrockConfig", {
        field("base_url", &T::base_url),
        field("region", &T::region),
        field("access_key", &T::access_key),
        field("access_key_secret", &T::access_key_secret),
        field("model", &T::model),
        field("small_fast_model", &T::small_fast_model),
    });
    return info;
}

const TypeInfo& describe(const AIBridgeConfig*) {
    using T = AIBridgeConfig;
    static const TypeInfo info = object("AIBridgeConfig", {
        field("enabled", &T::enabled),
        field("openai", &T::openai),
        field("anthropic", &T::anthropic),
        field("bedrock", &T::bedrock),
        field("inject_coder_mcp_tools", &T::inject_coder_mcp_tools),
        field("retention", &T::retention),
        field("max_concurrency", &T::max_concurrency),
        field("rate_limit", &T::rate_limit),
        field("structured_logging", &T::structured_logging),
        field("send_actor_headers", &T::send_actor_headers),
        field("circuit_breaker_enabled", &T::circuit_breaker_enabled),
        field("circuit_breaker_failure_threshold", &T::circuit_breaker_failure_threshold),
        field("circuit_breaker_interval", &T::circuit_breaker_interval),
        field("circuit_breaker_timeout", &T::circuit_breaker_timeout),
        field("circuit_breaker_max_requests", &T::circuit_breaker_max_requests),
    });
    return info;
}

const TypeInfo& describe(const AIBridgeProxyConfig*) {
    using T = AIBridgeProxyConfig;
    static const TypeInfo info = object("AIBridgeProxyConfig", {
        field("enabled", &T::enabled),
        field("listen_addr", &T::listen_addr),
        field("cert_file", &T::cert_file),
        field("key_file", &T::key_file),
        field("domain_allowlist", &T::domain_allowlist),
        field("upstream_proxy", &T::upstream_proxy),
        field("upstream_proxy_ca", &T::upstream_proxy_ca),
    });
    return info;
}

const TypeInfo& describe(const AIConfig*) {
    using T = AIConfig;
    static const TypeInfo info = object("AIConfig", {
        field("bridge", &T::bridge).omitempty(),
        field("aibridge_proxy", &T::aibridge_proxy).omitempty(),
    });
    return info;
}

}  // namespace berth::sdk

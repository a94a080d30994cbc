#include "sdk/deployment_services.h"

namespace berth::sdk {

const TypeInfo& describe(const DERPServerConfig*) {
    using T = DERPServerConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
        field("region_id", &T::region_id),
        field("region_code", &T::region_code),
        field("region_name", &T::region_name),
        field("stun_addresses", &T::stun_addresses),
        field("relay_url", &T::relay_url),
    };
    static const TypeInfo info = object("DERPServerConfig", fields);
    return info;
}

const TypeInfo& describe(const DERPConfig*) {
    using T = DERPConfig;
    static const Field fields[] = {
        field("block_direct", &T::block_direct),
        field("force_websockets", &T::force_websockets),
        field("url", &T::url),
        field("path", &T::path),
    };
    static const TypeInfo info = object("DERPConfig", fields);
    return info;
}

const TypeInfo& describe(const DERP*) {
    using T = DERP;
    static const Field fields[] = {
        field("server", &T::server),
        field("config", &T::config),
    };
    static const TypeInfo info = object("DERP", fields);
    return info;
}

const TypeInfo& describe(const UsageStatsConfig*) {
    using T = UsageStatsConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
    };
    static const TypeInfo info = object("UsageStatsConfig", fields);
    return info;
}

const TypeInfo& describe(const StatsCollectionConfig*) {
    using T = StatsCollectionConfig;
    static const Field fields[] = {
        field("usage_stats", &T::usage_stats),
    };
    static const TypeInfo info = object("StatsCollectionConfig", fields);
    return info;
}

const TypeInfo& describe(const PrometheusConfig*) {
    using T = PrometheusConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
        field("address", &T::address),
        field("collect_agent_stats", &T::collect_agent_stats),
        field("collect_db_metrics", &T::collect_db_metrics),
        field("aggregate_agent_stats_by", &T::aggregate_agent_stats_by),
    };
    static const TypeInfo info = object("PrometheusConfig", fields);
    return info;
}

const TypeInfo& describe(const PprofConfig*) {
    using T = PprofConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
        field("address", &T::address),
    };
    static const TypeInfo info = object("PprofConfig", fields);
    return info;
}

const TypeInfo& describe(const TelemetryConfig*) {
    using T = TelemetryConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
        field("trace", &T::trace),
        field("url", &T::url),
    };
    static const TypeInfo info = object("TelemetryConfig", fields);
    return info;
}

const TypeInfo& describe(const TLSConfig*) {
    using T = TLSConfig;
    static const Field fields[] = {
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
    };
    static const TypeInfo info = object("TLSConfig", fields);
    return info;
}

const TypeInfo& describe(const TraceConfig*) {
    using T = TraceConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
        field("honeycomb_api_key", &T::honeycomb_api_key),
        field("capture_logs", &T::capture_logs),
        field("data_dog", &T::data_dog),
    };
    static const TypeInfo info = object("TraceConfig", fields);
    return info;
}

const TypeInfo& describe(const SwaggerConfig*) {
    using T = SwaggerConfig;
    static const Field fields[] = {
        field("enable", &T::enable),
    };
    static const TypeInfo info = object("SwaggerConfig", fields);
    return info;
}

const TypeInfo& describe(const LoggingConfig*) {
    using T = LoggingConfig;
    static const Field fields[] = {
        field("log_filter", &T::log_filter),
        field("human", &T::human),
        field("json", &T::json),
        field("stackdriver", &T::stackdriver),
    };
    static const TypeInfo info = object("LoggingConfig", fields);
    return info;
}

const TypeInfo& describe(const HealthcheckConfig*) {
    using T = HealthcheckConfig;
    static const Field fields[] = {
        field("refresh", &T::refresh),
        field("threshold_database", &T::threshold_database),
    };
    static const TypeInfo info = object("HealthcheckConfig", fields);
    return info;
}

const TypeInfo& describe(const RetentionConfig*) {
    using T = RetentionConfig;
    static const Field fields[] = {
        field("audit_logs", &T::audit_logs),
        field("connection_logs", &T::connection_logs),
        field("api_keys", &T::api_keys),
        field("workspace_agent_logs", &T::workspace_agent_logs),
    };
    static const TypeInfo info = object("RetentionConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsInboxConfig*) {
    using T = NotificationsInboxConfig;
    static const Field fields[] = {
        field("enabled", &T::enabled),
    };
    static const TypeInfo info = object("NotificationsInboxConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsEmailAuthConfig*) {
    using T = NotificationsEmailAuthConfig;
    static const Field fields[] = {
        field("identity", &T::identity),
        field("username", &T::username),
        field("password", &T::password),
        field("password_file", &T::password_file),
    };
    static const TypeInfo info = object("NotificationsEmailAuthConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsEmailTLSConfig*) {
    using T = NotificationsEmailTLSConfig;
    static const Field fields[] = {
        field("start_tls", &T::start_tls),
        field("server_name", &T::server_name),
        field("insecure_skip_verify", &T::insecure_skip_verify),
        field("ca_file", &T::ca_file),
        field("cert_file", &T::cert_file),
        field("key_file", &T::key_file),
    };
    static const TypeInfo info = object("NotificationsEmailTLSConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsEmailConfig*) {
    using T = NotificationsEmailConfig;
    static const Field fields[] = {
        field("from", &T::from),   field("smarthost", &T::smarthost),
        field("hello", &T::hello), field("auth", &T::auth),
        field("tls", &T::tls),     field("force_tls", &T::force_tls),
    };
    static const TypeInfo info = object("NotificationsEmailConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsWebhookConfig*) {
    using T = NotificationsWebhookConfig;
    static const Field fields[] = {
        field("endpoint", &T::endpoint),
    };
    static const TypeInfo info = object("NotificationsWebhookConfig", fields);
    return info;
}

const TypeInfo& describe(const NotificationsConfig*) {
    using T = NotificationsConfig;
    static const Field fields[] = {
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
    };
    static const TypeInfo info = object("NotificationsConfig", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeOpenAIConfig*) {
    using T = AIBridgeOpenAIConfig;
    static const Field fields[] = {
        field("base_url", &T::base_url),
        field("key", &T::key),
    };
    static const TypeInfo info = object("AIBridgeOpenAIConfig", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeAnthropicConfig*) {
    using T = AIBridgeAnthropicConfig;
    static const Field fields[] = {
        field("base_url", &T::base_url),
        field("key", &T::key),
    };
    static const TypeInfo info = object("AIBridgeAnthropicConfig", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeBedrockConfig*) {
    using T = AIBridgeBedrockConfig;
    static const Field fields[] = {
        field("base_url", &T::base_url),     field("region", &T::region),
        field("access_key", &T::access_key), field("access_key_secret", &T::access_key_secret),
        field("model", &T::model),           field("small_fast_model", &T::small_fast_model),
    };
    static const TypeInfo info = object("AIBridgeBedrockConfig", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeConfig*) {
    using T = AIBridgeConfig;
    static const Field fields[] = {
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
    };
    static const TypeInfo info = object("AIBridgeConfig", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeProxyConfig*) {
    using T = AIBridgeProxyConfig;
    static const Field fields[] = {
        field("enabled", &T::enabled),
        field("listen_addr", &T::listen_addr),
        field("cert_file", &T::cert_file),
        field("key_file", &T::key_file),
        field("domain_allowlist", &T::domain_allowlist),
        field("upstream_proxy", &T::upstream_proxy),
        field("upstream_proxy_ca", &T::upstream_proxy_ca),
    };
    static const TypeInfo info = object("AIBridgeProxyConfig", fields);
    return info;
}

const TypeInfo& describe(const AIConfig*) {
    using T = AIConfig;
    static const Field fields[] = {
        field("bridge", &T::bridge).omitempty(),
        field("aibridge_proxy", &T::aibridge_proxy).omitempty(),
    };
    static const TypeInfo info = object("AIConfig", fields);
    return info;
}

}  // namespace berth::sdk

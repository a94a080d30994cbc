#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

struct DERPServerConfig {
    bool enable = false;
    std::int64_t region_id = 0;
    std::string region_code;
    std::string region_name;
    std::vector<std::string> stun_addresses;
    std::string relay_url;
};
const TypeInfo& describe(const DERPServerConfig*);

struct DERPConfig {
    bool block_direct = false;
    bool force_websockets = false;
    std::string url;
    std::string path;
};
const TypeInfo& describe(const DERPConfig*);

struct DERP {
    DERPServerConfig server;
    DERPConfig config;
};
const TypeInfo& describe(const DERP*);

struct UsageStatsConfig {
    bool enable = false;
};
const TypeInfo& describe(const UsageStatsConfig*);

struct StatsCollectionConfig {
    UsageStatsConfig usage_stats;
};
const TypeInfo& describe(const StatsCollectionConfig*);

struct PrometheusConfig {
    bool enable = false;
    std::string address;
    bool collect_agent_stats = false;
    bool collect_db_metrics = false;
    std::vector<std::string> aggregate_agent_stats_by;
};
const TypeInfo& describe(const PrometheusConfig*);

struct PprofConfig {
    bool enable = false;
    std::string address;
};
const TypeInfo& describe(const PprofConfig*);

struct TelemetryConfig {
    bool enable = false;
    bool trace = false;
    std::string url;
};
const TypeInfo& describe(const TelemetryConfig*);

struct TLSConfig {
    bool enable = false;
    std::string address;
    bool redirect_http = false;
    std::vector<std::string> cert_file;
    std::string client_auth;
    std::string client_ca_file;
    std::vector<std::string> key_file;
    std::string min_version;
    std::string client_cert_file;
    std::string client_key_file;
    std::vector<std::string> supported_ciphers;
    bool allow_insecure_ciphers = false;
};
const TypeInfo& describe(const TLSConfig*);

struct TraceConfig {
    bool enable = false;
    std::string honeycomb_api_key;
    bool capture_logs = false;
    bool data_dog = false;
};
const TypeInfo& describe(const TraceConfig*);

struct SwaggerConfig {
    bool enable = false;
};
const TypeInfo& describe(const SwaggerConfig*);

struct LoggingConfig {
    std::vector<std::string> log_filter;
    std::string human;
    std::string json;
    std::string stackdriver;
};
const TypeInfo& describe(const LoggingConfig*);

struct HealthcheckConfig {
    base::Duration refresh{};
    base::Duration threshold_database{};
};
const TypeInfo& describe(const HealthcheckConfig*);

struct RetentionConfig {
    base::Duration audit_logs{};
    base::Duration connection_logs{};
    base::Duration api_keys{};
    base::Duration workspace_agent_logs{};
};
const TypeInfo& describe(const RetentionConfig*);

struct NotificationsInboxConfig {
    bool enabled = false;
};
const TypeInfo& describe(const NotificationsInboxConfig*);

struct NotificationsEmailAuthConfig {
    std::string identity;
    std::string username;
    std::string password;
    std::string password_file;
};
const TypeInfo& describe(const NotificationsEmailAuthConfig*);

struct NotificationsEmailTLSConfig {
    bool start_tls = false;
    std::string server_name;
    bool insecure_skip_verify = false;
    std::string ca_file;
    std::string cert_file;
    std::string key_file;
};
const TypeInfo& describe(const NotificationsEmailTLSConfig*);

struct NotificationsEmailConfig {
    std::string from;
    std::string smarthost;
    std::string hello;
    NotificationsEmailAuthConfig auth;
    NotificationsEmailTLSConfig tls;
    bool force_tls = false;
};
const TypeInfo& describe(const NotificationsEmailConfig*);

struct NotificationsWebhookConfig {
    std::string endpoint;
};
const TypeInfo& describe(const NotificationsWebhookConfig*);

struct NotificationsConfig {
    std::int64_t max_send_attempts = 0;
    base::Duration retry_interval{};
    base::Duration sync_interval{};
    std::int64_t sync_buffer_size = 0;
    base::Duration lease_period{};
    std::int64_t lease_count = 0;
    base::Duration fetch_interval{};
    std::string method;
    base::Duration dispatch_timeout{};
    NotificationsEmailConfig email;
    NotificationsWebhookConfig webhook;
    NotificationsInboxConfig inbox;
};
const TypeInfo& describe(const NotificationsConfig*);

struct AIBridgeOpenAIConfig {
    std::string base_url;
    std::string key;
};
const TypeInfo& describe(const AIBridgeOpenAIConfig*);

struct AIBridgeAnthropicConfig {
    std::string base_url;
    std::string key;
};
const TypeInfo& describe(const AIBridgeAnthropicConfig*);

struct AIBridgeBedrockConfig {
    std::string base_url;
    std::string region;
    std::string access_key;
    std::string access_key_secret;
    std::string model;
    std::string small_fast_model;
};
const TypeInfo& describe(const AIBridgeBedrockConfig*);

struct AIBridgeConfig {
    bool enabled = false;
    AIBridgeOpenAIConfig openai;
    AIBridgeAnthropicConfig anthropic;
    AIBridgeBedrockConfig bedrock;
    bool inject_coder_mcp_tools = false;
    base::Duration retention{};
    std::int64_t max_concurrency = 0;
    std::int64_t rate_limit = 0;
    bool structured_logging = false;
    bool send_actor_headers = false;
    bool circuit_breaker_enabled = false;
    std::int64_t circuit_breaker_failure_threshold = 0;
    base::Duration circuit_breaker_interval{};
    base::Duration circuit_breaker_timeout{};
    std::int64_t circuit_breaker_max_requests = 0;
};
const TypeInfo& describe(const AIBridgeConfig*);

struct AIBridgeProxyConfig {
    bool enabled = false;
    std::string listen_addr;
    std::string cert_file;
    std::string key_file;
    std::vector<std::string> domain_allowlist;
    std::string upstream_proxy;
    std::string upstream_proxy_ca;
};
const TypeInfo& describe(const AIBridgeProxyConfig*);

struct AIConfig {
    AIBridgeConfig bridge;
    AIBridgeProxyConfig aibridge_proxy;
};
const TypeInfo& describe(const AIConfig*);

}  // namespace berth::sdk

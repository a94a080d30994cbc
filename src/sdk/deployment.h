#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class Entitlement : std::uint8_t { unset, entitled, grace_period, not_entitled, unknown };
const TypeInfo& describe(const Entitlement*);

enum class Addon : std::uint8_t { unset, ai_governance, unknown };
const TypeInfo& describe(const Addon*);

enum class FeatureSet : std::uint8_t { unset, enterprise, premium, unknown };
const TypeInfo& describe(const FeatureSet*);

enum class CryptoKeyFeature : std::uint8_t {
    unset,
    workspace_apps_api_key,
    workspace_apps_token,
    oidc_convert,
    tailnet_resume,
    unknown,
};
const TypeInfo& describe(const CryptoKeyFeature*);

struct BuildInfoResponse {
    std::string external_url;
    std::string version;
    std::string dashboard_url;
    bool telemetry = false;
    bool workspace_proxy = false;
    std::string agent_api_version;
    std::string provisioner_api_version;
    std::string upgrade_message;
    std::string deployment_id;
    std::string webpush_public_key;
};
const TypeInfo& describe(const BuildInfoResponse*);

struct WorkspaceProxyBuildInfo {
    bool workspace_proxy = false;
    std::string dashboard_url;
};
const TypeInfo& describe(const WorkspaceProxyBuildInfo*);

struct SSHConfigResponse {
    std::string hostname_prefix;
    std::string hostname_suffix;
    std::map<std::string, std::string> ssh_config_options;
};
const TypeInfo& describe(const SSHConfigResponse*);

using Experiments = std::vector<std::string>;

struct AvailableExperiments {
    std::vector<std::string> safe;
};
const TypeInfo& describe(const AvailableExperiments*);

struct UpdateCheckResponse {
    bool current = false;
    std::string version;
    std::string url;
};
const TypeInfo& describe(const UpdateCheckResponse*);

struct UsagePeriod {
    base::Time issued_at = zero_time;
    base::Time start = zero_time;
    base::Time end = zero_time;
};
const TypeInfo& describe(const UsagePeriod*);

struct Feature {
    Entitlement entitlement{};
    bool enabled = false;
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> actual;
    std::optional<std::int64_t> soft_limit;
    std::optional<UsagePeriod> usage_period;
};
const TypeInfo& describe(const Feature*);

struct Entitlements {
    std::map<std::string, Feature> features;
    std::vector<std::string> warnings;
    std::vector<std::string> errors;
    bool has_license = false;
    bool trial = false;
    bool require_telemetry = false;
    base::Time refreshed_at = zero_time;
};
const TypeInfo& describe(const Entitlements*);

struct AddLicenseRequest {
    std::string license;
};
const TypeInfo& describe(const AddLicenseRequest*);

struct License {
    std::int32_t id = 0;
    Uuid uuid;
    base::Time uploaded_at = zero_time;
    std::map<std::string, RawJson> claims;
};
const TypeInfo& describe(const License*);

struct LinkConfig {
    std::string name;
    std::string target;
    std::string icon;
    std::string location;
};
const TypeInfo& describe(const LinkConfig*);

struct BannerConfig {
    bool enabled = false;
    std::string message;
    std::string background_color;
};
const TypeInfo& describe(const BannerConfig*);

using ServiceBannerConfig = BannerConfig;

struct AppearanceConfig {
    std::string application_name;
    std::string logo_url;
    std::string docs_url;
    BannerConfig service_banner;
    std::vector<BannerConfig> announcement_banners;
    std::vector<LinkConfig> support_links;
};
const TypeInfo& describe(const AppearanceConfig*);

struct UpdateAppearanceConfig {
    std::string application_name;
    std::string logo_url;
    BannerConfig service_banner;
    std::vector<BannerConfig> announcement_banners;
};
const TypeInfo& describe(const UpdateAppearanceConfig*);

struct WorkspaceConnectionLatencyMS {
    double p50 = 0;
    double p95 = 0;
};
const TypeInfo& describe(const WorkspaceConnectionLatencyMS*);

struct WorkspaceDeploymentStats {
    std::int64_t pending = 0;
    std::int64_t building = 0;
    std::int64_t running = 0;
    std::int64_t failed = 0;
    std::int64_t stopped = 0;
    WorkspaceConnectionLatencyMS connection_latency_ms;
    std::int64_t rx_bytes = 0;
    std::int64_t tx_bytes = 0;
};
const TypeInfo& describe(const WorkspaceDeploymentStats*);

struct SessionCountDeploymentStats {
    std::int64_t vscode = 0;
    std::int64_t ssh = 0;
    std::int64_t jetbrains = 0;
    std::int64_t reconnecting_pty = 0;
};
const TypeInfo& describe(const SessionCountDeploymentStats*);

struct DeploymentStats {
    base::Time aggregated_from = zero_time;
    base::Time collected_at = zero_time;
    base::Time next_update_at = zero_time;
    WorkspaceDeploymentStats workspaces;
    SessionCountDeploymentStats session_count;
};
const TypeInfo& describe(const DeploymentStats*);

struct Replica {
    Uuid id;
    std::string hostname;
    base::Time created_at = zero_time;
    std::string relay_address;
    std::int32_t region_id = 0;
    std::string error;
    std::int32_t database_latency = 0;
};
const TypeInfo& describe(const Replica*);

struct CryptoKey {
    CryptoKeyFeature feature{};
    std::string secret;
    base::Time deletes_at = zero_time;
    std::int32_t sequence = 0;
    base::Time starts_at = zero_time;
};
const TypeInfo& describe(const CryptoKey*);

struct PrebuildsSettings {
    bool reconciliation_paused = false;
};
const TypeInfo& describe(const PrebuildsSettings*);

/// `hash` is the file's id.
struct UploadResponse {
    Uuid hash;
};
const TypeInfo& describe(const UploadResponse*);

struct CoderDesktopTelemetry {
    std::string device_id;
    std::string device_os;
    std::string coder_desktop_version;
};
const TypeInfo& describe(const CoderDesktopTelemetry*);

}  // namespace berth::sdk

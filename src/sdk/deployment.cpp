#include "sdk/deployment.h"

namespace berth::sdk {

const TypeInfo& describe(const Entitlement*) {
    static constexpr std::string_view values[] = {"", "entitled", "grace_period", "not_entitled", "unknown"};
    static const TypeInfo info = enumeration("Entitlement", values);
    return info;
}

const TypeInfo& describe(const Addon*) {
    static constexpr std::string_view values[] = {"", "ai_governance", "unknown"};
    static const TypeInfo info = enumeration("Addon", values);
    return info;
}

const TypeInfo& describe(const FeatureSet*) {
    static constexpr std::string_view values[] = {"", "enterprise", "premium", "unknown"};
    static const TypeInfo info = enumeration("FeatureSet", values);
    return info;
}

const TypeInfo& describe(const CryptoKeyFeature*) {
    static constexpr std::string_view values[] = {
        "", "workspace_apps_api_key", "workspace_apps_token", "oidc_convert", "tailnet_resume", "unknown",
    };
    static const TypeInfo info = enumeration("CryptoKeyFeature", values);
    return info;
}

const TypeInfo& describe(const BuildInfoResponse*) {
    using T = BuildInfoResponse;
    static const TypeInfo info = object("BuildInfoResponse", {
        field("external_url", &T::external_url),
        field("version", &T::version),
        field("dashboard_url", &T::dashboard_url),
        field("telemetry", &T::telemetry),
        field("workspace_proxy", &T::workspace_proxy),
        field("agent_api_version", &T::agent_api_version),
        field("provisioner_api_version", &T::provisioner_api_version),
        field("upgrade_message", &T::upgrade_message),
        field("deployment_id", &T::deployment_id),
        field("webpush_public_key", &T::webpush_public_key).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceProxyBuildInfo*) {
    using T = WorkspaceProxyBuildInfo;
    static const TypeInfo info = object("WorkspaceProxyBuildInfo", {
        field("workspace_proxy", &T::workspace_proxy),
        field("dashboard_url", &T::dashboard_url),
    });
    return info;
}

const TypeInfo& describe(const SSHConfigResponse*) {
    using T = SSHConfigResponse;
    static const TypeInfo info = object("SSHConfigResponse", {
        field("hostname_prefix", &T::hostname_prefix),
        field("hostname_suffix", &T::hostname_suffix),
        field("ssh_config_options", &T::ssh_config_options),
    });
    return info;
}

const TypeInfo& describe(const AvailableExperiments*) {
    using T = AvailableExperiments;
    static const TypeInfo info = object("AvailableExperiments", {
        field("safe", &T::safe).of("Experiment"),
    });
    return info;
}

const TypeInfo& describe(const UpdateCheckResponse*) {
    using T = UpdateCheckResponse;
    static const TypeInfo info = object("UpdateCheckResponse", {
        field("current", &T::current),
        field("version", &T::version),
        field("url", &T::url),
    });
    return info;
}

const TypeInfo& describe(const UsagePeriod*) {
    using T = UsagePeriod;
    static const TypeInfo info = object("UsagePeriod", {
        field("issued_at", &T::issued_at),
        field("start", &T::start),
        field("end", &T::end),
    });
    return info;
}

const TypeInfo& describe(const Feature*) {
    using T = Feature;
    static const TypeInfo info = object("Feature", {
        field("entitlement", &T::entitlement),
        field("enabled", &T::enabled),
        field("limit", &T::limit).omitempty(),
        field("actual", &T::actual).omitempty(),
        field("soft_limit", &T::soft_limit).omitempty(),
        field("usage_period", &T::usage_period).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const Entitlements*) {
    using T = Entitlements;
    static const TypeInfo info = object("Entitlements", {
        field("features", &T::features),
        field("warnings", &T::warnings),
        field("errors", &T::errors),
        field("has_license", &T::has_license),
        field("trial", &T::trial),
        field("require_telemetry", &T::require_telemetry),
        field("refreshed_at", &T::refreshed_at),
    });
    return info;
}

const TypeInfo& describe(const AddLicenseRequest*) {
    using T = AddLicenseRequest;
    static const TypeInfo info = object("AddLicenseRequest", {
        field("license", &T::license).required(),
    });
    return info;
}

const TypeInfo& describe(const License*) {
    using T = License;
    static const TypeInfo info = object("License", {
        field("id", &T::id),
        field("uuid", &T::uuid),
        field("uploaded_at", &T::uploaded_at),
        field("claims", &T::claims),
    });
    return info;
}

const TypeInfo& describe(const LinkConfig*) {
    using T = LinkConfig;
    static const TypeInfo info = object("LinkConfig", {
        field("name", &T::name),
        field("target", &T::target),
        field("icon", &T::icon),
        field("location", &T::location).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const BannerConfig*) {
    using T = BannerConfig;
    static const TypeInfo info = object("BannerConfig", {
        field("enabled", &T::enabled),
        field("message", &T::message).omitempty(),
        field("background_color", &T::background_color).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const AppearanceConfig*) {
    using T = AppearanceConfig;
    static const TypeInfo info = object("AppearanceConfig", {
        field("application_name", &T::application_name),
        field("logo_url", &T::logo_url),
        field("docs_url", &T::docs_url),
        field("service_banner", &T::service_banner),
        field("announcement_banners", &T::announcement_banners),
        field("support_links", &T::support_links).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const UpdateAppearanceConfig*) {
    using T = UpdateAppearanceConfig;
    static const TypeInfo info = object("UpdateAppearanceConfig", {
        field("application_name", &T::application_name),
        field("logo_url", &T::logo_url),
        field("service_banner", &T::service_banner),
        field("announcement_banners", &T::announcement_banners),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceConnectionLatencyMS*) {
    using T = WorkspaceConnectionLatencyMS;
    static const TypeInfo info = object("WorkspaceConnectionLatencyMS", {
        field("P50", &T::p50),
        field("P95", &T::p95),
    });
    return info;
}

const TypeInfo& describe(const WorkspaceDeploymentStats*) {
    using T = WorkspaceDeploymentStats;
    static const TypeInfo info = object("WorkspaceDeploymentStats", {
        field("pending", &T::pending),
        field("building", &T::building),
        field("running", &T::running),
        field("failed", &T::failed),
        field("stopped", &T::stopped),
        field("connection_latency_ms", &T::connection_latency_ms),
        field("rx_bytes", &T::rx_bytes),
        field("tx_bytes", &T::tx_bytes),
    });
    return info;
}

const TypeInfo& describe(const SessionCountDeploymentStats*) {
    using T = SessionCountDeploymentStats;
    static const TypeInfo info = object("SessionCountDeploymentStats", {
        field("vscode", &T::vscode),
        field("ssh", &T::ssh),
        field("jetbrains", &T::jetbrains),
        field("reconnecting_pty", &T::reconnecting_pty),
    });
    return info;
}

const TypeInfo& describe(const DeploymentStats*) {
    using T = DeploymentStats;
    static const TypeInfo info = object("DeploymentStats", {
        field("aggregated_from", &T::aggregated_from),
        field("collected_at", &T::collected_at),
        field("next_update_at", &T::next_update_at),
        field("workspaces", &T::workspaces),
        field("session_count", &T::session_count),
    });
    return info;
}

const TypeInfo& describe(const Replica*) {
    using T = Replica;
    static const TypeInfo info = object("Replica", {
        field("id", &T::id),
        field("hostname", &T::hostname),
        field("created_at", &T::created_at),
        field("relay_address", &T::relay_address),
        field("region_id", &T::region_id),
        field("error", &T::error),
        field("database_latency", &T::database_latency),
    });
    return info;
}

const TypeInfo& describe(const CryptoKey*) {
    using T = CryptoKey;
    static const TypeInfo info = object("CryptoKey", {
        field("feature", &T::feature),
        field("secret", &T::secret),
        field("deletes_at", &T::deletes_at),
        field("sequence", &T::sequence),
        field("starts_at", &T::starts_at),
    });
    return info;
}

const TypeInfo& describe(const PrebuildsSettings*) {
    using T = PrebuildsSettings;
    static const TypeInfo info = object("PrebuildsSettings", {
        field("reconciliation_paused", &T::reconciliation_paused),
    });
    return info;
}

const TypeInfo& describe(const UploadResponse*) {
    using T = UploadResponse;
    static const TypeInfo info = object("UploadResponse", {
        field("hash", &T::hash),
    });
    return info;
}

const TypeInfo& describe(const CoderDesktopTelemetry*) {
    using T = CoderDesktopTelemetry;
    static const TypeInfo info = object("CoderDesktopTelemetry", {
        field("device_id", &T::device_id),
        field("device_os", &T::device_os),
        field("coder_desktop_version", &T::coder_desktop_version),
    });
    return info;
}

}  // namespace berth::sdk

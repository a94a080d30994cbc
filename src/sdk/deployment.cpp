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
    static const Field fields[] = {
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
    };
    static const TypeInfo info = object("BuildInfoResponse", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceProxyBuildInfo*) {
    using T = WorkspaceProxyBuildInfo;
    static const Field fields[] = {
        field("workspace_proxy", &T::workspace_proxy),
        field("dashboard_url", &T::dashboard_url),
    };
    static const TypeInfo info = object("WorkspaceProxyBuildInfo", fields);
    return info;
}

const TypeInfo& describe(const SSHConfigResponse*) {
    using T = SSHConfigResponse;
    static const Field fields[] = {
        field("hostname_prefix", &T::hostname_prefix),
        field("hostname_suffix", &T::hostname_suffix),
        field("ssh_config_options", &T::ssh_config_options),
    };
    static const TypeInfo info = object("SSHConfigResponse", fields);
    return info;
}

const TypeInfo& describe(const AvailableExperiments*) {
    using T = AvailableExperiments;
    static const Field fields[] = {
        field("safe", &T::safe).of("Experiment"),
    };
    static const TypeInfo info = object("AvailableExperiments", fields);
    return info;
}

const TypeInfo& describe(const UpdateCheckResponse*) {
    using T = UpdateCheckResponse;
    static const Field fields[] = {
        field("current", &T::current),
        field("version", &T::version),
        field("url", &T::url),
    };
    static const TypeInfo info = object("UpdateCheckResponse", fields);
    return info;
}

const TypeInfo& describe(const UsagePeriod*) {
    using T = UsagePeriod;
    static const Field fields[] = {
        field("issued_at", &T::issued_at),
        field("start", &T::start),
        field("end", &T::end),
    };
    static const TypeInfo info = object("UsagePeriod", fields);
    return info;
}

const TypeInfo& describe(const Feature*) {
    using T = Feature;
    static const Field fields[] = {
        field("entitlement", &T::entitlement),           field("enabled", &T::enabled),
        field("limit", &T::limit).omitempty(),           field("actual", &T::actual).omitempty(),
        field("soft_limit", &T::soft_limit).omitempty(), field("usage_period", &T::usage_period).omitempty(),
    };
    static const TypeInfo info = object("Feature", fields);
    return info;
}

const TypeInfo& describe(const Entitlements*) {
    using T = Entitlements;
    static const Field fields[] = {
        field("features", &T::features),
        field("warnings", &T::warnings),
        field("errors", &T::errors),
        field("has_license", &T::has_license),
        field("trial", &T::trial),
        field("require_telemetry", &T::require_telemetry),
        field("refreshed_at", &T::refreshed_at),
    };
    static const TypeInfo info = object("Entitlements", fields);
    return info;
}

const TypeInfo& describe(const AddLicenseRequest*) {
    using T = AddLicenseRequest;
    static const Field fields[] = {
        field("license", &T::license).required(),
    };
    static const TypeInfo info = object("AddLicenseRequest", fields);
    return info;
}

const TypeInfo& describe(const License*) {
    using T = License;
    static const Field fields[] = {
        field("id", &T::id),
        field("uuid", &T::uuid),
        field("uploaded_at", &T::uploaded_at),
        field("claims", &T::claims),
    };
    static const TypeInfo info = object("License", fields);
    return info;
}

const TypeInfo& describe(const LinkConfig*) {
    using T = LinkConfig;
    static const Field fields[] = {
        field("name", &T::name),
        field("target", &T::target),
        field("icon", &T::icon),
        field("location", &T::location).omitempty(),
    };
    static const TypeInfo info = object("LinkConfig", fields);
    return info;
}

const TypeInfo& describe(const BannerConfig*) {
    using T = BannerConfig;
    static const Field fields[] = {
        field("enabled", &T::enabled),
        field("message", &T::message).omitempty(),
        field("background_color", &T::background_color).omitempty(),
    };
    static const TypeInfo info = object("BannerConfig", fields);
    return info;
}

const TypeInfo& describe(const AppearanceConfig*) {
    using T = AppearanceConfig;
    static const Field fields[] = {
        field("application_name", &T::application_name),
        field("logo_url", &T::logo_url),
        field("docs_url", &T::docs_url),
        field("service_banner", &T::service_banner),
        field("announcement_banners", &T::announcement_banners),
        field("support_links", &T::support_links).omitempty(),
    };
    static const TypeInfo info = object("AppearanceConfig", fields);
    return info;
}

const TypeInfo& describe(const UpdateAppearanceConfig*) {
    using T = UpdateAppearanceConfig;
    static const Field fields[] = {
        field("application_name", &T::application_name),
        field("logo_url", &T::logo_url),
        field("service_banner", &T::service_banner),
        field("announcement_banners", &T::announcement_banners),
    };
    static const TypeInfo info = object("UpdateAppearanceConfig", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceConnectionLatencyMS*) {
    using T = WorkspaceConnectionLatencyMS;
    static const Field fields[] = {
        field("P50", &T::p50),
        field("P95", &T::p95),
    };
    static const TypeInfo info = object("WorkspaceConnectionLatencyMS", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceDeploymentStats*) {
    using T = WorkspaceDeploymentStats;
    static const Field fields[] = {
        field("pending", &T::pending),   field("building", &T::building),
        field("running", &T::running),   field("failed", &T::failed),
        field("stopped", &T::stopped),   field("connection_latency_ms", &T::connection_latency_ms),
        field("rx_bytes", &T::rx_bytes), field("tx_bytes", &T::tx_bytes),
    };
    static const TypeInfo info = object("WorkspaceDeploymentStats", fields);
    return info;
}

const TypeInfo& describe(const SessionCountDeploymentStats*) {
    using T = SessionCountDeploymentStats;
    static const Field fields[] = {
        field("vscode", &T::vscode),
        field("ssh", &T::ssh),
        field("jetbrains", &T::jetbrains),
        field("reconnecting_pty", &T::reconnecting_pty),
    };
    static const TypeInfo info = object("SessionCountDeploymentStats", fields);
    return info;
}

const TypeInfo& describe(const DeploymentStats*) {
    using T = DeploymentStats;
    static const Field fields[] = {
        field("aggregated_from", &T::aggregated_from), field("collected_at", &T::collected_at),
        field("next_update_at", &T::next_update_at),   field("workspaces", &T::workspaces),
        field("session_count", &T::session_count),
    };
    static const TypeInfo info = object("DeploymentStats", fields);
    return info;
}

const TypeInfo& describe(const Replica*) {
    using T = Replica;
    static const Field fields[] = {
        field("id", &T::id),
        field("hostname", &T::hostname),
        field("created_at", &T::created_at),
        field("relay_address", &T::relay_address),
        field("region_id", &T::region_id),
        field("error", &T::error),
        field("database_latency", &T::database_latency),
    };
    static const TypeInfo info = object("Replica", fields);
    return info;
}

const TypeInfo& describe(const CryptoKey*) {
    using T = CryptoKey;
    static const Field fields[] = {
        field("feature", &T::feature),       field("secret", &T::secret),
        field("deletes_at", &T::deletes_at), field("sequence", &T::sequence),
        field("starts_at", &T::starts_at),
    };
    static const TypeInfo info = object("CryptoKey", fields);
    return info;
}

const TypeInfo& describe(const PrebuildsSettings*) {
    using T = PrebuildsSettings;
    static const Field fields[] = {
        field("reconciliation_paused", &T::reconciliation_paused),
    };
    static const TypeInfo info = object("PrebuildsSettings", fields);
    return info;
}

const TypeInfo& describe(const UploadResponse*) {
    using T = UploadResponse;
    static const Field fields[] = {
        field("hash", &T::hash),
    };
    static const TypeInfo info = object("UploadResponse", fields);
    return info;
}

const TypeInfo& describe(const CoderDesktopTelemetry*) {
    using T = CoderDesktopTelemetry;
    static const Field fields[] = {
        field("device_id", &T::device_id),
        field("device_os", &T::device_os),
        field("coder_desktop_version", &T::coder_desktop_version),
    };
    static const TypeInfo info = object("CoderDesktopTelemetry", fields);
    return info;
}

}  // namespace berth::sdk

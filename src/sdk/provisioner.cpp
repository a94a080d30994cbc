#include "sdk/provisioner.h"

namespace berth::sdk {

const TypeInfo& describe(const ProvisionerType*) {
    static constexpr std::string_view values[] = {"", "echo", "terraform", "unknown"};
    static const TypeInfo info = enumeration("ProvisionerType", values);
    return info;
}

const TypeInfo& describe(const ProvisionerStorageMethod*) {
    static constexpr std::string_view values[] = {"", "file", "unknown"};
    static const TypeInfo info = enumeration("ProvisionerStorageMethod", values);
    return info;
}

const TypeInfo& describe(const ProvisionerJobStatus*) {
    static constexpr std::string_view values[] = {
        "", "pending", "running", "succeeded", "canceling", "canceled", "failed", "unknown",
    };
    static const TypeInfo info = enumeration("ProvisionerJobStatus", values, true);
    return info;
}

const TypeInfo& describe(const ProvisionerJobType*) {
    static constexpr std::string_view values[] = {
        "", "template_version_import", "workspace_build", "template_version_dry_run", "unknown",
    };
    static const TypeInfo info = enumeration("ProvisionerJobType", values);
    return info;
}

const TypeInfo& describe(const JobErrorCode*) {
    static constexpr std::string_view values[] = {"", "REQUIRED_TEMPLATE_VARIABLES", "unknown"};
    static const TypeInfo info = enumeration("JobErrorCode", values);
    return info;
}

const TypeInfo& describe(const LogSource*) {
    static constexpr std::string_view values[] = {"", "provisioner_daemon", "provisioner", "unknown"};
    static const TypeInfo info = enumeration("LogSource", values);
    return info;
}

const TypeInfo& describe(const LogLevel*) {
    static constexpr std::string_view values[] = {"", "trace", "debug", "info", "warn", "error", "unknown"};
    static const TypeInfo info = enumeration("LogLevel", values);
    return info;
}

const TypeInfo& describe(const ProvisionerLogLevel*) {
    static constexpr std::string_view values[] = {"", "debug", "unknown"};
    static const TypeInfo info = enumeration("ProvisionerLogLevel", values);
    return info;
}

const TypeInfo& describe(const ProvisionerDaemonStatus*) {
    static constexpr std::string_view values[] = {"", "offline", "idle", "busy", "unknown"};
    static const TypeInfo info = enumeration("ProvisionerDaemonStatus", values);
    return info;
}

const TypeInfo& describe(const MatchedProvisioners*) {
    using T = MatchedProvisioners;
    static const Field fields[] = {
        field("count", &T::count),
        field("available", &T::available),
        field("most_recently_seen", &T::most_recently_seen).omitempty().writes_null(),
    };
    static const TypeInfo info = object("MatchedProvisioners", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerJobInput*) {
    using T = ProvisionerJobInput;
    static const Field fields[] = {
        field("template_version_id", &T::template_version_id).omitempty(),
        field("workspace_build_id", &T::workspace_build_id).omitempty(),
        field("error", &T::error).omitempty(),
    };
    static const TypeInfo info = object("ProvisionerJobInput", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerJobMetadata*) {
    using T = ProvisionerJobMetadata;
    static const Field fields[] = {
        field("template_version_name", &T::template_version_name),
        field("template_id", &T::template_id),
        field("template_name", &T::template_name),
        field("template_display_name", &T::template_display_name),
        field("template_icon", &T::template_icon),
        field("workspace_id", &T::workspace_id).omitempty(),
        field("workspace_name", &T::workspace_name).omitempty(),
    };
    static const TypeInfo info = object("ProvisionerJobMetadata", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerJob*) {
    using T = ProvisionerJob;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("started_at", &T::started_at).omitempty(),
        field("completed_at", &T::completed_at).omitempty(),
        field("canceled_at", &T::canceled_at).omitempty(),
        field("error", &T::error).omitempty(),
        field("error_code", &T::error_code).omitempty(),
        field("status", &T::status),
        field("worker_id", &T::worker_id).omitempty(),
        field("worker_name", &T::worker_name).omitempty(),
        field("file_id", &T::file_id),
        field("tags", &T::tags),
        field("queue_position", &T::queue_position),
        field("queue_size", &T::queue_size),
        field("organization_id", &T::organization_id),
        field("initiator_id", &T::initiator_id),
        field("input", &T::input),
        field("type", &T::type),
        field("available_workers", &T::available_workers).omitempty(),
        field("metadata", &T::metadata),
        field("logs_overflowed", &T::logs_overflowed),
    };
    static const TypeInfo info = object("ProvisionerJob", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerJobLog*) {
    using T = ProvisionerJobLog;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("log_source", &T::log_source),
        field("log_level", &T::log_level),
        field("stage", &T::stage),
        field("output", &T::output),
    };
    static const TypeInfo info = object("ProvisionerJobLog", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerDaemonJob*) {
    using T = ProvisionerDaemonJob;
    static const Field fields[] = {
        field("id", &T::id),
        field("status", &T::status),
        field("template_name", &T::template_name),
        field("template_icon", &T::template_icon),
        field("template_display_name", &T::template_display_name),
    };
    static const TypeInfo info = object("ProvisionerDaemonJob", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerDaemon*) {
    using T = ProvisionerDaemon;
    static const Field fields[] = {
        field("id", &T::id),
        field("organization_id", &T::organization_id),
        field("key_id", &T::key_id),
        field("created_at", &T::created_at),
        field("last_seen_at", &T::last_seen_at).omitempty().writes_null(),
        field("name", &T::name),
        field("version", &T::version),
        field("api_version", &T::api_version),
        field("provisioners", &T::provisioners),
        field("tags", &T::tags),
        field("key_name", &T::key_name),
        field("status", &T::status),
        field("current_job", &T::current_job),
        field("previous_job", &T::previous_job),
    };
    static const TypeInfo info = object("ProvisionerDaemon", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerKey*) {
    using T = ProvisionerKey;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("organization", &T::organization),
        field("name", &T::name),
        field("tags", &T::tags),
    };
    static const TypeInfo info = object("ProvisionerKey", fields);
    return info;
}

const TypeInfo& describe(const ProvisionerKeyDaemons*) {
    using T = ProvisionerKeyDaemons;
    static const Field fields[] = {
        field("key", &T::key),
        field("daemons", &T::daemons),
    };
    static const TypeInfo info = object("ProvisionerKeyDaemons", fields);
    return info;
}

const TypeInfo& describe(const CreateProvisionerKeyRequest*) {
    using T = CreateProvisionerKeyRequest;
    static const Field fields[] = {
        field("name", &T::name),
        field("tags", &T::tags),
    };
    static const TypeInfo info = object("CreateProvisionerKeyRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateProvisionerKeyResponse*) {
    using T = CreateProvisionerKeyResponse;
    static const Field fields[] = {
        field("key", &T::key),
    };
    static const TypeInfo info = object("CreateProvisionerKeyResponse", fields);
    return info;
}

const TypeInfo& describe(const ServeProvisionerDaemonRequest*) {
    using T = ServeProvisionerDaemonRequest;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("organization", &T::organization),
        field("provisioners", &T::provisioners),
        field("tags", &T::tags),
        field("pre_shared_key", &T::pre_shared_key),
        field("provisioner_key", &T::provisioner_key),
    };
    static const TypeInfo info = object("ServeProvisionerDaemonRequest", fields);
    return info;
}

}  // namespace berth::sdk

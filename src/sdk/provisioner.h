#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class ProvisionerType : std::uint8_t { unset, echo, terraform, unknown };
const TypeInfo& describe(const ProvisionerType*);

enum class ProvisionerStorageMethod : std::uint8_t { unset, file, unknown };
const TypeInfo& describe(const ProvisionerStorageMethod*);

enum class ProvisionerJobStatus : std::uint8_t {
    unset,
    pending,
    running,
    succeeded,
    canceling,
    canceled,
    failed,
    unknown,
};
const TypeInfo& describe(const ProvisionerJobStatus*);

enum class ProvisionerJobType : std::uint8_t {
    unset,
    template_version_import,
    workspace_build,
    template_version_dry_run,
    unknown,
};
const TypeInfo& describe(const ProvisionerJobType*);

enum class JobErrorCode : std::uint8_t { unset, required_template_variables, unknown };
const TypeInfo& describe(const JobErrorCode*);

enum class LogSource : std::uint8_t { unset, provisioner_daemon, provisioner, unknown };
const TypeInfo& describe(const LogSource*);

enum class LogLevel : std::uint8_t { unset, trace, debug, info, warn, error, unknown };
const TypeInfo& describe(const LogLevel*);

enum class ProvisionerLogLevel : std::uint8_t { unset, debug, unknown };
const TypeInfo& describe(const ProvisionerLogLevel*);

enum class ProvisionerDaemonStatus : std::uint8_t { unset, offline, idle, busy, unknown };
const TypeInfo& describe(const ProvisionerDaemonStatus*);

struct MatchedProvisioners {
    std::int64_t count = 0;
    std::int64_t available = 0;
    std::optional<base::Time> most_recently_seen;
};
const TypeInfo& describe(const MatchedProvisioners*);

struct ProvisionerJobInput {
    std::optional<Uuid> template_version_id;
    std::optional<Uuid> workspace_build_id;
    std::string error;
};
const TypeInfo& describe(const ProvisionerJobInput*);

struct ProvisionerJobMetadata {
    std::string template_version_name;
    Uuid template_id;
    std::string template_name;
    std::string template_display_name;
    std::string template_icon;
    std::optional<Uuid> workspace_id;
    std::string workspace_name;
};
const TypeInfo& describe(const ProvisionerJobMetadata*);

struct ProvisionerJob {
    Uuid id;
    base::Time created_at = zero_time;
    std::optional<base::Time> started_at;
    std::optional<base::Time> completed_at;
    std::optional<base::Time> canceled_at;
    std::string error;
    JobErrorCode error_code{};
    ProvisionerJobStatus status{};
    std::optional<Uuid> worker_id;
    std::string worker_name;
    Uuid file_id;
    std::map<std::string, std::string> tags;
    std::int64_t queue_position = 0;
    std::int64_t queue_size = 0;
    Uuid organization_id;
    Uuid initiator_id;
    ProvisionerJobInput input;
    ProvisionerJobType type{};
    std::vector<Uuid> available_workers;
    ProvisionerJobMetadata metadata;
    bool logs_overflowed = false;
};
const TypeInfo& describe(const ProvisionerJob*);

struct ProvisionerJobLog {
    std::int64_t id = 0;
    base::Time created_at = zero_time;
    LogSource log_source{};
    LogLevel log_level{};
    std::string stage;
    std::string output;
};
const TypeInfo& describe(const ProvisionerJobLog*);

struct ProvisionerDaemonJob {
    Uuid id;
    ProvisionerJobStatus status{};
    std::string template_name;
    std::string template_icon;
    std::string template_display_name;
};
const TypeInfo& describe(const ProvisionerDaemonJob*);

struct ProvisionerDaemon {
    Uuid id;
    Uuid organization_id;
    Uuid key_id;
    base::Time created_at = zero_time;
    std::optional<base::Time> last_seen_at;
    std::string name;
    std::string version;
    std::string api_version;
    std::vector<ProvisionerType> provisioners;
    std::map<std::string, std::string> tags;
    std::optional<std::string> key_name;
    std::optional<ProvisionerDaemonStatus> status;
    std::optional<ProvisionerDaemonJob> current_job;
    std::optional<ProvisionerDaemonJob> previous_job;
};
const TypeInfo& describe(const ProvisionerDaemon*);

using ProvisionerKeyTags = std::map<std::string, std::string>;

struct ProvisionerKey {
    Uuid id;
    base::Time created_at = zero_time;
    Uuid organization;
    std::string name;
    ProvisionerKeyTags tags;
};
const TypeInfo& describe(const ProvisionerKey*);

struct ProvisionerKeyDaemons {
    ProvisionerKey key;
    std::vector<ProvisionerDaemon> daemons;
};
const TypeInfo& describe(const ProvisionerKeyDaemons*);

struct CreateProvisionerKeyRequest {
    std::string name;
    std::map<std::string, std::string> tags;
};
const TypeInfo& describe(const CreateProvisionerKeyRequest*);

struct CreateProvisionerKeyResponse {
    std::string key;
};
const TypeInfo& describe(const CreateProvisionerKeyResponse*);

struct ServeProvisionerDaemonRequest {
    Uuid id;
    std::string name;
    Uuid organization;
    std::vector<ProvisionerType> provisioners;
    std::map<std::string, std::string> tags;
    std::string pre_shared_key;
    std::string provisioner_key;
};
const TypeInfo& describe(const ServeProvisionerDaemonRequest*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coderd/context.h"
#include "coderd/jobs/tags.h"
#include "sdk/provisioner.h"

namespace berth::coderd {

/// A job with its worker's name.
using JobRow = db::ProvisionerJob;

/// Builds of people before those that fill pools of prebuilt workspaces.
inline constexpr std::int16_t prebuild_priority = -1;

/// What a job is about, as the JSON of provisioner_jobs.input carries it. Which members are set depends on
/// the type.
struct JobInput {
    std::optional<Uuid> template_version_id;
    std::optional<Uuid> workspace_build_id;
    /// Dry runs.
    std::string workspace_name;
    /// Dry runs: (name, value).
    std::vector<std::pair<std::string, std::string>> rich_parameter_values;
    /// Imports and dry runs: values people gave for Terraform variables.
    std::vector<std::pair<std::string, std::string>> user_variable_values;
    /// Builds: "" or "debug".
    std::string log_level;
    /// Builds: "", "create" or "claim".
    std::string prebuild_stage;

    [[nodiscard]] std::string to_json() const;
    static Result<JobInput> from_json(std::string_view json);
};

/// A job to be put in the queue.
struct NewJob {
    Uuid id = Uuid::random();
    Uuid organization_id;
    Uuid initiator_id;
    db::ProvisionerType provisioner = db::ProvisionerType::terraform;
    db::ProvisionerJobType type = db::ProvisionerJobType::workspace_build;
    Uuid file_id;
    /// Imports: the template that gets another version; nothing for the first version of a new one.
    std::optional<Uuid> template_id;
    JobInput input;
    /// Passed through complete_tags() before.
    Tags tags;
    std::int16_t priority = 0;
};

/// What the server itself has to say in a job's log.
struct JobLogLine {
    db::LogLevel level = db::LogLevel::info;
    std::string stage;
    std::string text;
};
asio::awaitable<Result<void>> add_job_log(db::Transaction& tx, const rbac::Actor& actor, Uuid job_id,
                                          JobLogLine line, base::Time now);

/// Puts an import or a dry run in the queue; a daemon wakes when the transaction commits.
asio::awaitable<Result<void>> insert_template_job(db::Transaction& tx, const rbac::Actor& actor,
                                                  const NewJob& job, base::Time now);
/// Puts a build of this workspace in the queue, for whoever may update the workspace; a daemon wakes when the
/// transaction commits.
asio::awaitable<Result<void>> insert_build_job(db::Transaction& tx, const rbac::Actor& actor,
                                               const Uuid& workspace_id, const NewJob& job, base::Time now);

/// Tells those who follow a job that it has new lines or ended.
asio::awaitable<void> announce_job_change(Context& context, Uuid job_id);

/// Where jobs wait, by their ids; others are not in it.
using QueuePlaces = std::map<Uuid, db::GetQueuePlacesRow>;
/// One query however many jobs, and none when no job of `rows` waits. A job that no connected daemon can take
/// has no place.
asio::awaitable<Result<QueuePlaces>> queue_places(db::Queries& store, const std::vector<JobRow>& rows,
                                                  base::Time now);

/// Without names of template and workspace (`metadata`); those are in lists only.
sdk::ProvisionerJob job_to_sdk(const JobRow& row, const QueuePlaces& places);
/// The same for one job.
asio::awaitable<Result<sdk::ProvisionerJob>> job_to_sdk(db::Queries& store, JobRow row, base::Time now);
sdk::ProvisionerJobLog log_to_sdk(const db::ProvisionerJobLog& row);

/// The same for a row locked for change.
[[nodiscard]] bool is_over(db::ProvisionerJobStatus status);

}  // namespace berth::coderd

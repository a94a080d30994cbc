#include "coderd/jobs/jobs.h"

#include <boost/json.hpp>

#include "coderd/api/convert.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/matched.h"
#include "coderd/jobs/unmatched.h"
#include "coderd/provisionerdserver/acquirer.h"

namespace berth::coderd {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

void put_pairs(boost::json::object& object, std::string_view key, const Pairs& pairs) {
    if (pairs.empty()) return;
    auto& list = object[key].emplace_array();
    for (const auto& [name, value] : pairs)
        list.push_back({{"name", name}, {"value", value}});
}

Pairs pairs_of(const boost::json::object& object, std::string_view key) {
    Pairs pairs;
    const auto* list = object.if_contains(key);
    if (list == nullptr || !list->is_array()) return pairs;
    for (const auto& item : list->get_array())
        if (item.is_object())
            pairs.emplace_back(text_of(item.get_object(), "name"), text_of(item.get_object(), "value"));
    return pairs;
}

}  // namespace

std::string JobInput::to_json() const {
    boost::json::object object;
    if (template_version_id) object["template_version_id"] = template_version_id->to_string();
    if (workspace_build_id) object["workspace_build_id"] = workspace_build_id->to_string();
    if (!workspace_name.empty()) object["workspace_name"] = workspace_name;
    put_pairs(object, "rich_parameter_values", rich_parameter_values);
    put_pairs(object, "user_variable_values", user_variable_values);
    if (!log_level.empty()) object["log_level"] = log_level;
    if (!prebuild_stage.empty()) object["prebuild_stage"] = prebuild_stage;
    return boost::json::serialize(object);
}

Result<JobInput> JobInput::from_json(std::string_view json) {
    boost::system::error_code error;
    auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return internal_error("the job's input is not a JSON object");
    const auto& object = value.get_object();
    JobInput input;
    input.template_version_id = Uuid::parse(text_of(object, "template_version_id"));
    input.workspace_build_id = Uuid::parse(text_of(object, "workspace_build_id"));
    input.workspace_name = text_of(object, "workspace_name");
    input.rich_parameter_values = pairs_of(object, "rich_parameter_values");
    input.user_variable_values = pairs_of(object, "user_variable_values");
    input.log_level = text_of(object, "log_level");
    input.prebuild_stage = text_of(object, "prebuild_stage");
    return input;
}

asio::awaitable<Result<void>> add_job_log(db::Transaction& tx, const rbac::Actor& actor, Uuid job_id,
                                          JobLogLine line, base::Time now) {
    db::InsertProvisionerJobLogsParams row;
    row.job_id = job_id;
    row.created_at.push_back(now);
    row.source.push_back(db::LogSource::provisioner_daemon);
    row.level.push_back(line.level);
    row.stage.push_back(std::move(line.stage));
    row.output.push_back(std::move(line.text));
    auto inserted = co_await tx.insert_provisioner_job_logs(actor, row);
    if (!inserted) co_return inserted.error();
    co_return Result<void>();
}

namespace {

/// Wakes a daemon once the transaction is committed. Losing that costs time only: daemons poll as well.
asio::awaitable<Result<void>> announce(db::Transaction& tx, const NewJob& job) {
    JobPosted posted{job.organization_id, std::string(to_string(job.provisioner)), job.tags};
    auto payload = posted.to_json();
    if (payload.size() > db::Pubsub::payload_limit) co_return invalid_argument("The job has too many tags.");
    auto sent = co_await tx.notify(std::string(job_posted_channel), std::move(payload));
    co_return sent;
}

/// A line in the job's log when nobody can take it now, so that people need not guess why they wait.
asio::awaitable<Result<void>> note_unmatched(db::Transaction& tx, const NewJob& job, base::Time now) {
    auto reason = co_await find_unmatched_reason(tx, job.organization_id, job.provisioner, job.tags, now);
    if (!reason) co_return reason.error();
    if (reason->empty()) co_return Result<void>();
    JobLogLine line{db::LogLevel::warn, std::string(queue_stage), waiting_text(*reason)};
    auto inserted = co_await add_job_log(tx, rbac::Actor::system(rbac::SystemActor::provisionerd), job.id,
                                         std::move(line), now);
    co_return inserted;
}

asio::awaitable<Result<void>> put_in_line(db::Transaction& tx, const NewJob& job, base::Time now) {
    auto noted = co_await note_unmatched(tx, job, now);
    if (!noted) co_return noted.error();
    auto announced = co_await announce(tx, job);
    co_return announced;
}

asio::awaitable<Result<void>> insert_dry_run(db::Transaction& tx, const rbac::Actor& actor, const NewJob& job,
                                             base::Time now) {
    db::InsertDryRunJobParams row;
    row.id = job.id;
    row.created_at = now;
    row.organization_id = job.organization_id;
    row.initiator_id = job.initiator_id;
    row.provisioner = job.provisioner;
    row.file_id = job.file_id;
    row.input = job.input.to_json();
    row.tags = tags_to_json(job.tags);
    row.trace_metadata = "{}";
    auto inserted = co_await tx.insert_dry_run_job(actor, row);
    co_return inserted;
}

asio::awaitable<Result<void>> insert_import_into(db::Transaction& tx, const rbac::Actor& actor,
                                                 const NewJob& job, base::Time now) {
    db::InsertJobOfTemplateParams row;
    row.id = job.id;
    row.created_at = now;
    row.template_id = *job.template_id;
    row.initiator_id = job.initiator_id;
    row.provisioner = job.provisioner;
    row.file_id = job.file_id;
    row.input = job.input.to_json();
    row.tags = tags_to_json(job.tags);
    row.trace_metadata = "{}";
    auto inserted = co_await tx.insert_job_of_template(actor, row);
    if (!inserted) co_return inserted.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> insert_import(db::Transaction& tx, const rbac::Actor& actor, const NewJob& job,
                                            base::Time now) {
    db::InsertTemplateVersionJobParams row;
    row.id = job.id;
    row.created_at = now;
    row.organization_id = job.organization_id;
    row.initiator_id = job.initiator_id;
    row.provisioner = job.provisioner;
    row.file_id = job.file_id;
    row.input = job.input.to_json();
    row.tags = tags_to_json(job.tags);
    row.trace_metadata = "{}";
    auto inserted = co_await tx.insert_template_version_job(actor, row);
    co_return inserted;
}

}  // namespace

asio::awaitable<Result<void>> insert_template_job(db::Transaction& tx, const rbac::Actor& actor,
                                                  const NewJob& job, base::Time now) {
    Result<void> inserted;
    if (job.type == db::ProvisionerJobType::template_version_dry_run) {
        inserted = co_await insert_dry_run(tx, actor, job, now);
    } else if (job.template_id) {
        inserted = co_await insert_import_into(tx, actor, job, now);
    } else {
        inserted = co_await insert_import(tx, actor, job, now);
    }
    if (!inserted) co_return inserted.error();
    auto queued = co_await put_in_line(tx, job, now);
    co_return queued;
}

asio::awaitable<Result<void>> insert_build_job(db::Transaction& tx, const rbac::Actor& actor,
                                               const Uuid& workspace_id, const NewJob& job, base::Time now) {
    db::InsertWorkspaceBuildJobParams row;
    row.id = job.id;
    row.created_at = now;
    row.initiator_id = job.initiator_id;
    row.provisioner = job.provisioner;
    row.file_id = job.file_id;
    row.input = job.input.to_json();
    row.tags = tags_to_json(job.tags);
    row.priority = job.priority;
    row.trace_metadata = "{}";
    row.workspace_id = workspace_id;
    auto inserted = co_await tx.insert_workspace_build_job(actor, row);
    if (!inserted) co_return inserted.error();
    auto queued = co_await put_in_line(tx, job, now);
    co_return queued;
}

asio::awaitable<void> announce_job_change(Context& context, Uuid job_id) {
    auto sent = co_await context.pubsub.publish(job_channel(job_id), "");
    if (!sent)
        context.log.warn("a job's change was not announced", field("job_id", job_id),
                         field("error", sent.error()));
}

asio::awaitable<Result<QueuePlaces>> queue_places(db::Queries& store, const std::vector<JobRow>& rows,
                                                  base::Time now) {
    std::vector<Uuid> waiting;
    for (const auto& row : rows)
        if (row.job_status == db::ProvisionerJobStatus::pending) waiting.push_back(row.id);
    QueuePlaces places;
    if (waiting.empty()) co_return places;
    const auto& reader = rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader);
    auto found = co_await store.get_queue_places(reader, waiting, now - daemon_stale_after);
    if (!found) co_return found.error();
    for (auto& place : *found)
        places.emplace(place.id, place);
    co_return places;
}

asio::awaitable<Result<sdk::ProvisionerJob>> job_to_sdk(db::Queries& store, JobRow row, base::Time now) {
    std::vector<JobRow> rows;
    rows.push_back(std::move(row));
    auto places = co_await queue_places(store, rows, now);
    if (!places) co_return places.error();
    co_return job_to_sdk(rows.front(), *places);
}

sdk::ProvisionerJob job_to_sdk(const JobRow& row, const QueuePlaces& places) {
    sdk::ProvisionerJob job;
    job.id = row.id;
    job.created_at = row.created_at;
    job.started_at = row.started_at;
    job.completed_at = row.completed_at;
    job.canceled_at = row.canceled_at;
    job.error = row.error.value_or("");
    job.error_code =
        sdk::parse_enum<sdk::JobErrorCode>(row.error_code.value_or("")).value_or(sdk::JobErrorCode::unset);
    job.status = to_sdk<sdk::ProvisionerJobStatus>(row.job_status);
    job.worker_id = row.worker_id;
    job.worker_name = row.worker_name;
    job.file_id = row.file_id;
    auto tags = tags_from_json(row.tags);
    if (tags) job.tags = std::move(*tags);
    auto place = places.find(row.id);
    if (place != places.end()) {
        job.queue_position = place->second.place;
        job.queue_size = place->second.size;
    }
    job.organization_id = row.organization_id;
    job.initiator_id = row.initiator_id;
    job.type = to_sdk<sdk::ProvisionerJobType>(row.type);
    job.logs_overflowed = row.logs_overflowed;
    auto input = JobInput::from_json(row.input);
    if (input) {
        job.input.template_version_id = input->template_version_id;
        job.input.workspace_build_id = input->workspace_build_id;
    } else {
        job.input.error = input.error().message();
    }
    return job;
}

sdk::ProvisionerJobLog log_to_sdk(const db::ProvisionerJobLog& row) {
    sdk::ProvisionerJobLog log;
    log.id = row.id;
    log.created_at = row.created_at;
    log.log_source = to_sdk<sdk::LogSource>(row.source);
    log.log_level = to_sdk<sdk::LogLevel>(row.level);
    log.stage = row.stage;
    log.output = row.output;
    return log;
}

bool is_over(db::ProvisionerJobStatus status) {
    return status == db::ProvisionerJobStatus::succeeded || status == db::ProvisionerJobStatus::failed ||
           status == db::ProvisionerJobStatus::canceled;
}

}  // namespace berth::coderd

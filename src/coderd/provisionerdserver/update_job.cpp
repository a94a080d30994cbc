#include "coderd/provisionerdserver/update_job.h"

#include "base/text.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/jobs.h"

namespace berth::coderd {
namespace {

constexpr std::size_t max_readme = 1 << 20;
constexpr std::size_t max_stage = 256;
/// What a line counts beside its text: lines without any must not fill the table for nothing.
constexpr std::int64_t line_cost = 16;

struct Outcome {
    provisionerd::UpdateJobResponse response;
    /// Names of variables that have to be given.
    std::vector<std::string> missing;
};

db::LogLevel to_row(provisioner::LogLevel level) {
    switch (level) {
        case provisioner::TRACE:
            return db::LogLevel::trace;
        case provisioner::DEBUG:
            return db::LogLevel::debug;
        case provisioner::WARN:
            return db::LogLevel::warn;
        case provisioner::ERROR:
            return db::LogLevel::error;
        default:
            return db::LogLevel::info;
    }
}

/// A daemon's clock may be anything; a time before 2000 or far ahead is replaced by ours.
base::Time log_time(std::int64_t milliseconds, base::Time now) {
    constexpr std::int64_t year_2000 = 946'684'800'000;
    auto latest =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() + 86'400'000;
    if (milliseconds < year_2000 || milliseconds > latest) return now;
    return base::Time(std::chrono::milliseconds(milliseconds));
}

/// The lines that still fit, then one that says that the rest was dropped.
struct LogBatch {
    db::InsertProvisionerJobLogsParams rows;
    std::int32_t bytes = 0;
    bool overflowed = false;

    void add(base::Time time, db::LogSource source, db::LogLevel level, std::string stage,
             std::string output) {
        rows.created_at.push_back(time);
        rows.source.push_back(source);
        rows.level.push_back(level);
        rows.stage.push_back(std::move(stage));
        rows.output.push_back(std::move(output));
    }
};

LogBatch make_batch(const provisionerd::UpdateJobRequest& request, const db::ProvisionerJobTable& job,
                    base::Time now) {
    LogBatch batch;
    batch.rows.job_id = job.id;
    for (const auto& log : request.logs()) {
        auto output = base::to_valid_utf8(log.output());
        auto stage = base::to_valid_utf8(std::string_view(log.stage()).substr(0, max_stage));
        auto length = static_cast<std::int64_t>(output.size()) + line_cost;
        if (job.logs_length + batch.bytes + length > max_job_logs) {
            batch.overflowed = true;
            batch.add(now, db::LogSource::provisioner_daemon, db::LogLevel::warn, std::move(stage),
                      "The log is longer than 1 MiB: what follows is not kept. The job itself goes on.");
            break;
        }
        batch.bytes += static_cast<std::int32_t>(length);
        auto source = log.source() == provisionerd::PROVISIONER ? db::LogSource::provisioner
                                                                : db::LogSource::provisioner_daemon;
        batch.add(log_time(log.created_at(), now), source, to_row(log.level()), std::move(stage),
                  std::move(output));
    }
    return batch;
}

asio::awaitable<Result<void>> store_logs(db::Transaction& tx, const provisionerd::UpdateJobRequest& request,
                                         const db::ProvisionerJobTable& job, base::Time now) {
    if (request.logs().empty() || job.logs_overflowed) co_return Result<void>();
    auto batch = make_batch(request, job, now);
    auto inserted = co_await tx.insert_provisioner_job_logs(provisionerd_actor(), batch.rows);
    if (!inserted) co_return inserted.error();
    auto counted = co_await tx.update_provisioner_job_logs_length(provisionerd_actor(), batch.bytes, job.id);
    if (!counted) co_return counted.error();
    if (batch.overflowed) {
        auto marked = co_await tx.update_provisioner_job_logs_overflowed(provisionerd_actor(), job.id);
        if (!marked) co_return marked.error();
    }
    auto notified = co_await tx.notify(job_channel(job.id), "");
    co_return notified;
}

struct KnownValue {
    std::string value;
    /// By somebody, not by the template's own files.
    bool given = false;
};
using KnownValues = std::map<std::string, KnownValue>;

/// Not what the version's own files said.
KnownValues given_of(const std::vector<db::TemplateVersionVariable>& version) {
    KnownValues given;
    for (const auto& row : version) {
        // Of versions that are older than the column only this is known.
        bool differs = row.required || row.value != row.default_value;
        if (row.given.value_or(differs)) given[row.name] = {row.value, true};
    }
    return given;
}

/// What people gave with the job, then what the template's own files say (the daemon read them).
KnownValues told_values(const provisionerd::UpdateJobRequest& request, const JobInput& input) {
    KnownValues told;
    for (const auto& [name, value] : input.user_variable_values)
        told.emplace(name, KnownValue{value, true});
    for (const auto& variable : request.user_variable_values())
        told.emplace(variable.name(), KnownValue{variable.value(), false});
    return told;
}

/// Values of variables by what wins: what is told with the job, then what was given for the active version.
asio::awaitable<Result<KnownValues>> known_values(db::Transaction& tx,
                                                  const provisionerd::UpdateJobRequest& request,
                                                  const JobInput& input, std::optional<Uuid> template_id) {
    auto values = told_values(request, input);
    if (!template_id) co_return values;
    auto of = co_await tx.get_template_by_id(provisionerd_actor(), *template_id);
    if (!of) co_return of.error();
    auto rows = co_await tx.get_template_version_variables(provisionerd_actor(), of->active_version_id);
    if (!rows) co_return rows.error();
    values.merge(given_of(*rows));
    co_return values;
}

void add_variable(const provisioner::TemplateVariable& variable, const KnownValues& known,
                  db::InsertTemplateVersionVariablesParams& rows, Outcome& outcome) {
    auto found = known.find(variable.name());
    bool is_known = found != known.end();
    bool given = is_known && found->second.given;
    const auto& value = is_known ? found->second.value : variable.default_value();
    if (variable.required() && !is_known) outcome.missing.push_back(variable.name());
    rows.names.push_back(base::to_valid_utf8(variable.name()));
    rows.descriptions.push_back(base::to_valid_utf8(variable.description()));
    rows.types.push_back(base::to_valid_utf8(variable.type()));
    rows.values.push_back(base::to_valid_utf8(value));
    rows.default_values.push_back(base::to_valid_utf8(variable.default_value()));
    rows.required.push_back(variable.required());
    rows.sensitive.push_back(variable.sensitive());
    rows.given.push_back(given);
    auto* answer = outcome.response.add_variable_values();
    answer->set_name(variable.name());
    answer->set_value(value);
    answer->set_sensitive(variable.sensitive());
    answer->set_given(given);
}

asio::awaitable<Result<void>> store_variables(db::Transaction& tx,
                                              const provisionerd::UpdateJobRequest& request,
                                              const JobInput& input, const db::TemplateVersion& version,
                                              Outcome& outcome) {
    if (request.template_variables().empty()) co_return Result<void>();
    auto known = co_await known_values(tx, request, input, version.template_id);
    if (!known) co_return known.error();
    db::InsertTemplateVersionVariablesParams rows;
    rows.template_version_id = version.id;
    for (const auto& variable : request.template_variables())
        add_variable(variable, *known, rows, outcome);
    auto stored = co_await tx.insert_template_version_variables(provisionerd_actor(), rows);
    co_return stored;
}

asio::awaitable<Result<void>> store_tags(db::Transaction& tx, const provisionerd::UpdateJobRequest& request,
                                         Uuid version_id) {
    if (request.workspace_tags().empty()) co_return Result<void>();
    std::vector<std::string> keys;
    std::vector<std::string> values;
    for (const auto& [key, value] : request.workspace_tags()) {
        keys.push_back(base::to_valid_utf8(key));
        values.push_back(base::to_valid_utf8(value));
    }
    auto stored =
        co_await tx.insert_template_version_workspace_tags(provisionerd_actor(), version_id, keys, values);
    co_return stored;
}

asio::awaitable<Result<void>> store_import(db::Transaction& tx, const provisionerd::UpdateJobRequest& request,
                                           const db::ProvisionerJobTable& job, base::Time now,
                                           Outcome& outcome) {
    bool anything = !request.template_variables().empty() || !request.workspace_tags().empty() ||
                    !request.readme().empty();
    if (!anything) co_return Result<void>();
    if (job.type != db::ProvisionerJobType::template_version_import)
        co_return invalid_argument("only a template import has variables, tags and a readme");
    auto input = JobInput::from_json(job.input);
    if (!input) co_return input.error();
    auto version = co_await tx.get_template_version_by_job_id(provisionerd_actor(), job.id);
    if (!version) co_return version.error();
    auto variables = co_await store_variables(tx, request, *input, *version, outcome);
    if (!variables) co_return variables.error();
    auto tags = co_await store_tags(tx, request, version->id);
    if (!tags) co_return tags.error();
    if (request.readme().empty()) co_return Result<void>();
    auto readme = base::to_valid_utf8(std::string_view(request.readme()).substr(0, max_readme));
    auto stored = co_await tx.update_template_version_readme(provisionerd_actor(), readme, now, job.id);
    co_return stored;
}

asio::awaitable<Result<Outcome>> update_in(db::Transaction& tx, const provisionerd::UpdateJobRequest& request,
                                           const Uuid& job_id, const Daemon& daemon, base::Time now) {
    auto job = co_await lock_held_job(tx, job_id, daemon);
    if (!job) co_return job.error();
    Outcome outcome;
    outcome.response.set_canceled(job->canceled_at.has_value());
    auto alive = co_await tx.heartbeat_provisioner_job(provisionerd_actor(), now, job_id, daemon.id);
    if (!alive) co_return alive.error();
    auto logs = co_await store_logs(tx, request, *job, now);
    if (!logs) co_return logs.error();
    auto import = co_await store_import(tx, request, *job, now, outcome);
    if (!import) co_return import.error();
    co_return outcome;
}

}  // namespace

asio::awaitable<Result<provisionerd::UpdateJobResponse>> update_job(Context& context, const Daemon& daemon,
                                                                    provisionerd::UpdateJobRequest request) {
    auto job_id = message_uuid(request.job_id(), "job id");
    if (!job_id) co_return job_id.error();
    auto outcome = co_await context.store.transaction({}, update_in, std::cref(request), std::cref(*job_id),
                                                      std::cref(daemon), context.clock.now());
    if (!outcome) co_return outcome.error();
    // Stored all the same, so that people can be asked for them.
    if (!outcome->missing.empty())
        co_return Error(ErrorCode::failed_precondition,
                        "required template variables need values: " + base::join(outcome->missing, ", "));
    co_return std::move(outcome->response);
}

}  // namespace berth::coderd

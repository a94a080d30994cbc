#include "coderd/provisionerdserver/finish_job.h"

#include "base/text.h"
#include "coderd/provisionerdserver/insert_resources.h"
#include "coderd/provisionerdserver/resource_rules.h"

namespace berth::coderd {
namespace {

constexpr std::size_t max_error = 64 << 10;

struct Failure {
    std::string error;
    std::string error_code;
    /// Builds: what is to be kept; nothing to keep the state of the build before.
    const std::string* state = nullptr;
    const google::protobuf::RepeatedPtrField<provisioner::Timing>* timings = nullptr;
};

asio::awaitable<Result<void>> finish(db::Transaction& tx, const db::ProvisionerJobTable& job,
                                     std::string error, std::string error_code, base::Time now) {
    db::CompleteProvisionerJobParams done;
    done.completed_at = now;
    done.error = std::move(error);
    done.error_code = std::move(error_code);
    done.id = job.id;
    auto changed = co_await tx.complete_provisioner_job(provisionerd_actor(), done);
    if (!changed) co_return changed.error();
    if (*changed == 0) co_return Error(ErrorCode::failed_precondition, "the job is already completed");
    co_return Result<void>();
}

asio::awaitable<Result<void>> keep_state(db::Transaction& tx, const db::WorkspaceBuild& build,
                                         const std::string* state) {
    if (state != nullptr && !state->empty()) {
        auto stored = co_await tx.upsert_workspace_build_state(provisionerd_actor(), build.id, *state);
        co_return stored;
    }
    auto copied = co_await tx.copy_workspace_build_state(provisionerd_actor(), build.id);
    if (!copied) co_return copied.error();
    co_return Result<void>();
}

/// For a daemon that was away for so long that its build was failed meanwhile: what terraform did until then
/// is the truth about the workspace, unless another build began since. `refusal` is what it hears otherwise.
asio::awaitable<Result<void>> keep_late_state(db::Transaction& tx, const Failure& failure, const Uuid& job_id,
                                              const Daemon& daemon, const Error& refusal) {
    if (failure.state == nullptr || failure.state->empty()) co_return refusal;
    auto job = co_await tx.lock_provisioner_job_by_id(provisionerd_actor(), job_id);
    if (!job) co_return job.error();
    bool given_up = job->job_status == db::ProvisionerJobStatus::failed ||
                    job->job_status == db::ProvisionerJobStatus::canceled;
    if (job->worker_id != daemon.id || !given_up) co_return refusal;
    auto build = co_await build_of_job(tx, *job);
    if (!build) co_return build.error();
    if (!*build) co_return refusal;
    auto locked = co_await tx.lock_workspace_by_id(provisionerd_actor(), (*build)->workspace_id);
    if (!locked) co_return locked.error();
    auto later = co_await tx.get_workspace_build_by_number(provisionerd_actor(), (*build)->workspace_id,
                                                           (*build)->build_number + 1);
    if (later) co_return refusal;
    if (later.error().code() != ErrorCode::not_found) co_return later.error();
    auto kept = co_await keep_state(tx, **build, failure.state);
    co_return kept;
}

asio::awaitable<Result<void>> fail_in(db::Transaction& tx, const Failure& failure, const Uuid& job_id,
                                      const Daemon& daemon, base::Time now) {
    auto job = co_await lock_held_job(tx, job_id, daemon);
    if (!job && job.error().code() == ErrorCode::failed_precondition) {
        auto kept = co_await keep_late_state(tx, failure, job_id, daemon, job.error());
        co_return kept;
    }
    if (!job) co_return job.error();
    auto build = co_await build_of_job(tx, *job);
    if (!build) co_return build.error();
    if (*build) {
        auto kept = co_await keep_state(tx, **build, failure.state);
        if (!kept) co_return kept.error();
    }
    if (failure.timings != nullptr) {
        auto timed = co_await insert_timings(tx, job_id, *failure.timings);
        if (!timed) co_return timed.error();
    }
    // A job that people canceled did not fail.
    Failure told = job->canceled_at ? Failure() : failure;
    auto finished = co_await finish(tx, *job, told.error, told.error_code, now);
    if (!finished) co_return finished.error();
    auto notified = co_await notify_job(tx, job_id, *build);
    co_return notified;
}

bool fits(db::ProvisionerJobType type, provisionerd::CompletedJob::TypeCase arm) {
    switch (type) {
        case db::ProvisionerJobType::workspace_build:
            return arm == provisionerd::CompletedJob::kWorkspaceBuild;
        case db::ProvisionerJobType::template_version_import:
            return arm == provisionerd::CompletedJob::kTemplateImport;
        case db::ProvisionerJobType::template_version_dry_run:
            return arm == provisionerd::CompletedJob::kTemplateDryRun;
        case db::ProvisionerJobType::unrecognized:
            break;
    }
    return false;
}

asio::awaitable<Result<void>> complete_dry_run_in(db::Transaction& tx,
                                                  const provisionerd::CompletedJob_TemplateDryRun& message,
                                                  const db::ProvisionerJobTable& job, base::Time now) {
    auto stored =
        co_await insert_resources(tx, job.id, db::WorkspaceTransition::start, message.resources(), now);
    if (!stored) co_return stored.error();
    auto modules =
        co_await insert_modules(tx, job.id, db::WorkspaceTransition::start, message.modules(), now);
    co_return modules;
}

asio::awaitable<Result<void>> store_result(db::Transaction& tx, const provisionerd::CompletedJob& message,
                                           const db::ProvisionerJobTable& job,
                                           const std::optional<db::WorkspaceBuild>& build,
                                           const Daemon& daemon, base::Time now) {
    Result<void> stored;
    if (build) {
        stored = co_await complete_build_in(tx, message.workspace_build(), *build, now);
    } else if (message.has_template_import()) {
        stored = co_await complete_import_in(tx, message.template_import(), job, daemon, now);
    } else {
        stored = co_await complete_dry_run_in(tx, message.template_dry_run(), job, now);
    }
    co_return stored;
}

asio::awaitable<Result<void>> complete_in(db::Transaction& tx, const provisionerd::CompletedJob& message,
                                          const Uuid& job_id, const Daemon& daemon, base::Time now) {
    auto job = co_await lock_held_job(tx, job_id, daemon);
    if (!job) co_return job.error();
    if (!fits(job->type, message.type_case()))
        co_return invalid_argument("the result does not fit the job, which is a " +
                                   std::string(to_string(job->type)));
    auto build = co_await build_of_job(tx, *job);
    if (!build) co_return build.error();
    auto stored = co_await store_result(tx, message, *job, *build, daemon, now);
    if (!stored) co_return stored.error();
    // What a canceled job had already done counts: terraform finished before it heard of it.
    auto finished = co_await finish(tx, *job, "", "", now);
    if (!finished) co_return finished.error();
    auto notified = co_await notify_job(tx, job_id, *build);
    co_return notified;
}

Result<void> check_message(const provisionerd::CompletedJob& message) {
    switch (message.type_case()) {
        case provisionerd::CompletedJob::kWorkspaceBuild:
            return check_resources(message.workspace_build().resources());
        case provisionerd::CompletedJob::kTemplateDryRun:
            return check_resources(message.template_dry_run().resources());
        case provisionerd::CompletedJob::kTemplateImport: {
            auto start = check_resources(message.template_import().start_resources());
            if (!start) return start;
            auto stop = check_resources(message.template_import().stop_resources());
            if (!stop) return stop;
            auto parameters = parameters_json(message.template_import().rich_parameters());
            if (!parameters) return parameters.error();
            return {};
        }
        case provisionerd::CompletedJob::TYPE_NOT_SET:
            break;
    }
    return invalid_argument("the message has no result");
}

/// Not the connection's or the database's fault but the template's: another try would end the same way.
bool is_final(const Error& error) {
    return error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::conflict ||
           error.code() == ErrorCode::too_large;
}

}  // namespace

asio::awaitable<Result<void>> insert_timings(
    db::Transaction& tx, Uuid job_id,
    const google::protobuf::RepeatedPtrField<provisioner::Timing>& timings) {
    db::InsertProvisionerJobTimingsParams rows;
    rows.job_id = job_id;
    auto time = [](const google::protobuf::Timestamp& stamp) {
        return base::Time(std::chrono::seconds(stamp.seconds()) +
                          std::chrono::microseconds(stamp.nanos() / 1000));
    };
    constexpr std::int64_t latest = 32'503'680'000;  // year 3000, beyond which PostgreSQL may refuse
    for (const auto& timing : timings) {
        auto stage = db::parse_provisioner_job_timing_stage(timing.stage());
        bool sane = timing.has_start() && timing.has_end() && timing.start().seconds() >= 0 &&
                    timing.end().seconds() >= 0 && timing.start().seconds() < latest &&
                    timing.end().seconds() < latest;
        if (!stage || !sane) continue;
        rows.started_at.push_back(time(timing.start()));
        rows.ended_at.push_back(time(timing.end()));
        rows.stage.push_back(*stage);
        rows.source.push_back(base::to_valid_utf8(timing.source()));
        rows.action.push_back(base::to_valid_utf8(timing.action()));
        rows.resource.push_back(base::to_valid_utf8(timing.resource()));
    }
    if (rows.started_at.empty()) co_return Result<void>();
    auto stored = co_await tx.insert_provisioner_job_timings(provisionerd_actor(), rows);
    co_return stored;
}

asio::awaitable<Result<void>> fail_job(Context& context, const Daemon& daemon,
                                       provisionerd::FailedJob message) {
    auto job_id = message_uuid(message.job_id(), "job id");
    if (!job_id) co_return job_id.error();
    Failure failure;
    failure.error = base::to_valid_utf8(std::string_view(message.error()).substr(0, max_error));
    if (failure.error.empty()) failure.error = "the provisioner gave no reason";
    failure.error_code = base::to_valid_utf8(message.error_code());
    if (message.has_workspace_build()) {
        failure.state = &message.workspace_build().state();
        failure.timings = &message.workspace_build().timings();
    }
    auto failed = co_await context.store.transaction({}, fail_in, std::cref(failure), std::cref(*job_id),
                                                     std::cref(daemon), context.clock.now());
    co_return failed;
}

asio::awaitable<Result<void>> complete_job(Context& context, const Daemon& daemon,
                                           provisionerd::CompletedJob message) {
    auto job_id = message_uuid(message.job_id(), "job id");
    if (!job_id) co_return job_id.error();
    if (message.type_case() == provisionerd::CompletedJob::TYPE_NOT_SET)
        co_return invalid_argument("the message has no result");
    auto done = check_message(message);
    bool bad_template = !done.ok();
    if (done) {
        done = co_await context.store.transaction({}, complete_in, std::cref(message), std::cref(*job_id),
                                                  std::cref(daemon), context.clock.now());
        bad_template = !done.ok() && is_final(done.error());
    }
    if (!bad_template) co_return done;

    Failure failure;
    failure.error = done.error().message();
    if (message.has_workspace_build()) {
        failure.state = &message.workspace_build().state();
        failure.timings = &message.workspace_build().timings();
    }
    auto failed = co_await context.store.transaction({}, fail_in, std::cref(failure), std::cref(*job_id),
                                                     std::cref(daemon), context.clock.now());
    if (!failed) co_return failed.error();
    co_return done;
}

}  // namespace berth::coderd

#include "provisionerd/runner.h"

#include <utility>

#include "net/drpc/client.h"
#include "net/stream.h"
#include "rpc/provisioner.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {

namespace job = ::provisionerd;
namespace pv = ::provisioner;

namespace {

/// A job whose server is lost need not be waited for by anybody: only its state matters.
constexpr base::Duration lost_patience = std::chrono::minutes(2);
/// For the answer of a provisioner whose terraform was killed.
constexpr base::Duration kill_patience = std::chrono::seconds(10);

const char* apply_stage(pv::WorkspaceTransition transition) {
    switch (transition) {
        case pv::STOP:
            return "Stopping workspace";
        case pv::DESTROY:
            return "Destroying workspace";
        default:
            return "Starting workspace";
    }
}

asio::awaitable<void> hand_over(JobUpdates* updates, pv::LogLevel level, std::string stage,
                                std::string output) {
    updates->add_foreign(level, std::move(stage), std::move(output));
    // A provisioner that talks faster than the server listens waits here.
    if (!updates->full()) co_return;
    auto flushed = co_await updates->flush();
    (void)flushed;  // remembered as updates->lost()
}

}  // namespace

Runner::Runner(asio::any_io_executor executor, Link& link, drpc::Server* provisioner, const Options& options,
               Undelivered& undelivered, job::AcquiredJob acquired, base::Logger log)
    : executor_(executor),
      link_(link),
      provisioner_(provisioner),
      options_(options),
      undelivered_(undelivered),
      job_(std::move(acquired)),
      log_(log.with(field("job_id", job_.job_id()))),
      updates_(executor, link, options, job_.job_id(), log_) {}

asio::awaitable<void> Runner::run() {
    log_.info("job started", field("provisioner", job_.provisioner()), field("user", job_.user_name()));
    co_await net::TaskGroup::scope(log_, run_parts, this);
}

void Runner::stop(Shutdown how) {
    stopping_ |= how >= Shutdown::cancel_job;
    killing_ |= how >= Shutdown::kill_job;
    updates_.changed.notify();
}

asio::awaitable<void> Runner::run_parts(net::TaskGroup& group, Runner* self) {
    group.spawn("job updates", self->updates_.run());
    auto result = co_await run_session(group, self);
    // An update under way must not be cut off with the children, or its lines would be lost or sent twice.
    auto flushed = co_await self->updates_.flush();
    (void)flushed;  // remembered as updates_.lost()
    // The provisioner's session ends with the children, and its folder with it. Until the server has the
    // state, that is where it is found when this daemon is killed.
    if (result)
        co_await self->complete(std::move(*result));
    else
        co_await self->fail(self->with_reason(result.error()));
}

Error Runner::with_reason(const Error& error) const {
    bool ours = stopping_ && !updates_.cancelled() && !updates_.lost();
    return ours ? error.wrap("the provisioner daemon shuts down") : error;
}

asio::awaitable<Result<job::CompletedJob>> Runner::run_session(net::TaskGroup& group, Runner* self) {
    if (!self->provisioner_)
        co_return Error(ErrorCode::failed_precondition,
                        "this daemon has no provisioner '" + self->job_.provisioner() + "'");
    auto ends = net::connected_pair(self->executor_, self->executor_);
    group.spawn("provisioner", self->provisioner_->serve(std::move(ends.second)));
    auto client =
        drpc::Client::once(std::move(ends.first), *self->options_.clock, rpc::provisionerd::max_message);
    auto stream = co_await client.open(rpc::provisioner::session);
    if (!stream) co_return stream.error();
    self->session_.emplace(std::move(*stream),
                           [self](pv::Log line) { return self->write_log(std::move(line)); });
    group.spawn("job cancel", self->watch_cancel());
    group.spawn("job kill", self->watch_kill());
    auto result = co_await self->work();
    co_return result;
}

asio::awaitable<void> Runner::write_log(pv::Log line) {
    return hand_over(&updates_, line.level(), stage_, std::move(*line.mutable_output()));
}

void Runner::start_stage(std::string stage) {
    stage_ = std::move(stage);
    updates_.add(pv::INFO, stage_, "");
}

void Runner::take_timings(const google::protobuf::RepeatedPtrField<pv::Timing>& timings) {
    timings_.MergeFrom(timings);
}

std::optional<Error> Runner::must_stop() const {
    if (updates_.lost()) return updates_.lost()->wrap("the server gave up the job");
    if (updates_.cancelled()) return cancelled("the job was cancelled");
    if (stopping_) return cancelled("the job was cancelled");
    return {};
}

/// Asks first, and kills when that does not help. So even when the server is lost: what terraform did so far
/// must get into its state.
asio::awaitable<void> Runner::watch_cancel() {
    while (!must_stop())
        co_await updates_.changed.wait();
    updates_.add(pv::INFO, stage_, "The job is being cancelled.");
    co_await send_cancel();
    auto patience = options_.force_cancel_interval;
    if (updates_.lost()) patience = std::min<base::Duration>(patience, lost_patience);
    co_await options_.clock->sleep(patience);
    updates_.add(pv::WARN, stage_, "The job did not stop in time.");
    killing_ = true;
    updates_.changed.notify();
}

/// Asks once more, which kills terraform, because the answer brings what it saved so far.
asio::awaitable<void> Runner::watch_kill() {
    while (!killing_)
        co_await updates_.changed.wait();
    updates_.add(pv::WARN, stage_, "The job is being killed.");
    co_await send_cancel();
    co_await options_.clock->sleep(kill_patience);
    session_->kill();
}

asio::awaitable<void> Runner::send_cancel() {
    pv::Request request;
    request.mutable_cancel();
    auto sent = co_await session_->send(std::move(request));
    if (!sent) log_.warn("the provisioner does not take the cancellation", field("error", sent.error()));
}

asio::awaitable<Result<job::CompletedJob>> Runner::work() {
    start_stage("Setting up");
    pv::Request config;
    config.mutable_config()->set_provisioner_log_level(job_.workspace_build().log_level());
    config.mutable_config()->set_job_id(job_.job_id());
    auto configured = co_await session_->send(std::move(config));
    if (!configured) co_return configured.error();

    Result<Completed> done = internal_error("the job is of unknown kind");
    switch (job_.type_case()) {
        case job::AcquiredJob::kTemplateImport: {
            auto imported = co_await import_template();
            done = std::move(imported);
            break;
        }
        case job::AcquiredJob::kWorkspaceBuild: {
            auto built = co_await build_workspace();
            done = std::move(built);
            break;
        }
        case job::AcquiredJob::kTemplateDryRun: {
            auto planned = co_await dry_run();
            done = std::move(planned);
            break;
        }
        default:
            break;
    }
    start_stage("Cleaning Up");
    co_return done;
}

asio::awaitable<Result<job::CompletedJob>> Runner::import_template() {
    auto initialized = co_await init(true);
    if (!initialized) co_return initialized.error();
    auto parsed = co_await parse();
    if (!parsed) co_return parsed.error();

    Completed completed;
    auto* result = completed.mutable_template_import();
    for (auto transition : {pv::START, pv::STOP}) {
        bool starting = transition == pv::START;
        pv::PlanRequest request;
        *request.mutable_metadata() = job_.template_import().metadata();
        request.mutable_metadata()->set_workspace_transition(transition);
        *request.mutable_variable_values() = parsed->variable_values();
        pv::Metadata metadata = request.metadata();
        std::string stage = starting ? "Detecting persistent resources" : "Detecting ephemeral resources";
        auto planned = co_await plan(std::move(stage), std::move(request));
        if (!planned) co_return planned.error();
        auto described = co_await graph(std::move(metadata), pv::SOURCE_PLAN);
        if (!described) co_return described.error();
        if (!starting) {
            *result->mutable_stop_resources() = described->resources();
            continue;
        }
        *result->mutable_start_resources() = described->resources();
        *result->mutable_rich_parameters() = described->parameters();
        *result->mutable_external_auth_providers() = described->external_auth_providers();
        for (const auto& provider : described->external_auth_providers())
            result->add_external_auth_providers_names(provider.id());
        *result->mutable_presets() = described->presets();
        result->set_has_ai_tasks(described->has_ai_tasks());
        result->set_has_external_agents(described->has_external_agents());
        result->set_plan(std::move(*planned->mutable_plan()));
    }
    *result->mutable_start_modules() = modules_;
    result->set_static_parameters(static_parameters_);
    if (!module_files_.empty()) {
        auto hash = co_await upload_modules(std::move(module_files_));
        if (!hash) co_return hash.error();
        result->set_module_files_hash(std::move(*hash));
    }
    co_return completed;
}

asio::awaitable<Result<job::CompletedJob>> Runner::build_workspace() {
    const auto& build = job_.workspace_build();
    auto initialized = co_await init(false);
    if (!initialized) co_return initialized.error();

    pv::PlanRequest request;
    *request.mutable_metadata() = build.metadata();
    *request.mutable_rich_parameter_values() = build.rich_parameter_values();
    *request.mutable_previous_parameter_values() = build.previous_parameter_values();
    *request.mutable_variable_values() = build.variable_values();
    *request.mutable_external_auth_providers() = build.external_auth_providers();
    *request.mutable_user_secrets() = build.user_secrets();
    request.set_state(build.state());
    auto planned = co_await plan("Planning infrastructure", std::move(request));
    if (!planned) co_return planned.error();
    if (planned->ai_task_count() > 1)
        co_return Error(ErrorCode::failed_precondition,
                        "a template may have only one coder_ai_task resource");
    if (planned->dailycost() > 0) {
        auto committed = co_await commit_quota(planned->dailycost());
        if (!committed) co_return committed.error();
    }
    auto applied = co_await apply(apply_stage(build.metadata().workspace_transition()), build.metadata());
    if (!applied) co_return applied.error();
    auto described = co_await graph(build.metadata(), pv::SOURCE_STATE);
    if (!described) co_return described.error();

    Completed completed;
    auto* result = completed.mutable_workspace_build();
    result->set_state(state_);
    *result->mutable_resources() = described->resources();
    *result->mutable_timings() = timings_;
    *result->mutable_modules() = modules_;
    *result->mutable_resource_replacements() = planned->resource_replacements();
    *result->mutable_ai_tasks() = described->ai_tasks();
    co_return completed;
}

asio::awaitable<Result<job::CompletedJob>> Runner::dry_run() {
    const auto& run = job_.template_dry_run();
    auto initialized = co_await init(false);
    if (!initialized) co_return initialized.error();
    pv::PlanRequest request;
    *request.mutable_metadata() = run.metadata();
    *request.mutable_rich_parameter_values() = run.rich_parameter_values();
    *request.mutable_variable_values() = run.variable_values();
    auto planned = co_await plan("Planning infrastructure", std::move(request));
    if (!planned) co_return planned.error();
    auto described = co_await graph(run.metadata(), pv::SOURCE_PLAN);
    if (!described) co_return described.error();
    Completed completed;
    *completed.mutable_template_dry_run()->mutable_resources() = described->resources();
    *completed.mutable_template_dry_run()->mutable_modules() = modules_;
    co_return completed;
}

// ---- the end of a job ----

asio::awaitable<void> Runner::complete(Completed completed) {
    completed.set_job_id(job_.job_id());
    if (completed.ByteSizeLong() > drpc::max_message && !completed.template_import().plan().empty()) {
        log_.warn("the plan is too large to be kept",
                  field("bytes", completed.template_import().plan().size()));
        completed.mutable_template_import()->clear_plan();
    }
    if (completed.ByteSizeLong() > rpc::provisionerd::max_message) {
        co_await fail(Error(ErrorCode::too_large, "the job's result is too large"));
        co_return;
    }
    auto flushed = co_await updates_.flush();
    if (!flushed) {
        keep(failed_job(flushed.error().wrap("the job was done, but the server could not be told")));
        co_return;
    }
    auto request = std::make_shared<const Completed>(std::move(completed));
    auto received = co_await link_.call(rpc::provisionerd::complete_job, std::move(request));
    if (received) {
        log_.info("job completed");
        co_return;
    }
    log_.error("the server does not take the job's result", field("error", received.error()));
    if (Link::may_pass(received.error())) {
        keep(failed_job(received.error().wrap("the job was done, but the server could not be told")));
        co_return;
    }
    co_await fail(received.error().wrap("the server refused the result"));
}

job::FailedJob Runner::failed_job(const Error& error) const {
    bool asked_for = updates_.cancelled() && error.code() != ErrorCode::too_large;
    job::FailedJob failed;
    failed.set_job_id(job_.job_id());
    // The server shows a job that failed without an error, and was to be cancelled, as cancelled.
    if (!asked_for) failed.set_error(valid_utf8(error.message()));
    failed.set_error_code(error_code_);
    if (job_.has_workspace_build()) {
        // What apply left, even halfway; before apply, what there was.
        failed.mutable_workspace_build()->set_state(state_.empty() ? job_.workspace_build().state() : state_);
        *failed.mutable_workspace_build()->mutable_timings() = timings_;
    } else if (job_.has_template_import()) {
        failed.mutable_template_import();
    } else if (job_.has_template_dry_run()) {
        failed.mutable_template_dry_run();
    }
    return failed;
}

void Runner::keep(const job::FailedJob& failed) {
    if (failed.workspace_build().state().empty()) return;
    auto kept = undelivered_.keep(failed);
    if (!kept) log_.error("the state of a job is lost", field("error", kept.error()));
    link_.changed.notify();
}

asio::awaitable<void> Runner::fail(Error error) {
    auto failed = failed_job(error);
    log_.warn("job failed", field("cancelled", failed.error().empty()), field("error", error));
    auto flushed = co_await updates_.flush();
    if (!flushed) {
        keep(failed);
        co_return;
    }
    auto told = co_await tell_failure(failed);
    if (told) co_return;
    log_.error("the server does not take the job's failure", field("error", told.error()));
    if (told.error().code() != ErrorCode::too_large) {
        keep(failed);
        co_return;
    }
    // The job must end; its state waits here for somebody who brings it.
    auto kept = undelivered_.keep(failed);
    if (kept) undelivered_.give_up(failed, told.error());
    failed.set_error(valid_utf8(error.message() + "; the workspace's state is too large for a message: " +
                                "it is kept on the provisioner's machine, see its log"));
    failed.mutable_workspace_build()->clear_state();
    auto ended = co_await tell_failure(failed);
    if (!ended) log_.error("the server was not told that the job failed", field("error", ended.error()));
}

asio::awaitable<Result<void>> Runner::tell_failure(const job::FailedJob& failed) {
    if (failed.ByteSizeLong() > rpc::provisionerd::max_message)
        co_return Error(ErrorCode::too_large, "the workspace's state is too large");
    auto request = std::make_shared<const job::FailedJob>(failed);
    auto received = co_await link_.call(rpc::provisionerd::fail_job, std::move(request));
    if (!received) co_return received.error();
    co_return Result<void>();
}

}  // namespace berth::provisionerd

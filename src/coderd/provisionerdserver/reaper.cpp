#include "coderd/provisionerdserver/reaper.h"

#include "coderd/jobs/channels.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/unmatched.h"
#include "coderd/provisionerdserver/held_job.h"

namespace berth::coderd {
namespace {

const rbac::Actor& reaper_actor() { return rbac::Actor::system(rbac::SystemActor::reaper); }

std::string minutes(base::Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(duration).count()) + " minutes";
}

asio::awaitable<std::string> reason_for(db::Transaction& tx, const db::ProvisionerJobTable& job,
                                        const ServerOptions& options, base::Time now) {
    if (job.started_at)
        co_return "The job was given up: its provisioner daemon said nothing for " +
            minutes(options.job_silence) + ".";
    std::string text =
        "The job was given up: no provisioner daemon took it within " + minutes(options.job_pending);
    auto tags = tags_from_json(job.tags);
    if (!tags) co_return text + ".";
    auto why = co_await find_unmatched_reason(tx, job.organization_id, job.provisioner, *tags, now);
    if (!why) co_return text + ".";
    co_return text + (why->empty() ? ", because all were busy." : ": " + *why + ".");
}

asio::awaitable<Result<std::optional<db::WorkspaceBuild>>> keep_state(db::Transaction& tx,
                                                                      const db::ProvisionerJobTable& job) {
    if (job.type != db::ProvisionerJobType::workspace_build) co_return std::optional<db::WorkspaceBuild>();
    auto build = co_await tx.get_workspace_build_by_job_id(reaper_actor(), job.id);
    if (!build && build.error().code() == ErrorCode::not_found) co_return std::optional<db::WorkspaceBuild>();
    if (!build) co_return build.error();
    auto copied = co_await tx.copy_workspace_build_state(reaper_actor(), build->id);
    if (!copied) co_return copied.error();
    co_return std::optional<db::WorkspaceBuild>(std::move(*build));
}

asio::awaitable<Result<void>> reap_one(db::Transaction& tx, const Context& context,
                                       const db::ProvisionerJobTable& job, base::Time now) {
    auto reason = co_await reason_for(tx, job, context.options, now);
    JobLogLine given_up{db::LogLevel::error, "Reaper", reason};
    auto line = co_await add_job_log(tx, reaper_actor(), job.id, std::move(given_up), now);
    if (!line) co_return line.error();
    auto build = co_await keep_state(tx, job);
    if (!build) co_return build.error();
    db::CompleteProvisionerJobParams done;
    done.completed_at = now;
    // People had asked for its end already.
    done.error = job.canceled_at ? "" : reason;
    done.id = job.id;
    auto completed = co_await tx.complete_provisioner_job(reaper_actor(), done);
    if (!completed) co_return completed.error();
    auto notified = co_await notify_job(tx, job.id, *build);
    co_return notified;
}

/// One job at a time is locked with the rest of the batch, so that none of them can change between look and
/// end.
asio::awaitable<Result<std::size_t>> reap_in(db::Transaction& tx, const Context& context, base::Time now) {
    auto mine = co_await tx.try_lock("job_reaper");
    if (!mine) co_return mine.error();
    if (!*mine) co_return std::size_t(0);
    auto silent_since =
        now - std::chrono::duration_cast<std::chrono::microseconds>(context.options.job_silence);
    auto pending_since =
        now - std::chrono::duration_cast<std::chrono::microseconds>(context.options.job_pending);
    auto jobs =
        co_await tx.get_reapable_provisioner_jobs(reaper_actor(), silent_since, pending_since, reap_batch);
    if (!jobs) co_return jobs.error();
    for (const auto& job : *jobs) {
        auto reaped = co_await reap_one(tx, context, job, now);
        if (!reaped) co_return reaped.error();
        context.log.warn("job given up", field("job_id", job.id),
                         field("started", job.started_at.has_value()));
    }
    co_return jobs->size();
}

asio::awaitable<Result<std::size_t>> note_in(db::Transaction& tx, base::Time now) {
    auto mine = co_await tx.try_lock("job_reaper");
    if (!mine) co_return mine.error();
    if (!*mine) co_return std::size_t(0);
    auto noted = co_await note_unmatched_jobs(tx, now);
    co_return noted;
}

}  // namespace

asio::awaitable<Result<std::size_t>> note_waiting_jobs(Context& context) {
    auto noted = co_await context.store.transaction({}, note_in, context.clock.now());
    co_return noted;
}

asio::awaitable<Result<std::size_t>> reap_jobs(Context& context) {
    auto reaped = co_await context.store.transaction({}, reap_in, std::cref(context), context.clock.now());
    co_return reaped;
}

asio::awaitable<void> run_reaper(Context& context) {
    while (true) {
        co_await context.clock.sleep(context.options.reaper_interval);
        auto reaped = co_await reap_jobs(context);
        if (!reaped) context.log.warn("silent jobs were not looked for", field("error", reaped.error()));
        auto noted = co_await note_waiting_jobs(context);
        if (!noted) context.log.warn("waiting jobs were not looked at", field("error", noted.error()));
    }
}

}  // namespace berth::coderd

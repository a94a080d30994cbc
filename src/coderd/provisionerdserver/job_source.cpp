#include "coderd/provisionerdserver/job_source.h"

#include <algorithm>

#include "coderd/provisionerdserver/acquire_message.h"
#include "coderd/provisionerdserver/acquirer.h"

namespace berth::coderd {
namespace {

constexpr int release_attempts = 30;
constexpr auto release_pause = std::chrono::seconds(1);

/// Not the job's fault: it may succeed a moment later.
bool is_passing(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::deadline_exceeded ||
           error.code() == ErrorCode::cancelled;
}

asio::awaitable<Result<void>> fail_unrunnable(db::Transaction& tx, const db::ProvisionerJobTable& job,
                                              const std::string& reason, base::Time now) {
    auto build = co_await build_of_job(tx, job);
    std::optional<db::WorkspaceBuild> found;
    if (build) found = std::move(*build);
    if (found) {
        auto copied = co_await tx.copy_workspace_build_state(provisionerd_actor(), found->id);
        if (!copied) co_return copied.error();
    }
    db::CompleteProvisionerJobParams done;
    done.completed_at = now;
    done.error = reason;
    done.id = job.id;
    auto completed = co_await tx.complete_provisioner_job(provisionerd_actor(), done);
    if (!completed) co_return completed.error();
    auto notified = co_await notify_job(tx, job.id, found);
    co_return notified;
}

asio::awaitable<Result<void>> release_in(db::Transaction& tx, const Uuid& job_id, const Daemon& daemon,
                                         base::Time now) {
    auto job = co_await tx.lock_provisioner_job_by_id(provisionerd_actor(), job_id);
    if (!job) co_return job.error();
    auto released = co_await tx.release_provisioner_job(provisionerd_actor(), now, job_id, daemon.id);
    if (!released) co_return released.error();
    if (*released == 0) co_return Result<void>();
    auto tags = tags_from_json(job->tags);
    if (!tags) co_return tags.error();
    JobPosted posted{job->organization_id, std::string(to_string(job->provisioner)), std::move(*tags)};
    auto announced = co_await tx.notify(std::string(job_posted_channel), posted.to_json());
    co_return announced;
}

}  // namespace

base::Duration queue_wait(base::Time created, base::Time started) {
    return std::max<base::Duration>(started - created, std::chrono::milliseconds(1));
}

asio::awaitable<Result<void>> release_job(Context& context, const Daemon& daemon, Uuid job_id) {
    // A job that is not put back waits for the reaper; a database that is away for a moment must not cost
    // that.
    for (int attempt = 1;; ++attempt) {
        auto released = co_await context.store.transaction({}, release_in, std::cref(job_id),
                                                           std::cref(daemon), context.clock.now());
        if (released || !is_passing(released.error()) || attempt >= release_attempts) co_return released;
        co_await context.clock.sleep(release_pause);
    }
}

asio::awaitable<Result<std::optional<provisionerd::AcquiredJob>>> take_job(Context& context,
                                                                           const Daemon& daemon,
                                                                           JobLine& line) {
    while (true) {
        auto taken = co_await line.next(daemon.id);
        if (!taken) co_return taken.error();
        if (!*taken) co_return std::optional<provisionerd::AcquiredJob>();
        const auto* job = &**taken;
        auto message = co_await build_acquired_job(context, *job, daemon.max_message);
        if (message) {
            context.log.info(
                "job acquired", field("job_id", job->id), field("type", to_string(job->type)),
                field("worker", daemon.name),
                field("waited", queue_wait(job->created_at, job->started_at.value_or(job->created_at))));
            co_return std::optional<provisionerd::AcquiredJob>(std::move(*message));
        }
        if (is_passing(message.error())) {
            auto released = co_await release_job(context, daemon, job->id);
            if (!released)
                context.log.error("a job was not put back", field("job_id", job->id),
                                  field("error", released.error()));
            co_return message.error();
        }
        context.log.warn("job cannot be run", field("job_id", job->id), field("error", message.error()));
        std::string reason = message.error().message();
        db::TransactionOptions options;
        auto failed = co_await context.store.transaction(options, fail_unrunnable, std::cref(*job),
                                                         std::cref(reason), context.clock.now());
        if (!failed) co_return failed.error();
    }
}

}  // namespace berth::coderd

#include "coderd/provisionerdserver/session.h"

#include "base/text.h"
#include "coderd/jobs/matched.h"
#include "coderd/provisionerdserver/file_rpcs.h"
#include "coderd/provisionerdserver/finish_job.h"
#include "coderd/provisionerdserver/job_source.h"
#include "coderd/provisionerdserver/server.h"
#include "coderd/provisionerdserver/shielded.h"
#include "coderd/provisionerdserver/update_job.h"
#include "net/drpc/server.h"
#include "net/task_group.h"
#include "rpc/provisionerd.h"

namespace berth::coderd {
namespace {

namespace pd = ::provisionerd;

constexpr auto heartbeat_interval = std::chrono::seconds(30);
/// How long the old AcquireJob waits before it answers that there is nothing.
constexpr auto long_poll = std::chrono::seconds(5);

using AcquireStream = drpc::Duplex<pd::AcquiredJob, pd::CancelAcquire>;

class DaemonSession {
public:
    DaemonSession(Context& context, Acquirer& acquirer, JobLines& lines, Daemon daemon, DaemonOffer offer)
        : context_(context),
          acquirer_(acquirer),
          daemon_(std::move(daemon)),
          seeker_{daemon_.organization_id, std::move(offer.provisioners), std::move(offer.tags)},
          line_(lines.of(seeker_)),
          log_(context.log.named("provisionerd").with(field("daemon", daemon_.name))) {}

    void bind(drpc::Server& server);
    asio::awaitable<void> heartbeat();
    [[nodiscard]] const base::Logger& log() const { return log_; }
    [[nodiscard]] std::size_t max_message() const { return daemon_.max_message; }

    asio::awaitable<Result<pd::AcquiredJob>> acquire();
    asio::awaitable<Result<void>> acquire_with_cancel(AcquireStream stream);
    asio::awaitable<Result<pd::UpdateJobResponse>> update(pd::UpdateJobRequest request);
    asio::awaitable<Result<pd::Empty>> fail(pd::FailedJob request);
    asio::awaitable<Result<pd::Empty>> complete(pd::CompletedJob request);
    asio::awaitable<Result<pd::CommitQuotaResponse>> commit_quota(pd::CommitQuotaRequest request);
    asio::awaitable<Result<pd::Empty>> upload(drpc::Receiver<provisioner::FileUpload> pieces);
    asio::awaitable<Result<void>> download(pd::FileRequest request,
                                           drpc::Sender<provisioner::FileUpload> pieces);

private:
    /// One caller of AcquireJobWithCancel; lives in its frame.
    struct Wish {
        AcquireStream stream;
        std::unique_ptr<Acquirer::Turn> turn;
        bool cancelled = false;
        bool answered = false;
        Result<void> outcome = Result<void>();
    };
    asio::awaitable<Result<bool>> take_and_send(AcquireStream stream);
    static asio::awaitable<void> watch_cancel(Wish& wish);
    static asio::awaitable<void> seek(net::TaskGroup& group, DaemonSession& session, Wish& wish);

    Context& context_;
    Acquirer& acquirer_;
    Daemon daemon_;
    Seeker seeker_;
    std::shared_ptr<JobLine> line_;
    base::Logger log_;
};

void DaemonSession::bind(drpc::Server& server) {
    namespace rpc = berth::rpc::provisionerd;
    server.on(rpc::acquire_job, [this](pd::Empty) { return acquire(); });
    server.on(rpc::acquire_job_with_cancel,
              [this](AcquireStream stream) { return acquire_with_cancel(std::move(stream)); });
    server.on(rpc::update_job,
              [this](pd::UpdateJobRequest request) { return shielded(update(std::move(request))); });
    server.on(rpc::fail_job, [this](pd::FailedJob request) { return shielded(fail(std::move(request))); });
    server.on(rpc::complete_job,
              [this](pd::CompletedJob request) { return shielded(complete(std::move(request))); });
    server.on(rpc::commit_quota,
              [this](pd::CommitQuotaRequest request) { return commit_quota(std::move(request)); });
    server.on(rpc::upload_file,
              [this](drpc::Receiver<provisioner::FileUpload> pieces) { return upload(std::move(pieces)); });
    server.on(rpc::download_file,
              [this](pd::FileRequest request, drpc::Sender<provisioner::FileUpload> pieces) {
                  return download(std::move(request), std::move(pieces));
              });
}

asio::awaitable<void> DaemonSession::heartbeat() {
    while (true) {
        co_await context_.clock.sleep(heartbeat_interval);
        auto noted = co_await context_.store.heartbeat_provisioner_daemon(provisionerd_actor(),
                                                                          context_.clock.now(), daemon_.id);
        if (!noted) log_.warn("the heartbeat was not noted", field("error", noted.error()));
    }
}

/// True when a job was handed over. Runs shielded: between taking a job and handing it over nothing may get
/// lost.
asio::awaitable<Result<bool>> DaemonSession::take_and_send(AcquireStream stream) {
    auto job = co_await take_job(context_, daemon_, *line_);
    if (!job) co_return job.error();
    if (!*job) co_return false;
    auto sent = co_await stream.send(**job);
    if (sent) co_return true;
    log_.warn("a job could not be handed over", field("job_id", (*job)->job_id()),
              field("error", sent.error()));
    auto id = Uuid::parse((*job)->job_id());
    auto released = co_await release_job(context_, daemon_, *id);
    if (!released) log_.error("a job was not put back", field("error", released.error()));
    co_return sent.error();
}

asio::awaitable<void> DaemonSession::watch_cancel(Wish& wish) {
    // A CancelAcquire message, or the end of the caller's messages: either way nobody wants the job any more.
    auto message = co_await wish.stream.recv();
    wish.cancelled = true;
    wish.turn->interrupt();
}

asio::awaitable<void> DaemonSession::seek(net::TaskGroup& group, DaemonSession& session, Wish& wish) {
    group.spawn("cancel of acquire", watch_cancel(wish));
    while (!wish.cancelled) {
        wish.turn->begin();
        auto handed = co_await shielded(session.take_and_send(wish.stream));
        if (!handed) {
            wish.outcome = handed.error();
            co_return;
        }
        wish.answered = *handed;
        if (wish.answered) co_return;
        co_await wish.turn->wait();
    }
}

asio::awaitable<Result<void>> DaemonSession::acquire_with_cancel(AcquireStream stream) {
    auto executor = co_await asio::this_coro::executor;
    Wish wish{.stream = stream, .turn = acquirer_.join(executor, seeker_)};
    co_await net::TaskGroup::scope(log_, seek, std::ref(*this), std::ref(wish));
    if (!wish.outcome || wish.answered) co_return wish.outcome;
    // Cancelled: an empty job says that there was none.
    auto sent = co_await stream.send(pd::AcquiredJob());
    co_return sent;
}

asio::awaitable<void> end_wait_later(base::Clock& clock, Acquirer::Turn& turn) {
    co_await clock.sleep(long_poll);
    turn.interrupt();
}

asio::awaitable<void> wait_bounded(net::TaskGroup& group, base::Clock& clock, Acquirer::Turn& turn) {
    group.spawn("acquire deadline", end_wait_later(clock, turn));
    co_await turn.wait();
}

using MaybeJob = Result<std::optional<pd::AcquiredJob>>;

asio::awaitable<Result<pd::AcquiredJob>> DaemonSession::acquire() {
    auto executor = co_await asio::this_coro::executor;
    auto turn = acquirer_.join(executor, seeker_);
    for (int attempt = 0;; ++attempt) {
        turn->begin();
        auto job = co_await shielded(take_job(context_, daemon_, *line_));
        if (!job) co_return job.error();
        if (*job) co_return std::move(**job);
        if (attempt == 1) co_return pd::AcquiredJob();
        co_await net::TaskGroup::scope(log_, wait_bounded, std::ref(context_.clock), std::ref(*turn));
    }
}

asio::awaitable<Result<pd::UpdateJobResponse>> DaemonSession::update(pd::UpdateJobRequest request) {
    auto response = co_await update_job(context_, daemon_, std::move(request));
    co_return response;
}

asio::awaitable<Result<pd::Empty>> DaemonSession::fail(pd::FailedJob request) {
    auto failed = co_await fail_job(context_, daemon_, std::move(request));
    if (!failed) co_return failed.error();
    co_return pd::Empty();
}

asio::awaitable<Result<pd::Empty>> DaemonSession::complete(pd::CompletedJob request) {
    auto completed = co_await complete_job(context_, daemon_, std::move(request));
    if (!completed) co_return completed.error();
    co_return pd::Empty();
}

asio::awaitable<Result<void>> check_held(db::Transaction& tx, const Uuid& job_id, const Daemon& daemon) {
    auto job = co_await lock_held_job(tx, job_id, daemon);
    if (!job) co_return job.error();
    co_return Result<void>();
}

/// Everybody has what they need: quotas are not enforced.
asio::awaitable<Result<pd::CommitQuotaResponse>> DaemonSession::commit_quota(pd::CommitQuotaRequest request) {
    auto id = message_uuid(request.job_id(), "job id");
    if (!id) co_return id.error();
    auto held = co_await context_.store.transaction({}, check_held, std::cref(*id), std::cref(daemon_));
    if (!held) co_return held.error();
    pd::CommitQuotaResponse response;
    response.set_ok(true);
    response.set_credits_consumed(request.daily_cost());
    response.set_budget(-1);
    co_return response;
}

asio::awaitable<Result<pd::Empty>> DaemonSession::upload(drpc::Receiver<provisioner::FileUpload> pieces) {
    auto stored = co_await upload_file(context_, daemon_, std::move(pieces));
    if (!stored) co_return stored.error();
    co_return pd::Empty();
}

asio::awaitable<Result<void>> DaemonSession::download(pd::FileRequest request,
                                                      drpc::Sender<provisioner::FileUpload> pieces) {
    auto sent = co_await download_file(context_, daemon_, std::move(request), std::move(pieces));
    if (!sent) log_.warn("a file was not sent", field("error", sent.error()));
    co_return sent;
}

asio::awaitable<void> serve_in(net::TaskGroup& group, DaemonSession& session, yamux::SessionPtr transport) {
    drpc::Server server(session.log(), session.max_message());
    session.bind(server);
    group.spawn("yamux", transport->run());
    group.spawn("heartbeat", session.heartbeat());
    co_await server.serve_session(*transport);
}

}  // namespace

asio::awaitable<Result<Daemon>> register_daemon(Context& context, const rbac::Actor& actor,
                                                DaemonOffer offer) {
    db::UpsertProvisionerDaemonParams row;
    row.id = Uuid::random();
    row.now = context.clock.now();
    row.organization_id = offer.organization_id;
    row.key_id = offer.key_id;
    row.name = offer.name;
    row.provisioners = offer.provisioners;
    row.tags = tags_to_json(offer.tags);
    row.version = offer.version;
    row.api_version = offer.api_version;
    row.builtin_key_id = builtin_key_id();
    row.stale_before = row.now - daemon_stale_after;
    auto stored = co_await context.store.upsert_provisioner_daemon(actor, row);
    if (!stored && stored.error().code() == ErrorCode::not_found)
        co_return Error(ErrorCode::conflict,
                        "A provisioner daemon named \"" + base::to_valid_utf8(offer.name) +
                            "\" is there already, with another key.",
                        "Give this one another name.");
    if (!stored) co_return stored.error();
    Daemon daemon;
    daemon.id = stored->id;
    daemon.organization_id = stored->organization_id;
    daemon.name = stored->name;
    daemon.api_version = stored->api_version;
    daemon.max_message = offer.max_message;
    co_return daemon;
}

asio::awaitable<void> serve_daemon(Context& context, Acquirer& acquirer, JobLines& lines, Daemon daemon,
                                   DaemonOffer offer, net::StreamPtr stream) {
    auto executor = co_await asio::this_coro::executor;
    DaemonSession session(context, acquirer, lines, std::move(daemon), std::move(offer));
    yamux::Config config;
    config.stream_window = 1 << 20;
    auto transport = yamux::Session::create(executor, std::move(stream), yamux::Role::server, config);
    session.log().info("provisioner daemon connected");
    co_await net::TaskGroup::scope(session.log(), serve_in, std::ref(session), transport);
    session.log().info("provisioner daemon gone");
}

}  // namespace berth::coderd

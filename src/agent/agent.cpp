#include "agent/agent.h"

#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

#include "agent/apps.h"
#include "agent/counters.h"
#include "agent/link.h"
#include "agent/log_sender.h"
#include "agent/metadata.h"
#include "agent/protobuf.h"
#include "agent/scripts.h"
#include "agent/ssh/server.h"
#include "agent/stats.h"
#include "agent/workspace.h"
#include "agent/memory.h"
#include "base/crypto.h"
#include "base/version.h"
#include "net/runtime.h"
#include "rpc/agent.h"

#include <boost/asio/signal_set.hpp>

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

constexpr std::size_t report_limit = 512;
/// States of the lifecycle are few and none may be lost.
constexpr std::size_t lifecycle_limit = 64;
constexpr auto manifest_retry = std::chrono::seconds(2);

std::filesystem::path temporary_directory() {
    std::error_code error;
    auto path = std::filesystem::temp_directory_path(error);
    return error ? std::filesystem::path("/tmp") : path;
}

/// A folder that only we can enter. One that somebody else has put there is not used.
std::filesystem::path private_directory(const std::filesystem::path& wanted) {
    struct stat info {};
    if (::mkdir(wanted.c_str(), 0700) == 0) return wanted;
    if (::lstat(wanted.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::getuid() &&
        (info.st_mode & 077) == 0)
        return wanted;
    std::string pattern = wanted.string() + "-XXXXXX";
    const char* made = ::mkdtemp(pattern.data());
    return made == nullptr ? wanted : std::filesystem::path(made);
}

/// "coder" and "berth" in everybody's PATH are this program.
void link_program(const std::filesystem::path& directory) {
    std::error_code error;
    auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    std::filesystem::create_directories(directory, error);
    for (const char* name : {"coder", "berth"}) {
        std::filesystem::remove(directory / name, error);
        std::filesystem::create_symlink(program, directory / name, error);
    }
}

pb::Connection::Type connection_type(const std::string& kind) {
    if (kind == "vscode") return pb::Connection::VSCODE;
    if (kind == "jetbrains") return pb::Connection::JETBRAINS;
    return pb::Connection::SSH;
}

}  // namespace

struct Agent::Parts {
    Parts(asio::any_io_executor executor, Options given);

    void report_state(pb::Lifecycle::State state);
    void report_connection(const std::string& kind, const std::string& id, std::optional<int> status,
                           const std::string& reason);
    static asio::awaitable<void> run_in(net::TaskGroup& group, Parts* self);
    asio::awaitable<void> keep_informed();
    asio::awaitable<bool> fetch_manifest();
    asio::awaitable<void> run_start_scripts();
    asio::awaitable<void> shut_down();
    asio::awaitable<void> use_rpc(yamux::SessionPtr session);
    static asio::awaitable<void> flush_in(net::TaskGroup& group, Parts* self);
    asio::awaitable<void> flush();

    asio::any_io_executor executor;
    Options options;
    base::Clock& clock;
    base::Logger log{"agent"};
    Workspace workspace;
    Counters counters;
    Link link;
    LogSender logs;
    Outbox lifecycle;
    Outbox reports;
    MetadataCollector metadata;
    AppHealth apps;
    Dialer dial;
    std::unique_ptr<ssh::Server> ssh;
    std::optional<Tunnel> tunnel;
    std::optional<ScriptRunner> scripts;
    /// The first one decides what runs; later ones only change names and variables.
    std::unique_ptr<pb::Manifest> manifest;
    bool starting = false;
    bool stopping = false;
    net::Signal changed;
};

Agent::Parts::Parts(asio::any_io_executor on, Options given)
    : executor(on),
      options(std::move(given)),
      clock(*options.clock),
      link(on),
      logs(on, link, clock, log.named("logs")),
      lifecycle(on, link, clock, log.named("lifecycle"), lifecycle_limit),
      reports(on, link, clock, log.named("reports"), report_limit),
      metadata(workspace, clock, link, log.named("metadata"), on),
      apps(clock, link, log.named("apps"), on),
      changed(on) {
    workspace.base = options.environment ? *options.environment : process_environment();
    workspace.account = current_account(workspace.base);
    workspace.url = options.url.to_string();
    if (options.log_directory.empty()) options.log_directory = temporary_directory();
    if (options.data_directory.empty()) {
        // Agents of several workspaces may share a machine and an account.
        std::string own = base::sha256_hex("data directory of " + options.token.reveal()).substr(0, 12);
        options.data_directory = private_directory(temporary_directory() / ("berth-agent-" + own));
    }
    workspace.link_directory = options.data_directory / "bin";
    link_program(workspace.link_directory);
    dial = options.dial ? options.dial : http_dialer(on, options.url, options.token, options.ca_file);
}

void Agent::Parts::report_state(pb::Lifecycle::State state) {
    pb::UpdateLifecycleRequest request;
    request.mutable_lifecycle()->set_state(state);
    *request.mutable_lifecycle()->mutable_changed_at() = to_timestamp(clock.now());
    log.info("lifecycle", field("state", pb::Lifecycle::State_Name(state)));
    lifecycle.push("lifecycle", rpc::agent::update_lifecycle, std::move(request));
}

void Agent::Parts::report_connection(const std::string& kind, const std::string& id,
                                     std::optional<int> status, const std::string& reason) {
    pb::ReportConnectionRequest request;
    auto* connection = request.mutable_connection();
    connection->set_id(id);
    connection->set_action(status ? pb::Connection::DISCONNECT : pb::Connection::CONNECT);
    connection->set_type(connection_type(kind));
    *connection->mutable_timestamp() = to_timestamp(clock.now());
    connection->set_ip("127.0.0.1");
    connection->set_status_code(status.value_or(0));
    if (status) connection->set_reason(reason);
    reports.push("connection report", rpc::agent::report_connection, std::move(request));
}

asio::awaitable<void> Agent::Parts::use_rpc(yamux::SessionPtr session) {
    struct Connected {
        Link& link;
        ~Connected() { link.lost(); }
    } connected{link};
    link.connected(drpc::Client::over(session, clock));
    co_await session->closed();
}

asio::awaitable<bool> Agent::Parts::fetch_manifest() {
    auto fetched = co_await link.call(rpc::agent::get_manifest, pb::GetManifestRequest());
    if (!fetched) {
        log.warn("no manifest", field("error", fetched.error()));
        co_return false;
    }
    auto applied = workspace.apply(*fetched);
    if (!applied) log.error("a secret file cannot be written", field("error", applied.error()));
    pb::UpdateStartupRequest startup;
    startup.mutable_startup()->set_version(std::string(base::version));
    startup.mutable_startup()->set_expanded_directory(workspace.directory.string());
    auto reported = co_await link.call(rpc::agent::update_startup, std::move(startup));
    if (!reported) {
        log.warn("the startup report failed", field("error", reported.error()));
        if (is_connection_failure(reported.error())) co_return false;
    }
    if (!manifest) {
        manifest = std::make_unique<pb::Manifest>(std::move(*fetched));
        changed.notify();
    }
    co_return true;
}

asio::awaitable<void> Agent::Parts::keep_informed() {
    std::uint64_t informed = 0;
    while (true) {
        co_await link.wait_for_other(informed);
        auto generation = link.generation();
        bool fetched = co_await fetch_manifest();
        if (fetched)
            informed = generation;
        else
            co_await clock.sleep(manifest_retry);
    }
}

asio::awaitable<void> Agent::Parts::run_start_scripts() {
    report_state(pb::Lifecycle::STARTING);
    auto results = co_await scripts->run_stage(scripts_of(*manifest), ScriptStage::start);
    starting = false;
    changed.notify();
    if (stopping) co_return;
    switch (worst_of(results)) {
        case ScriptStatus::timed_out:
            report_state(pb::Lifecycle::START_TIMEOUT);
            break;
        case ScriptStatus::failed:
            report_state(pb::Lifecycle::START_ERROR);
            break;
        default:
            report_state(pb::Lifecycle::READY);
    }
    scripts->start_schedules(scripts_of(*manifest));
}

asio::awaitable<void> Agent::Parts::shut_down() {
    report_state(pb::Lifecycle::SHUTTING_DOWN);
    scripts->terminate_all();
    while (starting)
        co_await changed.wait();
    auto results = co_await scripts->run_stage(scripts_of(*manifest), ScriptStage::stop);
    switch (worst_of(results)) {
        case ScriptStatus::timed_out:
            report_state(pb::Lifecycle::SHUTDOWN_TIMEOUT);
            break;
        case ScriptStatus::failed:
            report_state(pb::Lifecycle::SHUTDOWN_ERROR);
            break;
        default:
            report_state(pb::Lifecycle::OFF);
    }
    co_await flush();
}

namespace {

struct Flushing {
    explicit Flushing(asio::any_io_executor executor) : changed(std::move(executor)) {}
    int left = 3;
    net::Signal changed;
};
using FlushingPtr = std::shared_ptr<Flushing>;

asio::awaitable<void> count_down(FlushingPtr flushing, asio::awaitable<void> work) {
    co_await std::move(work);
    --flushing->left;
    flushing->changed.notify();
}

asio::awaitable<void> give_up_at(FlushingPtr flushing, base::Clock& clock, base::Duration timeout) {
    co_await clock.sleep(timeout);
    flushing->left = 0;
    flushing->changed.notify();
}

}  // namespace

asio::awaitable<void> Agent::Parts::flush_in(net::TaskGroup& group, Parts* self) {
    auto flushing = std::make_shared<Flushing>(group.executor());
    group.spawn("lifecycle", count_down(flushing, self->lifecycle.drained()));
    group.spawn("reports", count_down(flushing, self->reports.drained()));
    group.spawn("logs", count_down(flushing, self->logs.drained()));
    group.spawn("timeout", give_up_at(flushing, self->clock, self->options.flush_timeout));
    while (flushing->left > 0)
        co_await flushing->changed.wait();
}

asio::awaitable<void> Agent::Parts::flush() { co_await net::TaskGroup::scope(log, flush_in, this); }

asio::awaitable<void> Agent::Parts::run_in(net::TaskGroup& group, Parts* self) {
    ssh::Context context{self->workspace, self->counters, self->clock, self->log.named("ssh")};
    context.on_connect = [self](const std::string& kind, const std::string& id) {
        self->report_connection(kind, id, std::nullopt, "");
    };
    context.on_disconnect = [self](const std::string& kind, const std::string& id, int status,
                                   const std::string& reason) {
        self->report_connection(kind, id, status, reason);
    };
    auto server = ssh::Server::create(std::move(context), group);
    if (!server) throw std::runtime_error(server.error().to_string());
    self->ssh = std::move(*server);
    self->tunnel.emplace(self->workspace, *self->ssh, self->counters, self->clock, self->log.named("tunnel"));
    ScriptRunner::Settings settings{self->workspace, self->clock, self->options.log_directory,
                                    self->options.data_directory};
    self->scripts.emplace(settings, group, self->logs, self->reports, self->log.named("scripts"));

    const std::string root = "/api/v2/workspaceagents/me/";
    std::string rpc_target = root + "rpc?version=" + std::string(base::agent_api_version);
    group.spawn("rpc", keep_connected(
                           "rpc", rpc_target, self->dial, self->clock, self->log,
                           [self](yamux::SessionPtr session) { return self->use_rpc(std::move(session)); }));
    group.spawn("tunnel", keep_connected("tunnel", root + "tunnel", self->dial, self->clock, self->log,
                                         [self](yamux::SessionPtr session) {
                                             return self->tunnel->serve(std::move(session));
                                         }));
    group.spawn("lifecycle", self->lifecycle.run());
    group.spawn("reports", self->reports.run());
    group.spawn("logs", self->logs.run());
    group.spawn("manifest", self->keep_informed());
    while (!self->manifest && !self->stopping)
        co_await self->changed.wait();
    if (!self->manifest) co_return;

    self->starting = true;
    group.spawn("start scripts", self->run_start_scripts());
    group.spawn("metadata", self->metadata.run(metadata_of(*self->manifest)));
    group.spawn("app health", self->apps.run(health_checks_of(*self->manifest)));
    group.spawn("stats", report_stats(self->counters, self->link, self->clock, self->log.named("stats")));
    while (!self->stopping)
        co_await self->changed.wait();
    co_await self->shut_down();
}

Agent::Agent(asio::any_io_executor executor, Options options)
    : parts_(std::make_unique<Parts>(std::move(executor), std::move(options))) {}

Agent::~Agent() = default;

asio::awaitable<void> Agent::run() {
    co_await net::TaskGroup::scope(parts_->log, Parts::run_in, parts_.get());
}

void Agent::stop() {
    parts_->stopping = true;
    parts_->changed.notify();
}

namespace {

struct SignalWait {
    explicit SignalWait(asio::any_io_executor executor) : changed(std::move(executor)) {}
    bool done = false;
    bool failed = false;
    net::Signal changed;
};

asio::awaitable<void> run_agent(Agent* agent, SignalWait* state) {
    try {
        co_await agent->run();
    } catch (const std::exception& error) {
        if (!net::is_cancellation(std::current_exception())) {
            base::Logger("agent").error("the agent ended", field("error", error.what()));
            state->failed = true;
        }
    }
    state->done = true;
    state->changed.notify();
}

asio::awaitable<void> await_signals(Agent* agent, SignalWait* state) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
    int number = co_await signals.async_wait(asio::use_awaitable);
    base::Logger("agent").info("shutting down", field("signal", number));
    agent->stop();
    number = co_await signals.async_wait(asio::use_awaitable);
    state->done = true;
    state->failed = true;
    state->changed.notify();
}

/// Soon after the start, when most of it is done, and then now and then.
asio::awaitable<void> stay_small() {
    auto pause = std::chrono::seconds(2);
    while (true) {
        co_await base::system_clock().sleep(pause);
        release_program_pages();
        pause = std::min(pause * 2, std::chrono::seconds(300));
    }
}

asio::awaitable<void> run_with_signals(net::TaskGroup& group, Agent* agent, SignalWait* state) {
    group.spawn("signals", await_signals(agent, state));
    group.spawn("memory", stay_small());
    group.spawn("agent", run_agent(agent, state));
    while (!state->done)
        co_await state->changed.wait();
}

asio::awaitable<int> run_process(Options options) {
    auto executor = co_await asio::this_coro::executor;
    SignalWait state(executor);
    Agent agent(executor, std::move(options));
    co_await net::TaskGroup::scope(base::Logger("agent"), run_with_signals, &agent, &state);
    co_return state.failed ? 1 : 0;
}

}  // namespace

int run_until_signal(Options options) {
    // A peer that goes away is an error of one write, not the end of the agent.
    std::signal(SIGPIPE, SIG_IGN);
    net::Runtime runtime(1, 1);
    return runtime.run(run_process(std::move(options)));
}

}  // namespace berth::agent

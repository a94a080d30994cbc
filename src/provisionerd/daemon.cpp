#include "provisionerd/daemon.h"

#include <algorithm>
#include <utility>

#include "net/task_group.h"
#include "provisionerd/link.h"
#include "provisionerd/runner.h"
#include "provisionerd/undelivered.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {

namespace job = ::provisionerd;

struct Daemon::State {
    State(asio::any_io_executor executor, Connector connect, Provisioners provisioners, Options options,
          base::Logger log)
        : executor(executor),
          provisioners(std::move(provisioners)),
          options(options),
          log(log),
          link(executor, std::move(connect), this->options, log),
          undelivered(this->options.undelivered, log),
          stop_asked(executor) {}

    asio::any_io_executor executor;
    Provisioners provisioners;
    const Options options;
    base::Logger log;
    Link link;
    Undelivered undelivered;
    std::optional<Shutdown> stopping;
    net::Signal stop_asked;
    std::string job_id;
    Runner* runner = nullptr;
};

namespace {

using AcquireStream = drpc::Duplex<job::CancelAcquire, job::AcquiredJob>;
using Acquired = Result<std::optional<job::AcquiredJob>>;

// A server that answers neither with a job nor to the cancellation is not waited for.
constexpr base::Duration cancel_acquire_timeout = std::chrono::seconds(10);

// Daemon::State is private, so what works on it is generic over the pointer to it.
template <class State>
asio::awaitable<void> cancel_when_stopping(State state, AcquireStream stream) {
    while (!state->stopping)
        co_await state->stop_asked.wait();
    job::CancelAcquire cancel;
    auto sent = co_await stream.send(cancel);
    if (sent) co_await state->options.clock->sleep(cancel_acquire_timeout);
    stream.cancel();
}

template <class State>
asio::awaitable<void> wait_for_job(net::TaskGroup& group, State state, AcquireStream stream,
                                   std::shared_ptr<Acquired> acquired) {
    group.spawn("cancel acquire", cancel_when_stopping(state, stream));
    auto received = co_await stream.recv();
    *acquired = std::move(received);
}

/// nullopt when there was no job.
template <class State>
asio::awaitable<Acquired> acquire(State state, drpc::Client client) {
    auto stream = co_await client.open(rpc::provisionerd::acquire_job_with_cancel);
    if (!stream) co_return stream.error();
    auto acquired = std::make_shared<Acquired>(std::optional<job::AcquiredJob>());
    co_await net::TaskGroup::scope(state->log, wait_for_job<State>, state, *stream, acquired);
    if (acquired->ok() && **acquired && (**acquired)->job_id().empty())
        co_return std::optional<job::AcquiredJob>();
    co_return std::move(*acquired);
}

template <class State>
asio::awaitable<void> run_job(State state, job::AcquiredJob acquired) {
    auto found = state->provisioners.find(acquired.provisioner());
    drpc::Server* provisioner = found == state->provisioners.end() ? nullptr : found->second;
    state->job_id = acquired.job_id();
    Runner runner(state->executor, state->link, provisioner, state->options, state->undelivered,
                  std::move(acquired), state->log);
    state->runner = &runner;
    if (state->stopping) runner.stop(*state->stopping);
    struct Clear {
        State state;
        ~Clear() {
            state->runner = nullptr;
            state->job_id.clear();
        }
    } clear{state};
    co_await runner.run();
}

/// One round: wait for the connection, then for a job, then run it.
template <class State>
asio::awaitable<void> take_one(State state) {
    auto client = state->link.client();
    if (!client) {
        co_await state->link.changed.wait();
        co_return;
    }
    auto acquired = co_await acquire(state, *client);
    if (!acquired) {
        if (state->stopping) co_return;
        state->log.debug("no job acquired", field("error", acquired.error()));
        co_await state->options.clock->sleep(state->options.retry);
        co_return;
    }
    if (*acquired)
        co_await run_job(state, std::move(**acquired));
    else if (!state->stopping)
        co_await state->options.clock->sleep(state->options.retry);
}

/// Puts what a killed daemon of this name left behind among the undelivered jobs.
template <class State>
asio::awaitable<void> recover(State state) {
    if (!state->options.leftovers) co_return;
    auto jobs = co_await state->options.leftovers();
    for (const auto& failed : jobs) {
        state->log.warn("a job broke off when its daemon was killed", field("job_id", failed.job_id()));
        auto kept = state->undelivered.keep(failed);
        if (!kept) {
            state->log.error("its state stays where it is", field("error", kept.error()));
            co_return;
        }
    }
    state->options.leftovers_kept();
}

/// What the server will not take tomorrow either. Anything else may be its database's bad moment.
bool is_final(const Error& error) {
    switch (error.code()) {
        case ErrorCode::failed_precondition:
        case ErrorCode::not_found:
        case ErrorCode::invalid_argument:
        case ErrorCode::too_large:
            return true;
        default:
            return false;
    }
}

/// True when nothing is left to deliver.
template <class State>
asio::awaitable<bool> deliver(State state, drpc::Client client) {
    auto jobs = state->undelivered.list();
    bool done = true;
    for (const auto& failed : jobs) {
        auto received = co_await client.call(rpc::provisionerd::fail_job, failed);
        if (received) {
            state->undelivered.drop(failed.job_id());
        } else if (is_final(received.error())) {
            state->undelivered.give_up(failed, received.error());
        } else {
            done = false;
        }
    }
    co_return done;
}

template <class State>
asio::awaitable<void> deliver_always(State state) {
    while (true) {
        auto client = state->link.client();
        bool done = false;
        if (client) done = co_await deliver(state, *client);
        if (client && !done)
            co_await state->options.clock->sleep(state->options.retry);
        else
            co_await state->link.changed.wait();
    }
}

template <class State>
asio::awaitable<void> work(net::TaskGroup& group, State state) {
    co_await recover(state);
    group.spawn("provisionerd link", state->link.run());
    group.spawn("undelivered jobs", deliver_always(state));
    while (!state->stopping)
        co_await take_one(state);
}

}  // namespace

Daemon::Daemon(asio::any_io_executor executor, Connector connect, Provisioners provisioners, Options options,
               base::Logger log)
    : state_(std::make_shared<State>(std::move(executor), std::move(connect), std::move(provisioners),
                                     options, std::move(log))) {}

Daemon::~Daemon() = default;

asio::awaitable<void> Daemon::run() {
    auto state = state_;
    co_await net::TaskGroup::scope(state->log, work<std::shared_ptr<State>>, state);
}

void Daemon::shutdown(Shutdown how) {
    state_->stopping = std::max(state_->stopping.value_or(how), how);
    if (state_->stopping == Shutdown::kill_job) state_->link.stop_waiting();
    if (state_->runner) state_->runner->stop(*state_->stopping);
    state_->stop_asked.notify();
    state_->link.changed.notify();
}

bool Daemon::connected() const { return state_->link.client().has_value(); }

std::optional<std::string> Daemon::job_id() const {
    if (state_->job_id.empty()) return {};
    return state_->job_id;
}

}  // namespace berth::provisionerd

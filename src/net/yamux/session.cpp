#include "net/yamux/session.h"

#include <exception>
#include <functional>
#include <vector>

#include "base/log.h"
#include "net/task_group.h"
#include "net/yamux/core.h"

namespace berth::yamux {
namespace {

using CorePtr = std::shared_ptr<Core>;

/// Goes on while the session closes, until the peer has closed too: closing a socket with unread bytes can
/// destroy what the peer has not read yet.
asio::awaitable<void> read_frames(CorePtr core) {
    std::vector<std::byte> buffer(64 << 10);
    while (!core->ended()) {
        auto got = co_await core->transport->read_some(buffer);
        if (!got) {
            core->receive_end(got.error());
        } else if (*got == 0) {
            core->receive_end({});
        } else {
            // A violation has put the session into its closing state; the writer sends the go-away.
            auto received = core->receive(std::span(buffer).first(*got));
            (void)received;
        }
    }
}

asio::awaitable<void> write_frames(CorePtr core) {
    while (!core->ended()) {
        if (core->has_output()) {
            std::vector<std::byte> frames = core->take_output();
            auto written = co_await core->transport->write(frames);
            if (!written) {
                core->stop_output(written.error());
                co_await core->config().clock->sleep(core->config().close_timeout);
                core->end(written.error());
            }
        } else if (core->closing()) {
            auto finished = co_await core->transport->shutdown_write();
            if (!finished) core->end();
            co_return;
        } else {
            co_await core->output_ready.wait();
        }
    }
}

asio::awaitable<void> keep_alive(CorePtr core) {
    const Config& config = core->config();
    bool pings = config.keepalive_interval > base::Duration::zero();
    base::Duration interval = pings ? config.keepalive_interval : std::chrono::seconds(30);
    while (true) {
        co_await config.clock->sleep(interval);
        core->tick();
        if (!pings) continue;
        std::uint64_t before = core->received();
        core->queue_ping();
        co_await config.clock->sleep(config.keepalive_timeout);
        if (core->received() == before) core->end(unavailable("yamux: the peer does not answer"));
    }
}

asio::awaitable<void> end_after(CorePtr core, base::Duration timeout) {
    co_await core->config().clock->sleep(timeout);
    core->end();
}

asio::awaitable<void> run_parts(net::TaskGroup& group, CorePtr core) {
    group.spawn("yamux reader", read_frames(core));
    group.spawn("yamux writer", write_frames(core));
    group.spawn("yamux keepalive", keep_alive(core));
    while (!core->closing() && !core->ended())
        co_await core->state_changed.wait();
    if (core->ended()) co_return;
    group.spawn("yamux close", end_after(core, core->config().close_timeout));
    while (!core->ended())
        co_await core->state_changed.wait();
}

asio::awaitable<void> run_core(CorePtr core) {
    if (core->running || core->ended()) co_return;
    core->running = true;
    std::exception_ptr failure;
    try {
        co_await net::TaskGroup::scope(base::Logger("yamux"), run_parts, core);
    } catch (...) {
        failure = std::current_exception();
    }
    core->end(failure ? std::optional(cancelled("the session was cancelled")) : std::nullopt);
    core->transport->close();
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<Result<net::StreamPtr>> open_on(CorePtr core) {
    while (true) {
        if (auto error = core->open_error()) co_return *error;
        if (!core->open_must_wait()) break;
        co_await core->openable.wait();
    }
    co_return make_stream(core, core->open_stream());
}

asio::awaitable<Result<net::StreamPtr>> accept_on(CorePtr core) {
    while (!core->has_incoming()) {
        if (core->failure()) co_return *core->failure();
        if (core->ended()) co_return unavailable("the connection has ended");
        if (core->closing()) co_return cancelled("the connection was closed");
        co_await core->acceptable.wait();
    }
    co_return make_stream(core, core->accept_stream());
}

asio::awaitable<void> wait_ended(CorePtr core) {
    while (!core->ended())
        co_await core->state_changed.wait();
}

}  // namespace

SessionPtr Session::create(asio::any_io_executor executor, net::StreamPtr transport, Role role,
                           Config config) {
    auto core = std::make_shared<Core>(std::move(executor), role, config);
    core->transport = std::move(transport);
    return SessionPtr(new Session(std::move(core)));
}

Session::Session(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Session::~Session() { close(); }

asio::awaitable<void> Session::run() { return run_core(core_); }
asio::awaitable<Result<net::StreamPtr>> Session::open() { return open_on(core_); }
asio::awaitable<Result<net::StreamPtr>> Session::accept() { return accept_on(core_); }
asio::awaitable<void> Session::closed() { return wait_ended(core_); }

void Session::go_away() { core_->queue_go_away(go_away_code::normal); }

void Session::close() noexcept {
    if (core_->closing() || core_->ended()) return;
    if (core_->running) {
        core_->queue_go_away(go_away_code::normal);
        core_->start_closing();
    } else {
        core_->end();
        core_->transport->close();
    }
}

bool Session::is_closed() const { return core_->closing() || core_->ended(); }
std::optional<Error> Session::failure() const { return core_->failure(); }
std::size_t Session::streams() const { return core_->streams(); }

}  // namespace berth::yamux

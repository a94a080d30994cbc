#pragma once

#include <list>
#include <exception>
#include <memory>
#include <string>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include "base/asio.h"
#include "base/log.h"

namespace berth::net {

/// Owns the coroutines it spawns: nothing outlives join(). All calls happen on the group's loop.
///
/// A child that ends with an exception is logged and ends only itself; cancellation is not an error.
/// Destroying a group whose children still run is a broken invariant and aborts, so `co_await join()` first.
class TaskGroup {
public:
    TaskGroup(asio::any_io_executor executor, base::Logger log);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts a child soon, on the group's loop. After cancel(), children start already cancelled.
    void spawn(std::string name, asio::awaitable<void> work);
    /// Asks every child to end: its pending wait throws operation_aborted.
    void cancel();
    /// Returns when the last child has ended. A cancelled coroutine cannot await anything, this included, so
    /// most code uses scope(), which joins whatever happens.
    asio::awaitable<void> join();

    /// Runs `body(group, args...)`; when it returns or throws, cancels the children and joins them, even if
    /// the caller itself was cancelled. `body` is a coroutine without captures: pass what it needs by
    /// std::ref. A cancellation of the caller always comes out as operation_aborted; whoever catches that may
    /// await again (to clean up) and has to rethrow.
    template <class Body, class... Args>
    static asio::awaitable<void> scope(base::Logger log, Body body, Args... args);

    [[nodiscard]] std::size_t size() const { return children_.size(); }
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

private:
    struct Child;
    void finished(std::list<std::shared_ptr<Child>>::iterator child, std::exception_ptr failure);

    asio::any_io_executor executor_;
    base::Logger log_;
    std::list<std::shared_ptr<Child>> children_;
    asio::steady_timer all_done_;
    bool cancelled_ = false;
};

/// True when `failure` is Asio's way to say that a wait was cancelled.
bool is_cancellation(const std::exception_ptr& failure);

/// What `failure` says, for a log line.
std::string describe(const std::exception_ptr& failure);

namespace detail {
/// A cancellation filter that lets nothing through, but remembers that there was something.
struct NoteCancellation {
    bool* seen;
    asio::cancellation_type_t operator()(asio::cancellation_type_t) const noexcept {
        *seen = true;
        return asio::cancellation_type::none;
    }
};
}  // namespace detail

template <class Body, class... Args>
asio::awaitable<void> TaskGroup::scope(base::Logger log, Body body, Args... args) {
    TaskGroup group(co_await asio::this_coro::executor, std::move(log));
    std::exception_ptr failure;
    try {
        co_await body(group, args...);
    } catch (...) {
        failure = std::current_exception();
    }
    auto state = co_await asio::this_coro::cancellation_state;
    bool caller_cancelled = state.cancelled() != asio::cancellation_type::none;
    co_await asio::this_coro::reset_cancellation_state(detail::NoteCancellation{&caller_cancelled});
    group.cancel();
    co_await group.join();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (failure) std::rethrow_exception(failure);
    if (caller_cancelled) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace berth::net

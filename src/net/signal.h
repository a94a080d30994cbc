#pragma once

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/asio.h"
#include "base/time.h"

namespace berth::net {

/// Wakes the coroutines of one loop that wait for a condition: `while (!condition) co_await signal.wait();`
/// Whoever waits must keep the signal alive.
class Signal {
public:
    explicit Signal(asio::any_io_executor executor) : timer_(std::move(executor), base::SteadyTime::max()) {}

    /// Returns after a notify(), and sometimes without one. In a cancelled coroutine the next wait throws.
    asio::awaitable<void> wait() {
        boost::system::error_code ignored;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    /// Wakes all who wait now.
    void notify() noexcept { timer_.cancel(); }

private:
    asio::steady_timer timer_;
};

}  // namespace berth::net

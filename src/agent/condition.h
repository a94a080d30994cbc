#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/asio.h"
#include "base/time.h"

namespace berth::agent {

/// Lets coroutines of one loop wait until something changed. A notification that nobody waits for is lost, so every
/// wait stands in a loop that tests the state it waits for.
class Condition {
public:
    explicit Condition(asio::any_io_executor executor) : timer_(std::move(executor), base::SteadyTime::max()) {}

    /// Wakes all that wait now.
    void notify() { timer_.cancel(); }

    asio::awaitable<void> wait() {
        boost::system::error_code ignored;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

private:
    asio::steady_timer timer_;
};

}  // namespace berth::agent

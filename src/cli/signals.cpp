#include "cli/signals.h"

#include <csignal>

#include <boost/asio/signal_set.hpp>

namespace berth::cli {

asio::awaitable<int> next_signal() {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM, SIGHUP);
    int number = co_await signals.async_wait(asio::use_awaitable);
    co_return number;
}

}  // namespace berth::cli

#include "cli/signals.h"

#include <csignal>

namespace berth::cli {

StopSignals::StopSignals(asio::any_io_executor executor)
    : signals_(std::move(executor), SIGINT, SIGTERM, SIGHUP) {}

asio::awaitable<int> StopSignals::next() {
    int number = co_await signals_.async_wait(asio::use_awaitable);
    co_return number;
}

}  // namespace berth::cli

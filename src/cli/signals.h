#pragma once

#include <boost/asio/signal_set.hpp>

#include "base/asio.h"

namespace berth::cli {

/// SIGINT, SIGTERM and SIGHUP, which do not end the process as long as this is there. What comes while nobody
/// waits is kept for who waits next.
class StopSignals {
public:
    explicit StopSignals(asio::any_io_executor executor);

    /// The number of the next one.
    asio::awaitable<int> next();

private:
    asio::signal_set signals_;
};

}  // namespace berth::cli

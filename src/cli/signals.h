#pragma once

#include "base/asio.h"

namespace berth::cli {

/// Returns the number of the first of SIGINT, SIGTERM and SIGHUP that comes.
asio::awaitable<int> next_signal();

}  // namespace berth::cli

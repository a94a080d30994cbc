#pragma once

#include "base/clock.h"
#include "net/process.h"

namespace berth::agent {

/// As net::run_process, but `deadline_exceeded` (and the whole group killed) after `timeout` of `clock`.
asio::awaitable<Result<net::Output>> run_within(net::ProcessOptions options, std::size_t limit,
                                                base::Clock& clock, base::Duration timeout);

}  // namespace berth::agent

#pragma once

#include <cstdint>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "net/stream.h"

namespace berth::agent {

struct Relayed {
    std::uint64_t forward = 0;
    std::uint64_t backward = 0;
};

/// Carries bytes both ways until both streams have ended; an error on either ends both. Each end of data is
/// passed on, so half-closed connections work. `counts` is filled as bytes pass; all arguments outlive the
/// call.
asio::awaitable<void> relay(net::Stream& first, net::Stream& second, Relayed& counts, base::Logger log);

/// Connects to `host` (a name, an IPv4 or an IPv6 address). Fails with `unavailable` after 10 s.
asio::awaitable<Result<net::StreamPtr>> connect_tcp(std::string host, std::uint16_t port);

}  // namespace berth::agent

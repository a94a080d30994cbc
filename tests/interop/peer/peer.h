#pragma once

#include <string>

#include "base/asio.h"
#include "net/drpc/server.h"
#include "net/yamux/session.h"

namespace berth::interop {

struct Counters {
    int hung = 0;
    int cancelled = 0;
    std::int64_t uploaded = 0;
    std::int64_t sent = 0;
};

/// The service that service_test.go describes.
void add_service(drpc::Server& server, Counters* counters);

/// Runs one scenario of ours against the Go server; prints "ok" or what went wrong. True for ok.
asio::awaitable<bool> run_scenario(yamux::SessionPtr session, std::string name);

}  // namespace berth::interop

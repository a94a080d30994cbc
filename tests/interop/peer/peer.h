#pragma once

#include <optional>
#include <string>

#include "base/asio.h"
#include "net/drpc/client.h"
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

/// What went wrong in a scenario; nothing when all went well.
using Outcome = std::optional<std::string>;
std::string problem(const std::string& what, const Error& error);

/// Those of peer_faults.cpp: ends of streams, and connections that break.
asio::awaitable<Outcome> half_close(drpc::Client client);
asio::awaitable<Outcome> raw_half_close(yamux::SessionPtr session);
asio::awaitable<Outcome> keepalive(drpc::Client client);
asio::awaitable<Outcome> silent(drpc::Client client);
asio::awaitable<Outcome> dropped(drpc::Client client);

/// Runs one scenario of ours against the Go server; prints "ok" or what went wrong. True for ok.
asio::awaitable<bool> run_scenario(yamux::SessionPtr session, std::string name);

}  // namespace berth::interop

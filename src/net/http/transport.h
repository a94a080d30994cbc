#pragma once

// Private to net/http: one TCP or TLS connection, with the deadlines that its owner's sweep enforces.

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/http/tls.h"
#include "net/stream.h"

namespace berth::http {

class Transport : public net::Stream {
public:
    /// TLS only; plain connections are ready at once.
    virtual asio::awaitable<Result<void>> handshake() = 0;
    /// Ends pending reads and writes with `cancelled`; the connection stays usable.
    virtual void cancel() noexcept = 0;
    /// Whether the peer has closed while nobody was reading. For a connection that waited for reuse.
    [[nodiscard]] virtual bool is_stale() = 0;
    [[nodiscard]] virtual bool is_tls() const = 0;

    /// When a pending read has waited too long.
    base::SteadyTime read_deadline = base::SteadyTime::max();
    /// Moves on with every part the peer takes; max() while nothing is written.
    base::SteadyTime write_deadline = base::SteadyTime::max();
    base::Duration write_timeout = std::chrono::minutes(1);
};

using TransportPtr = std::shared_ptr<Transport>;

/// Takes over an accepted socket. `tls` is null for plain HTTP.
TransportPtr accepted_transport(asio::any_io_executor executor, int fd, std::shared_ptr<TlsContext> tls);

/// Resolves and connects, addresses in turn; with `tls` also shakes hands and checks the host's name.
asio::awaitable<Result<TransportPtr>> connect_transport(std::string host, std::uint16_t port,
                                                        std::shared_ptr<TlsContext> tls,
                                                        base::Duration timeout);

/// Closes a transport when its time is up, unless it is destroyed before.
class Watchdog {
public:
    Watchdog(asio::any_io_executor executor, const TransportPtr& transport, base::Duration timeout);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    [[nodiscard]] bool expired() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace berth::http

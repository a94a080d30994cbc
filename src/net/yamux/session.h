#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/stream.h"

namespace berth::yamux {

/// Which side of the connection we are: the two number their streams differently. Both may open streams.
enum class Role { client, server };

struct Config {
    /// Streams the peer may open before accept() takes them, and that we open before the peer acknowledges.
    std::size_t accept_backlog = 256;
    /// Streams alive at once, both directions together; the peer's excess is reset.
    std::size_t max_streams = 8192;
    /// Bytes the peer may send on one stream ahead of its reader; at least 256 KiB, which the protocol
    /// grants.
    std::uint32_t stream_window = 256 << 10;
    /// A ping this often; zero for none. Without any byte from the peer within keepalive_timeout the session
    /// fails.
    base::Duration keepalive_interval = std::chrono::seconds(30);
    base::Duration keepalive_timeout = std::chrono::seconds(10);
    /// How long the session may take to end after close().
    base::Duration close_timeout = std::chrono::seconds(5);
    base::Clock* clock = &base::system_clock();
};

class Core;

/// Many streams over one (hashicorp/yamux, version 0). Belongs to one loop, as do its streams; a stream may
/// outlive the session and then only fails. Dropping the last SessionPtr closes the session.
class Session {
public:
    /// Nothing is read or written until run().
    static std::shared_ptr<Session> create(asio::any_io_executor executor, net::StreamPtr transport,
                                           Role role, Config config = {});
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Moves bytes until the session ends; spawn it once in a TaskGroup. Cancelling it drops the connection
    /// at once.
    asio::awaitable<void> run();

    /// A new stream; waits while the backlog of unacknowledged ones is full. `unavailable` after the
    /// session's end or the peer's go-away.
    asio::awaitable<Result<net::StreamPtr>> open();
    /// The next stream the peer opened; `unavailable` after the session's end, `cancelled` after close().
    asio::awaitable<Result<net::StreamPtr>> accept();

    /// Tells the peer to open no more streams, and resets those it opens; streams under way go on.
    void go_away();
    /// Sends what was written so far, waits for the peer to close too, all bounded in time, and ends the
    /// session. Never blocks, may be repeated.
    void close() noexcept;
    /// Returns when the session has ended, however it did.
    asio::awaitable<void> closed();

    [[nodiscard]] bool is_closed() const;
    /// Why the session ended; nothing while it is alive, and after close() or a clean end by the peer.
    [[nodiscard]] std::optional<Error> failure() const;
    [[nodiscard]] std::size_t streams() const;

private:
    explicit Session(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

using SessionPtr = std::shared_ptr<Session>;

}  // namespace berth::yamux

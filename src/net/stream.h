#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/asio.h"
#include "base/result.h"

namespace berth::net {

/// An ordered, reliable stream of bytes in both directions: TCP, TLS, a unix socket, a WebSocket of binary
/// messages, a yamux stream. Belongs to one loop. At most one read and one write are under way at a time.
class Stream {
public:
    virtual ~Stream() = default;

    /// At least one byte, or 0 at the end of the stream. Buffers must outlive the wait.
    virtual asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) = 0;
    /// All of `data`, waiting for room when the peer is slow.
    virtual asio::awaitable<Result<void>> write(std::span<const std::byte> data) = 0;
    /// Says that no more will be written; reading goes on.
    virtual asio::awaitable<Result<void>> shutdown_write() = 0;
    /// Ends both directions at once; pending reads and writes return an error. Never blocks, may be repeated.
    virtual void close() noexcept = 0;
};

using StreamPtr = std::unique_ptr<Stream>;

inline std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Fills the whole buffer, or fails: `unavailable` when the stream ends before.
asio::awaitable<Result<void>> read_exactly(Stream& stream, std::span<std::byte> buffer);

/// How much a copying loop reads at once.
inline constexpr std::size_t copy_buffer = 32 << 10;

/// Two connected ends (a unix socketpair), each on its own loop: the same path as a network for parts in one
/// process.
std::pair<StreamPtr, StreamPtr> connected_pair(asio::any_io_executor first, asio::any_io_executor second);

/// Takes over a connected stream socket (unix or TCP), a pipe end, or a pty; the descriptor is closed with
/// the Stream.
StreamPtr stream_from_fd(asio::any_io_executor executor, int fd);

/// Copies until `from` ends, then shuts down `to`'s writing. Returns the number of bytes.
asio::awaitable<Result<std::uint64_t>> copy(Stream& from, Stream& to);

}  // namespace berth::net

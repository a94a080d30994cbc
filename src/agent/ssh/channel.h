#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/signal.h"
#include "net/stream.h"

struct ssh_channel_struct;

namespace berth::agent::ssh {

class Connection;

/// One SSH channel as a stream. Never buffers: what the client has not taken stays with the writer, what we
/// have not read holds the client's window shut. Both are bounded by the channel's windows.
class Channel final : public net::Stream {
public:
    /// Owns `channel` from here on.
    Channel(Connection& connection, ssh_channel_struct* channel);
    ~Channel() override;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override;
    asio::awaitable<Result<void>> write(std::span<const std::byte> data) override;
    asio::awaitable<Result<void>> write_stderr(std::span<const std::byte> data);
    asio::awaitable<Result<void>> shutdown_write() override;
    void close() noexcept override;

    /// One of the two, before close(). `signal` is the name without "SIG".
    void send_exit_status(int code);
    void send_exit_signal(const std::string& signal);

    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] ssh_channel_struct* handle() const { return channel_; }

    /// Ends all waits: the client closed the channel or the connection broke.
    void mark_closed();
    /// Notified when the channel closes, and by whoever else has news for its task.
    [[nodiscard]] net::Signal& changed() { return changed_; }
    /// Called when the client sends a signal, by name without "SIG".
    std::function<void(const std::string&)> on_signal;
    /// Called when the client offers its authentication agent.
    std::function<void()> on_agent_offer;

private:
    struct Callbacks;
    asio::awaitable<Result<void>> write_to(std::span<const std::byte> data, bool to_stderr);

    Connection& connection_;
    ssh_channel_struct* channel_;
    std::unique_ptr<Callbacks> callbacks_;
    net::Signal readable_;
    net::Signal changed_;
    /// Bytes the library holds for us.
    std::size_t buffered_ = 0;
    bool eof_ = false;
    bool closed_ = false;
    bool close_sent_ = false;
    bool eof_sent_ = false;
};

/// A stream for a task of its own, kept alive by whoever shares the channel.
using ChannelPtr = std::shared_ptr<Channel>;

}  // namespace berth::agent::ssh

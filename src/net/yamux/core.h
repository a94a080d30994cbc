#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "net/signal.h"
#include "net/yamux/frame.h"
#include "net/yamux/session.h"

namespace berth::yamux {

/// One stream as both its owner and the session see it.
struct StreamState {
    StreamState(asio::any_io_executor executor, std::uint32_t number)
        : id(number), readable(executor), writable(executor) {}

    const std::uint32_t id;
    std::uint32_t send_window = initial_window;
    /// What the peer may still send.
    std::uint32_t receive_window = initial_window;
    /// Received and not yet read: buffer[head..].
    std::vector<std::byte> buffer;
    std::size_t head = 0;
    bool opened_here = false;
    bool acknowledged = false;
    bool fin_sent = false;
    bool fin_received = false;
    bool reset = false;
    /// The owner is gone: what still arrives is thrown away.
    bool abandoned = false;
    unsigned abandoned_ticks = 0;
    net::Signal readable;
    net::Signal writable;

    [[nodiscard]] std::size_t buffered() const { return buffer.size() - head; }
};

using StreamStatePtr = std::shared_ptr<StreamState>;

/// The protocol without input and output: bytes go in by receive() and come out by take_output(). It never
/// waits, so a fuzzer can drive it without a loop.
class Core {
public:
    Core(asio::any_io_executor executor, Role role, Config config);

    /// Bytes from the peer. An error is the peer's violation of the protocol; the session is then closing.
    Result<void> receive(std::span<const std::byte> bytes);
    /// No more bytes come: the peer closed its side, or reading failed. Within a frame either is a failure.
    void receive_end(std::optional<Error> why);

    [[nodiscard]] bool has_output() const { return !output_failure_ && !(control_.empty() && data_.empty()); }
    /// Frames to send now, oldest first.
    std::vector<std::byte> take_output();
    /// Whether streams may queue more data.
    [[nodiscard]] bool has_room() const { return data_.size() < data_soft_limit; }

    [[nodiscard]] std::optional<Error> open_error() const;
    [[nodiscard]] bool open_must_wait() const { return unacknowledged_ >= config_.accept_backlog; }
    StreamStatePtr open_stream();
    [[nodiscard]] bool has_incoming() const { return !incoming_.empty(); }
    StreamStatePtr accept_stream();

    /// Moves buffered bytes into `into` and grants the peer as much again when enough was read.
    std::size_t read(StreamState& stream, std::span<std::byte> into);
    /// Queues one data frame with the beginning of `data`; returns how much. Needs window and room.
    std::size_t write(StreamState& stream, std::span<const std::byte> data);
    [[nodiscard]] std::optional<Error> read_error(const StreamState& stream) const;
    [[nodiscard]] std::optional<Error> write_error(const StreamState& stream) const;
    void finish_writing(StreamState& stream);
    void abandon(StreamState& stream);

    void queue_ping();
    void queue_go_away(std::uint32_t code);
    /// Resets abandoned streams whose peer has not closed them since long; called at every keepalive
    /// interval.
    void tick();

    /// Nothing can be sent any more; what the peer sent before may still be read.
    void stop_output(Error why);
    /// From here on only what is queued is sent.
    void start_closing(std::optional<Error> why = {});
    /// Nothing more is sent or received.
    void end(std::optional<Error> why = {});
    [[nodiscard]] bool closing() const { return closing_; }
    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
    [[nodiscard]] std::size_t streams() const { return streams_.size(); }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] const Config& config() const { return config_; }
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

    net::Signal output_ready;
    net::Signal room;
    net::Signal openable;
    net::Signal acceptable;
    net::Signal state_changed;

    net::StreamPtr transport;
    bool running = false;

private:
    static constexpr std::size_t data_soft_limit = 128 << 10;
    static constexpr std::size_t queue_hard_limit = 4 << 20;
    static constexpr std::size_t max_data_frame = 64 << 10;
    static constexpr unsigned abandoned_ticks_limit = 4;

    Result<void> receive_header(const Header& header);
    Result<void> receive_stream_header(const Header& header);
    Result<void> receive_syn(const Header& header);
    Result<void> receive_ping(const Header& header);
    Result<void> receive_go_away(const Header& header);
    Result<void> start_payload(const Header& header, StreamStatePtr stream);
    void receive_payload(std::span<const std::byte> bytes);
    void receive_fin(StreamState& stream);
    void receive_reset(StreamState& stream);
    void grant_window(StreamState& stream, std::uint16_t flags);
    void forget(StreamState& stream);
    void queue_control(const Header& header);
    void queue_in_order(const Header& header, std::span<const std::byte> payload);
    void check_queue();
    void wake_everybody();
    [[nodiscard]] StreamStatePtr find(std::uint32_t id) const;
    [[nodiscard]] std::optional<Error> session_error() const;

    asio::any_io_executor executor_;
    Role role_;
    Config config_;

    std::unordered_map<std::uint32_t, StreamStatePtr> streams_;
    std::deque<StreamStatePtr> incoming_;
    std::uint32_t next_id_;
    std::size_t unacknowledged_ = 0;

    std::array<std::byte, header_size> header_{};
    std::size_t header_filled_ = 0;
    std::uint32_t payload_left_ = 0;
    StreamStatePtr payload_stream_;
    bool payload_ends_stream_ = false;

    // Control frames overtake data, so that a ping is answered and a window opened while data waits. What
    // must follow a stream's data (its end) is queued with the data.
    std::vector<std::byte> control_;
    std::vector<std::byte> data_;

    std::uint64_t received_ = 0;
    std::uint32_t next_ping_ = 0;
    bool go_away_sent_ = false;
    bool go_away_received_ = false;
    bool closing_ = false;
    bool ended_ = false;
    std::optional<Error> output_failure_;
    std::optional<Error> failure_;
};

/// The stream a caller holds.
net::StreamPtr make_stream(std::shared_ptr<Core> core, StreamStatePtr state);

}  // namespace berth::yamux

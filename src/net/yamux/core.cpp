#include "net/yamux/core.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace berth::yamux {
namespace {

Error violation(std::string_view what) {
    return {ErrorCode::invalid_argument, "yamux: the peer broke the protocol: " + std::string(what)};
}

}  // namespace

Core::Core(asio::any_io_executor executor, Role role, Config config)
    : output_ready(executor),
      room(executor),
      openable(executor),
      acceptable(executor),
      state_changed(executor),
      executor_(executor),
      role_(role),
      config_(config),
      next_id_(role == Role::client ? 1 : 2) {
    config_.stream_window = std::max(config_.stream_window, initial_window);
}

// ---- bytes in ----

Result<void> Core::receive(std::span<const std::byte> bytes) {
    received_ += bytes.size();
    while (!bytes.empty() && !closing_ && !ended_) {
        if (payload_left_ > 0) {
            auto piece = bytes.first(std::min<std::size_t>(payload_left_, bytes.size()));
            bytes = bytes.subspan(piece.size());
            receive_payload(piece);
            continue;
        }
        std::size_t wanted = std::min(header_size - header_filled_, bytes.size());
        std::memcpy(header_.data() + header_filled_, bytes.data(), wanted);
        header_filled_ += wanted;
        bytes = bytes.subspan(wanted);
        if (header_filled_ < header_size) break;
        header_filled_ = 0;
        auto header = decode(std::span<const std::byte, header_size>(header_));
        auto done = header.ok() ? receive_header(*header) : Result<void>(violation(header.error().message()));
        if (!done) {
            queue_go_away(go_away_code::protocol_error);
            start_closing(done.error());
            return done;
        }
    }
    return {};
}

void Core::receive_end(std::optional<Error> why) {
    bool between_frames = header_filled_ == 0 && payload_left_ == 0;
    // A peer that took its leave may be gone before our last frames reach it.
    if (closing_ || (between_frames && go_away_received_)) return end();
    if (why) return end(std::move(why));
    if (between_frames) return end(output_failure_);
    end(Error(ErrorCode::unavailable, "yamux: the connection ended within a frame"));
}

Result<void> Core::receive_header(const Header& header) {
    switch (header.type) {
        case FrameType::ping:
            return receive_ping(header);
        case FrameType::go_away:
            return receive_go_away(header);
        default:
            return receive_stream_header(header);
    }
}

Result<void> Core::receive_ping(const Header& header) {
    if (header.flags & flag::syn) queue_control({FrameType::ping, flag::ack, 0, header.length});
    return {};
}

Result<void> Core::receive_go_away(const Header& header) {
    if (header.length != go_away_code::normal) {
        start_closing(
            unavailable("yamux: the peer gave up the connection",
                        header.length == go_away_code::protocol_error ? "protocol error" : "internal error"));
        return {};
    }
    go_away_received_ = true;
    openable.notify();
    return {};
}

Result<void> Core::receive_stream_header(const Header& header) {
    if (header.flags & flag::syn) {
        auto created = receive_syn(header);
        if (!created) return created;
    }
    StreamStatePtr stream = find(header.stream);
    // A stream we do not know was reset or refused a moment ago; what was on its way is thrown away.
    if (stream) {
        if ((header.flags & flag::ack) && stream->opened_here && !stream->acknowledged) {
            stream->acknowledged = true;
            unacknowledged_--;
            openable.notify();
        }
        if (header.type == FrameType::window_update && header.length > 0) {
            if (header.length > std::numeric_limits<std::uint32_t>::max() - stream->send_window)
                return violation("a window grew past its limit");
            stream->send_window += header.length;
            stream->writable.notify();
        }
        if (header.flags & flag::rst) {
            receive_reset(*stream);
            stream = nullptr;
        }
    }
    if (header.type == FrameType::data && header.length > 0) return start_payload(header, std::move(stream));
    if (stream && (header.flags & flag::fin)) {
        if (stream->fin_received) return violation("a stream ended twice");
        receive_fin(*stream);
    }
    return {};
}

Result<void> Core::receive_syn(const Header& header) {
    bool odd = header.stream % 2 == 1;
    if (odd != (role_ == Role::server)) return violation("it opened a stream with a number of ours");
    if (find(header.stream)) return violation("it opened a stream twice");
    if (go_away_sent_ || incoming_.size() >= config_.accept_backlog ||
        streams_.size() >= config_.max_streams) {
        queue_control({FrameType::window_update, flag::rst, header.stream, 0});
        return {};
    }
    auto stream = std::make_shared<StreamState>(executor_, header.stream);
    streams_.emplace(header.stream, stream);
    incoming_.push_back(std::move(stream));
    acceptable.notify();
    return {};
}

Result<void> Core::start_payload(const Header& header, StreamStatePtr stream) {
    if (stream && stream->fin_received) return violation("data after the end of a stream");
    if (header.length > (stream ? stream->receive_window : config_.stream_window))
        return violation("more data than the window allows");
    if (stream) stream->receive_window -= header.length;
    payload_left_ = header.length;
    payload_ends_stream_ = (header.flags & flag::fin) != 0;
    payload_stream_ = std::move(stream);
    return {};
}

void Core::receive_payload(std::span<const std::byte> bytes) {
    payload_left_ -= std::uint32_t(bytes.size());
    StreamState* stream = payload_stream_.get();
    if (stream && !stream->abandoned && !stream->reset) {
        if (stream->buffer.empty())
            stream->buffer.reserve(bytes.size() + std::min<std::uint32_t>(payload_left_, 64 << 10));
        stream->buffer.insert(stream->buffer.end(), bytes.begin(), bytes.end());
        stream->readable.notify();
    }
    if (payload_left_ > 0) return;
    StreamStatePtr done = std::move(payload_stream_);
    payload_stream_ = nullptr;
    if (!done || done->reset) return;
    if (payload_ends_stream_) return receive_fin(*done);
    if (done->abandoned && done->receive_window == 0) {
        // The peer would wait for ever for somebody to read.
        queue_control({FrameType::window_update, flag::rst, done->id, 0});
        forget(*done);
    }
}

void Core::receive_fin(StreamState& stream) {
    stream.fin_received = true;
    stream.readable.notify();
    if (stream.fin_sent) forget(stream);
}

void Core::receive_reset(StreamState& stream) {
    stream.reset = true;
    stream.readable.notify();
    stream.writable.notify();
    forget(stream);
}

// ---- streams ----

std::optional<Error> Core::session_error() const {
    if (failure_) return failure_->wrap("the connection is gone");
    if (ended_) return unavailable("the connection has ended");
    if (closing_) return cancelled("the connection was closed");
    return {};
}

std::optional<Error> Core::open_error() const {
    if (auto error = session_error()) return error;
    if (output_failure_) return output_failure_;
    if (go_away_received_) return unavailable("the peer takes no more streams");
    if (go_away_sent_) return cancelled("the session takes no more streams");
    if (streams_.size() >= config_.max_streams || next_id_ > std::numeric_limits<std::uint32_t>::max() - 2)
        return Error(ErrorCode::resource_exhausted, "too many streams on one connection");
    return {};
}

StreamStatePtr Core::open_stream() {
    auto stream = std::make_shared<StreamState>(executor_, next_id_);
    next_id_ += 2;
    stream->opened_here = true;
    unacknowledged_++;
    streams_.emplace(stream->id, stream);
    grant_window(*stream, flag::syn);
    return stream;
}

StreamStatePtr Core::accept_stream() {
    StreamStatePtr stream = std::move(incoming_.front());
    incoming_.pop_front();
    stream->acknowledged = true;
    if (!stream->reset) grant_window(*stream, flag::ack);
    return stream;
}

void Core::grant_window(StreamState& stream, std::uint16_t flags) {
    std::uint32_t held = stream.receive_window + std::uint32_t(stream.buffered());
    std::uint32_t delta = config_.stream_window > held ? config_.stream_window - held : 0;
    if (flags == 0 && delta < config_.stream_window / 2) return;
    stream.receive_window += delta;
    queue_control({FrameType::window_update, flags, stream.id, delta});
}

std::size_t Core::read(StreamState& stream, std::span<std::byte> into) {
    std::size_t count = std::min(into.size(), stream.buffered());
    std::memcpy(into.data(), stream.buffer.data() + stream.head, count);
    stream.head += count;
    if (stream.head == stream.buffer.size()) {
        // An idle stream holds no memory; a busy one keeps a little.
        if (stream.buffer.capacity() > (32 << 10)) std::vector<std::byte>().swap(stream.buffer);
        stream.buffer.clear();
        stream.head = 0;
    } else if (stream.head >= (64 << 10) && stream.head > stream.buffer.size() / 2) {
        stream.buffer.erase(stream.buffer.begin(), stream.buffer.begin() + std::ptrdiff_t(stream.head));
        stream.head = 0;
    }
    if (!stream.fin_received && !stream.reset && !closing_ && !ended_) grant_window(stream, 0);
    return count;
}

std::size_t Core::write(StreamState& stream, std::span<const std::byte> data) {
    std::size_t count = std::min({data.size(), std::size_t(stream.send_window), max_data_frame});
    stream.send_window -= std::uint32_t(count);
    queue_in_order({FrameType::data, 0, stream.id, std::uint32_t(count)}, data.first(count));
    return count;
}

std::optional<Error> Core::read_error(const StreamState& stream) const {
    if (stream.reset) return unavailable("the peer reset the stream");
    if (stream.abandoned) return cancelled("the stream was closed");
    return session_error();
}

std::optional<Error> Core::write_error(const StreamState& stream) const {
    if (stream.reset) return unavailable("the peer reset the stream");
    if (stream.abandoned || stream.fin_sent) return cancelled("the stream was closed");
    if (output_failure_ && !closing_ && !ended_) return output_failure_;
    return session_error();
}

void Core::finish_writing(StreamState& stream) {
    if (stream.fin_sent || stream.reset || closing_ || ended_) return;
    stream.fin_sent = true;
    queue_in_order({FrameType::window_update, flag::fin, stream.id, 0}, {});
    stream.writable.notify();
    if (stream.fin_received) forget(stream);
}

void Core::abandon(StreamState& stream) {
    if (stream.abandoned) return;
    stream.abandoned = true;
    std::vector<std::byte>().swap(stream.buffer);
    stream.head = 0;
    finish_writing(stream);
    stream.readable.notify();
    stream.writable.notify();
    if (closing_ || ended_ || stream.reset || stream.fin_received || stream.receive_window > 0) return;
    queue_control({FrameType::window_update, flag::rst, stream.id, 0});
    forget(stream);
}

StreamStatePtr Core::find(std::uint32_t id) const {
    auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second;
}

void Core::forget(StreamState& stream) {
    if (stream.opened_here && !stream.acknowledged) {
        stream.acknowledged = true;
        unacknowledged_--;
        openable.notify();
    }
    streams_.erase(stream.id);
}

// ---- bytes out ----

std::vector<std::byte> Core::take_output() {
    std::vector<std::byte> out;
    if (control_.empty()) {
        out.swap(data_);
    } else if (data_.size() <= max_data_frame) {
        out.swap(control_);
        out.insert(out.end(), data_.begin(), data_.end());
        data_.clear();
    } else {
        out.swap(control_);
    }
    if (has_room()) room.notify();
    return out;
}

void Core::queue_control(const Header& header) {
    auto bytes = encode(header);
    control_.insert(control_.end(), bytes.begin(), bytes.end());
    check_queue();
}

void Core::queue_in_order(const Header& header, std::span<const std::byte> payload) {
    auto bytes = encode(header);
    data_.insert(data_.end(), bytes.begin(), bytes.end());
    data_.insert(data_.end(), payload.begin(), payload.end());
    check_queue();
}

void Core::check_queue() {
    if (output_failure_) {
        control_.clear();
        data_.clear();
        return;
    }
    output_ready.notify();
    // Only answers to a peer that asks and asks but does not read can add up to this.
    if (control_.size() + data_.size() > queue_hard_limit)
        end(Error(ErrorCode::resource_exhausted, "yamux: the peer does not read"));
}

void Core::queue_ping() { queue_control({FrameType::ping, flag::syn, 0, next_ping_++}); }

void Core::queue_go_away(std::uint32_t code) {
    if (closing_ || ended_) return;
    go_away_sent_ = true;
    queue_control({FrameType::go_away, 0, 0, code});
    openable.notify();
}

void Core::tick() {
    std::vector<StreamStatePtr> stale;
    for (auto& [id, stream] : streams_)
        if (stream->abandoned && ++stream->abandoned_ticks >= abandoned_ticks_limit) stale.push_back(stream);
    for (auto& stream : stale) {
        queue_control({FrameType::window_update, flag::rst, stream->id, 0});
        forget(*stream);
    }
}

// ---- the end ----

void Core::stop_output(Error why) {
    if (output_failure_ || ended_) return;
    output_failure_ = std::move(why);
    control_.clear();
    data_.clear();
    wake_everybody();
}

void Core::start_closing(std::optional<Error> why) {
    if (closing_ || ended_) return;
    closing_ = true;
    if (why && !failure_) failure_ = std::move(why);
    wake_everybody();
}

void Core::end(std::optional<Error> why) {
    if (ended_) return;
    ended_ = true;
    if (why && !failure_ && !closing_) failure_ = std::move(why);
    control_.clear();
    data_.clear();
    wake_everybody();
    // Streams that their owners still hold keep what they have received.
    streams_.clear();
    incoming_.clear();
}

void Core::wake_everybody() {
    for (auto& [id, stream] : streams_) {
        stream->readable.notify();
        stream->writable.notify();
    }
    for (net::Signal* signal : {&output_ready, &room, &openable, &acceptable, &state_changed})
        signal->notify();
}

}  // namespace berth::yamux

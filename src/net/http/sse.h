#pragma once

#include <string>
#include <string_view>

#include "net/http/message.h"

namespace berth::http {

/// One server-sent event: "event: <type>\n", "data: <json>\n" when there is data (one line), and a blank
/// line.
std::string format_event(std::string_view type, std::string_view data = {});

struct ServerSentEvent {
    std::string type;
    std::string data;
};

/// Reads events from a streamed answer; bounded by `max_event` bytes each.
class SseReader {
public:
    explicit SseReader(net::Stream& stream, std::size_t max_event = 4 << 20)
        : stream_(stream), max_event_(max_event) {}
    /// nullopt at the end of the stream.
    asio::awaitable<Result<std::optional<ServerSentEvent>>> next();

private:
    net::Stream& stream_;
    std::size_t max_event_;
    std::string buffer_;
};

}  // namespace berth::http

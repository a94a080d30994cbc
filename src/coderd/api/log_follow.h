#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "coderd/api/request.h"
#include "coderd/context.h"

namespace berth::coderd {

/// ?after= and ?before= of a log route: ids of lines, 0 when not given; and ?format=.
struct LogWindow {
    std::int64_t after = 0;
    std::int64_t before = 0;
    /// Most lines that one list has; whoever wants more asks again, after the last one.
    std::int32_t limit = 20'000;
    /// ?format=text: not JSON but lines for people.
    bool text = false;
};
Result<LogWindow> parse_log_window(const Request& request);

/// ?follow, without value or with any but "false" and "0".
bool wants_follow(const Request& request);

/// "2026-01-02T03:04:05Z [info] [origin] output\n", once for each line of the output, without what only a
/// terminal understands.
void append_log_text(std::string& out, base::Time time, std::string_view level, std::string_view origin,
                     std::string_view output);

/// Lines that keep coming, read on behalf of one follower.
class LogFeed {
public:
    virtual ~LogFeed() = default;
    /// Text frames for some of what came since the last call; none when there is nothing new.
    virtual asio::awaitable<Result<std::vector<std::string>>> next_frames() = 0;
    /// True when nothing more will come.
    virtual asio::awaitable<Result<bool>> ended() = 0;
};

/// A WebSocket of the feed's frames that closes normally at its end. Wakes by the pubsub channel, and by the
/// clock now and then in case a message was lost.
http::Response follow_log(Context& context, std::string channel, std::shared_ptr<LogFeed> feed);

}  // namespace berth::coderd

#include "coderd/api/log_follow.h"

#include "base/text.h"
#include "net/signal.h"
#include "net/task_group.h"

namespace berth::coderd {
namespace {

/// How often a follower looks without being told.
constexpr auto look_interval = std::chrono::seconds(10);

Result<std::int64_t> line_id(const Request& request, std::string_view name) {
    auto text = request.query(name);
    if (!text || text->empty()) return std::int64_t(0);
    auto id = base::parse_int<std::int64_t>(*text);
    if (!id || *id < 0)
        return invalid_argument("The query has an invalid value.")
            .with_field(std::string(name), "must be the id of a log line");
    return *id;
}

/// Whether ?format= asks for text.
Result<bool> wants_text(const Request& request) {
    auto format = request.query("format");
    if (!format || format->empty() || *format == "json") return false;
    if (*format != "text")
        return invalid_argument("The query has an invalid value.")
            .with_field("format", "must be json or text");
    if (wants_follow(request))
        return invalid_argument("The query has an invalid value.")
            .with_field("format", "must be json to follow a log");
    return true;
}

/// Where the escape sequence that begins at `from` ends: ESC [ … letter, or ESC and one character.
std::size_t end_of_escape(std::string_view text, std::size_t from) {
    auto at = from + 1;
    if (at >= text.size() || text[at] != '[') return std::min(at + 1, text.size());
    for (++at; at < text.size(); ++at)
        if (text[at] >= '@' && text[at] <= '~') return at + 1;
    return text.size();
}

std::string without_controls(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\x1b') {
            at = end_of_escape(text, at);
            continue;
        }
        auto byte = static_cast<std::uint8_t>(text[at]);
        if (byte == '\t' || (byte >= 0x20 && byte != 0x7f)) out += text[at];
        ++at;
    }
    return out;
}

/// What the coroutines of one follower share; all on one loop.
struct Follower {
    Follower(Context& owner, asio::any_io_executor executor) : context(owner), changed(std::move(executor)) {}
    Context& context;
    http::WebSocketPtr socket;
    std::shared_ptr<LogFeed> feed;
    std::unique_ptr<db::Subscription> subscription;
    net::Signal changed;
    bool dirty = false;
    bool gone = false;

    void wake() {
        dirty = true;
        changed.notify();
    }
};

asio::awaitable<void> watch_channel(Follower& follower) {
    while (true) {
        auto message = co_await follower.subscription->next();
        if (!message) co_return;
        follower.wake();
    }
}

asio::awaitable<void> watch_clock(Follower& follower) {
    while (true) {
        co_await follower.context.clock.sleep(look_interval);
        follower.wake();
    }
}

/// Nothing is expected from the peer but its going.
asio::awaitable<void> watch_peer(Follower& follower) {
    while (true) {
        auto message = co_await follower.socket->read();
        if (message && *message) continue;
        follower.gone = true;
        follower.wake();
        co_return;
    }
}

asio::awaitable<Result<void>> send_new_frames(Follower& follower) {
    while (true) {
        auto frames = co_await follower.feed->next_frames();
        if (!frames) co_return frames.error();
        if (frames->empty()) co_return Result<void>();
        for (const auto& frame : *frames) {
            auto sent = co_await follower.socket->write_text(frame);
            if (!sent) co_return sent.error();
        }
    }
}

asio::awaitable<void> follow(net::TaskGroup& group, Follower& follower) {
    group.spawn("log channel", watch_channel(follower));
    group.spawn("log clock", watch_clock(follower));
    group.spawn("log peer", watch_peer(follower));
    while (!follower.gone) {
        follower.dirty = false;
        // Asked before the lines are read: lines written before the end are never missed.
        auto ended = co_await follower.feed->ended();
        if (!ended) {
            co_await follower.socket->close(http::CloseCode::internal_error, "the log cannot be read");
            co_return;
        }
        auto sent = co_await send_new_frames(follower);
        if (!sent) {
            follower.context.log.debug("log follower ended", field("error", sent.error()));
            co_return;
        }
        if (*ended) {
            co_await follower.socket->close(http::CloseCode::normal, "");
            co_return;
        }
        if (!follower.dirty) co_await follower.changed.wait();
    }
}

asio::awaitable<void> follow_session(Context& context, std::string channel, std::shared_ptr<LogFeed> feed,
                                     http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    Follower follower(context, executor);
    follower.socket = std::move(socket);
    follower.feed = std::move(feed);
    auto subscription = co_await context.pubsub.subscribe(channel);
    if (!subscription) {
        co_await follower.socket->close(http::CloseCode::internal_error, "the log cannot be followed");
        co_return;
    }
    follower.subscription = std::move(*subscription);
    co_await net::TaskGroup::scope(context.log.named("logs"), follow, std::ref(follower));
}

}  // namespace

Result<LogWindow> parse_log_window(const Request& request) {
    auto after = line_id(request, "after");
    if (!after) return after.error();
    auto before = line_id(request, "before");
    if (!before) return before.error();
    if (wants_follow(request) && *before != 0)
        return invalid_argument("The query has an invalid value.")
            .with_field("before", "cannot be used with follow");
    if (wants_follow(request) && !request.http().wants_websocket())
        return invalid_argument("Following a log needs a WebSocket.",
                                "Send the request with an Upgrade header.");
    auto text = wants_text(request);
    if (!text) return text.error();
    LogWindow window;
    window.after = *after;
    window.before = *before;
    window.text = *text;
    return window;
}

void append_log_text(std::string& out, base::Time time, std::string_view level, std::string_view origin,
                     std::string_view output) {
    auto start = base::format_rfc3339(std::chrono::floor<std::chrono::seconds>(time)) + " [" +
                 std::string(level) + "] [" + without_controls(origin) + "] ";
    if (output.ends_with('\n')) output.remove_suffix(1);
    auto lines = base::split(output, '\n');
    if (lines.empty()) lines.emplace_back();
    for (auto line : lines)
        out += start + without_controls(line) + "\n";
}

bool wants_follow(const Request& request) {
    auto follow = request.query("follow");
    return follow && *follow != "false" && *follow != "0";
}

http::Response follow_log(Context& context, std::string channel, std::shared_ptr<LogFeed> feed) {
    http::WebSocketOptions options;
    options.max_message = 4 << 10;
    auto session = [&context, channel = std::move(channel),
                    feed = std::move(feed)](http::WebSocketPtr socket) {
        return follow_session(context, channel, feed, std::move(socket));
    };
    return http::Response::websocket(std::move(session), options);
}

}  // namespace berth::coderd

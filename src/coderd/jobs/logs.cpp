#include "coderd/jobs/logs.h"

#include <boost/asio/steady_timer.hpp>

#include "base/text.h"
#include "coderd/api/errors.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/jobs.h"
#include "net/task_group.h"

namespace berth::coderd {
namespace {

/// Lines read and sent at a time.
constexpr std::int32_t page = 500;
/// How often a follower looks without being told.
constexpr auto look_interval = std::chrono::seconds(10);

struct Window {
    std::int64_t after = 0;
    std::int64_t before = 0;
};

Result<std::int64_t> line_id(const Request& request, std::string_view name) {
    auto text = request.query(name);
    if (!text || text->empty()) return std::int64_t(0);
    auto id = base::parse_int<std::int64_t>(*text);
    if (!id || *id < 0)
        return invalid_argument("The query has an invalid value.")
            .with_field(std::string(name), "must be the id of a log line");
    return *id;
}

Result<Window> parse_window(const Request& request) {
    auto after = line_id(request, "after");
    if (!after) return after.error();
    auto before = line_id(request, "before");
    if (!before) return before.error();
    return Window{*after, *before};
}

bool wants_follow(const Request& request) {
    auto follow = request.query("follow");
    return follow && *follow != "false" && *follow != "0";
}

/// What the coroutines of one follower share; all on one loop.
struct Follower {
    Follower(Context& owner, asio::any_io_executor executor) : context(owner), changed(executor, base::SteadyTime::max()) {}
    Context& context;
    http::WebSocketPtr socket;
    std::shared_ptr<JobLogReader> reader;
    std::unique_ptr<db::Subscription> subscription;
    std::int64_t after = 0;
    asio::steady_timer changed;
    bool dirty = false;
    bool gone = false;

    void wake() {
        dirty = true;
        changed.cancel();
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

asio::awaitable<Result<void>> send_new_lines(Follower& follower) {
    while (true) {
        auto rows = co_await follower.reader->lines(follower.after, 0, page);
        if (!rows) co_return rows.error();
        for (const auto& row : *rows) {
            std::string text = sdk::encode(log_to_sdk(row));
            auto sent = co_await follower.socket->write_text(text);
            if (!sent) co_return sent.error();
            follower.after = row.id;
        }
        if (rows->size() < static_cast<std::size_t>(page)) co_return Result<void>();
    }
}

asio::awaitable<void> follow(net::TaskGroup& group, Follower& follower) {
    group.spawn("log channel", watch_channel(follower));
    group.spawn("log clock", watch_clock(follower));
    group.spawn("log peer", watch_peer(follower));
    while (!follower.gone) {
        follower.dirty = false;
        // Asked before the lines are read: lines written before the end are never missed.
        auto ended = co_await follower.reader->ended();
        if (!ended) {
            co_await follower.socket->close(http::CloseCode::internal_error, "the job cannot be read");
            co_return;
        }
        auto sent = co_await send_new_lines(follower);
        if (!sent) {
            follower.context.log.debug("log follower ended", field("error", sent.error()));
            co_return;
        }
        if (*ended) {
            co_await follower.socket->close(http::CloseCode::normal, "");
            co_return;
        }
        if (follower.dirty) continue;
        boost::system::error_code ignored;
        co_await follower.changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> follow_session(Context& context, Uuid job_id, std::shared_ptr<JobLogReader> reader,
                                     std::int64_t after, http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    Follower follower(context, executor);
    follower.socket = std::move(socket);
    follower.reader = std::move(reader);
    follower.after = after;
    auto subscription = co_await context.pubsub.subscribe(job_channel(job_id));
    if (!subscription) {
        co_await follower.socket->close(http::CloseCode::internal_error, "the job cannot be followed");
        co_return;
    }
    follower.subscription = std::move(*subscription);
    co_await net::TaskGroup::scope(context.log.named("joblogs"), follow, std::ref(follower));
}

asio::awaitable<Result<std::string>> list_json(JobLogReader& reader, Window window) {
    auto rows = co_await reader.lines(window.after, window.before, 0);
    if (!rows) co_return rows.error();
    std::vector<sdk::ProvisionerJobLog> logs;
    logs.reserve(rows->size());
    for (const auto& row : *rows) logs.push_back(log_to_sdk(row));
    co_return sdk::encode(logs);
}

}  // namespace

asio::awaitable<Result<http::Response>> answer_job_logs(Context& context, const Request& request, Uuid job_id,
                                                        std::shared_ptr<JobLogReader> reader) {
    auto window = parse_window(request);
    if (!window) co_return window.error();
    if (!wants_follow(request)) {
        auto body = co_await list_json(*reader, *window);
        if (!body) co_return body.error();
        co_return http::Response::json(200, std::move(*body));
    }
    if (window->before != 0)
        co_return invalid_argument("The query has an invalid value.").with_field("before", "cannot be used with follow");
    if (!request.http().wants_websocket())
        co_return invalid_argument("Following a log needs a WebSocket.", "Send the request with an Upgrade header.");
    // What the caller may not see is refused before the upgrade, where it can still be said clearly.
    auto allowed = co_await reader->lines(window->after, 0, 1);
    if (!allowed) co_return allowed.error();
    http::WebSocketOptions options;
    options.max_message = 4 << 10;
    auto session = [&context, job_id, reader, after = window->after](http::WebSocketPtr socket) {
        return follow_session(context, job_id, reader, after, std::move(socket));
    };
    co_return http::Response::websocket(std::move(session), options);
}

}  // namespace berth::coderd

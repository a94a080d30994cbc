#include "coderd/api/event_stream.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "coderd/api/errors.h"
#include "net/http/sse.h"

namespace berth::coderd {
namespace {

constexpr auto ping_interval = std::chrono::seconds(15);

struct Watch {
    Context& context;
    std::unique_ptr<db::Subscription> subscription;
    std::shared_ptr<EventSource> source;
    base::Duration pause;
    std::string last_sent;
};

/// False when the watcher is gone.
asio::awaitable<bool> send_event(Watch& watch, http::BodyWriter& writer, std::string_view type,
                                 std::string data) {
    auto sent = co_await writer.write(http::format_event(type, data));
    if (!sent) watch.context.log.debug("a watcher is gone", field("error", sent.error()));
    co_return sent.ok();
}

/// A failure of ours may pass; what is not there any more stays away.
asio::awaitable<bool> send_failure(Watch& watch, http::BodyWriter& writer, Error error) {
    bool gone = error.code() == ErrorCode::not_found;
    if (!gone) watch.context.log.warn("what is watched cannot be read", field("error", error));
    auto response = error_response(error);
    bool sent = co_await send_event(watch, writer, "error", std::get<std::string>(response.body));
    co_return sent && !gone;
}

/// False when the watcher should be let go.
asio::awaitable<bool> send_state(Watch& watch, http::BodyWriter& writer) {
    auto state = co_await watch.source->snapshot();
    if (!state) {
        bool go_on = co_await send_failure(watch, writer, state.error());
        co_return go_on;
    }
    if (*state == watch.last_sent) co_return true;
    watch.last_sent = std::move(*state);
    bool sent = co_await send_event(watch, writer, "data", watch.last_sent);
    co_return sent;
}

asio::awaitable<void> run(std::shared_ptr<Watch> watch, http::BodyWriter& writer) {
    using namespace asio::experimental::awaitable_operators;
    bool listening = co_await send_state(*watch, writer);
    while (listening) {
        auto woken = co_await (watch->subscription->next() || watch->context.clock.sleep(ping_interval));
        if (woken.index() == 1) {
            listening = co_await send_event(*watch, writer, "ping", {});
            if (!listening) co_return;
        } else if (!std::get<0>(woken)) {
            co_return;
        } else if (watch->pause.count() > 0) {
            co_await watch->context.clock.sleep(watch->pause);
        }
        // Also after a ping: some states change by the clock alone, and a message may have been lost.
        listening = co_await send_state(*watch, writer);
    }
}

}  // namespace

http::Response event_stream(Context& context, std::unique_ptr<db::Subscription> subscription,
                            std::shared_ptr<EventSource> source, base::Duration pause) {
    auto watch =
        std::make_shared<Watch>(Watch{context, std::move(subscription), std::move(source), pause, {}});
    return http::Response::streamed([watch](http::BodyWriter& writer) { return run(watch, writer); },
                                    "text/event-stream");
}

}  // namespace berth::coderd

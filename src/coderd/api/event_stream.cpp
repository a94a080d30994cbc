#include "coderd/api/event_stream.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

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

/// False when the watcher should be let go.
asio::awaitable<bool> send_state(Watch& watch, http::BodyWriter& writer) {
    auto state = co_await watch.source->snapshot();
    if (!state) co_return false;
    if (*state == watch.last_sent) co_return true;
    auto sent = co_await writer.write(http::format_event("data", *state));
    watch.last_sent = std::move(*state);
    co_return sent.ok();
}

asio::awaitable<void> run(std::shared_ptr<Watch> watch, http::BodyWriter& writer) {
    using namespace asio::experimental::awaitable_operators;
    bool listening = co_await send_state(*watch, writer);
    while (listening) {
        auto woken = co_await (watch->subscription->next() || watch->context.clock.sleep(ping_interval));
        if (woken.index() == 1) {
            auto sent = co_await writer.write(http::format_event("ping"));
            listening = sent.ok();
            continue;
        }
        if (!std::get<0>(woken)) co_return;
        if (watch->pause.count() > 0) co_await watch->context.clock.sleep(watch->pause);
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

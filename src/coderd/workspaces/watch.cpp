#include "coderd/workspaces/watch.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "coderd/jobs/channels.h"
#include "coderd/workspaces/convert.h"
#include "net/http/sse.h"

namespace berth::coderd {
namespace {

constexpr auto ping_interval = std::chrono::seconds(15);

/// What one watcher holds for as long as it listens.
struct Watch {
    Context& context;
    std::shared_ptr<const Caller> caller;
    Uuid workspace_id;
    std::unique_ptr<db::Subscription> subscription;
    std::string last_sent;
};

/// False when the watcher should be let go.
asio::awaitable<bool> send_workspace(Watch& watch, http::BodyWriter& writer) {
    auto row = co_await watch.context.store.get_workspace_by_id(watch.caller->actor, watch.workspace_id);
    if (!row) co_return false;
    auto workspace =
        co_await workspace_to_sdk(watch.context, watch.caller->actor, watch.caller->user_id, std::move(*row));
    if (!workspace) co_return false;
    std::string json = sdk::encode(*workspace);
    if (json == watch.last_sent) co_return true;
    auto sent = co_await writer.write(http::format_event("data", json));
    watch.last_sent = std::move(json);
    co_return sent.ok();
}

asio::awaitable<void> run(std::shared_ptr<Watch> watch, http::BodyWriter& writer) {
    using namespace asio::experimental::awaitable_operators;
    bool listening = co_await send_workspace(*watch, writer);
    while (listening) {
        auto woken = co_await (watch->subscription->next() || watch->context.clock.sleep(ping_interval));
        if (woken.index() == 1) {
            auto sent = co_await writer.write(http::format_event("ping"));
            listening = sent.ok();
            continue;
        }
        if (!std::get<0>(woken)) co_return;
        listening = co_await send_workspace(*watch, writer);
    }
}

}  // namespace

http::Response watch_workspace(Context& context, std::shared_ptr<const Caller> caller, Uuid workspace_id,
                               std::unique_ptr<db::Subscription> subscription) {
    auto watch = std::make_shared<Watch>(Watch{context, std::move(caller), workspace_id, std::move(subscription), {}});
    return http::Response::streamed([watch](http::BodyWriter& writer) { return run(watch, writer); },
                                    "text/event-stream");
}

asio::awaitable<void> announce_workspace(Context& context, Uuid workspace_id) {
    auto told = co_await context.pubsub.publish(workspace_channel(workspace_id), "");
    if (!told) context.log.warn("a change of a workspace was not announced", field("error", told.error()));
}

}  // namespace berth::coderd

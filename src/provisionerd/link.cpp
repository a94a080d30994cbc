#include "provisionerd/link.h"

#include <algorithm>
#include <utility>

#include "rpc/provisionerd.h"

namespace berth::provisionerd {

Link::Link(asio::any_io_executor executor, Connector connect, const Options& options, base::Logger log)
    : changed(std::move(executor)), connect_(std::move(connect)), options_(options), log_(std::move(log)) {}

std::optional<drpc::Client> Link::client() const {
    if (!session_ || session_->is_closed()) return {};
    return drpc::Client::over(session_, *options_.clock, rpc::provisionerd::max_message);
}

bool Link::may_pass(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::deadline_exceeded ||
           error.code() == ErrorCode::cancelled;
}

asio::awaitable<void> Link::run() {
    base::Duration delay = options_.retry;
    while (true) {
        bool connected = co_await connect_once();
        delay =
            connected ? options_.retry : std::min<base::Duration>(delay * 2, options_.max_reconnect_delay);
        co_await options_.clock->sleep(delay);
    }
}

asio::awaitable<bool> Link::connect_once() {
    auto session = co_await connect_();
    if (!session) {
        log_.warn("cannot connect to the server", field("error", session.error()));
        co_return false;
    }
    session_ = std::move(*session);
    log_.info("connected to the server");
    // run() marks the session as alive only once it has started; whoever waits is woken after that.
    changed.notify();
    yamux::SessionPtr running = session_;
    co_await running->run();
    auto failure = running->failure();
    session_ = nullptr;
    changed.notify();
    if (failure)
        log_.warn("lost the server", field("error", *failure));
    else
        log_.info("the server closed the connection");
    co_return true;
}

}  // namespace berth::provisionerd

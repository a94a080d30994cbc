#include "agent/connection.h"

#include <random>

#include "base/text.h"

namespace berth::agent {
namespace {

constexpr std::size_t shown_message = 300;

/// What the server said, short enough for a log line.
std::string reason_of(const http::ClientResponse& rejected) {
    std::string text = base::to_valid_utf8(std::string_view(rejected.body).substr(0, shown_message));
    return "HTTP " + std::to_string(rejected.status) + (text.empty() ? "" : ": " + text);
}

asio::awaitable<Result<net::StreamPtr>> dial_http(std::shared_ptr<http::Client> client, SecretString token,
                                                  std::string target) {
    http::ClientRequest request;
    request.target = std::move(target);
    request.headers.set("Coder-Session-Token", token.reveal());
    http::ClientResponse rejected;
    auto socket = co_await client->websocket(std::move(request), {}, &rejected);
    if (!socket) {
        if (rejected.status == 401 || rejected.status == 403)
            co_return Error(ErrorCode::unauthenticated, "the server refuses the agent token",
                            reason_of(rejected));
        if (rejected.status != 0)
            co_return Error(ErrorCode::failed_precondition, "the server refuses the connection",
                            reason_of(rejected));
        co_return socket.error();
    }
    co_return http::stream_from_websocket(std::move(*socket));
}

using Use = std::function<asio::awaitable<void>(yamux::SessionPtr)>;

asio::awaitable<void> use_session(yamux::SessionPtr session, const Use* use) {
    co_await (*use)(session);
    session->close();
}

asio::awaitable<void> run_session(net::TaskGroup& group, yamux::SessionPtr session, const Use* use) {
    group.spawn("yamux", session->run());
    group.spawn("streams", use_session(session, use));
    co_await session->closed();
}

}  // namespace

Dialer http_dialer(asio::any_io_executor executor, http::Url server, SecretString token,
                   std::string ca_file) {
    http::ClientOptions options;
    options.ca_file = std::move(ca_file);
    options.user_agent = "berth-agent";
    std::shared_ptr<http::Client> client =
        http::Client::create(std::move(executor), std::move(server), options);
    return [client, token = std::move(token)](std::string target) {
        return dial_http(client, token, std::move(target));
    };
}

base::Duration Backoff::next() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    auto step = step_;
    step_ = std::min(step_ * 2, longest);
    std::uniform_real_distribution<double> part(0.5, 1.0);
    return std::chrono::duration_cast<base::Duration>(step * part(random));
}

asio::awaitable<void> keep_connected(std::string name, std::string target, const Dialer& dial,
                                     base::Clock& clock, base::Logger log, Use use) {
    auto executor = co_await asio::this_coro::executor;
    constexpr auto long_enough = std::chrono::seconds(30);
    Backoff backoff;
    while (true) {
        auto stream = co_await dial(target);
        if (stream) {
            log.info("connected", field("connection", name));
            auto since = clock.steady_now();
            yamux::Config config;
            config.clock = &clock;
            auto session = yamux::Session::create(executor, std::move(*stream), yamux::Role::client, config);
            co_await net::TaskGroup::scope(log, run_session, session, &use);
            auto failure = session->failure();
            log.warn("connection lost", field("connection", name),
                     field("error", failure ? failure->to_string() : "closed by the server"));
            // One that breaks at once must not be opened in a tight loop.
            if (clock.steady_now() - since > long_enough) backoff.reset();
        } else if (stream.error().code() == ErrorCode::unauthenticated) {
            log.error(
                "the server refuses this agent's token; it is tried again, in case the workspace comes back",
                field("connection", name), field("error", stream.error()));
        } else {
            log.warn("cannot connect", field("connection", name), field("error", stream.error()));
        }
        auto pause = backoff.next();
        co_await clock.sleep(pause);
    }
}

}  // namespace berth::agent

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "net/drpc/client.h"
#include "net/signal.h"

namespace berth::agent {

/// How long a call that a broken connection failed waits for its next try.
inline constexpr auto retry_pause = std::chrono::seconds(1);

/// The RPC connection as the rest of the agent sees it: there, or not. Belongs to one loop.
class Link {
public:
    explicit Link(asio::any_io_executor executor) : changed_(std::move(executor)) {}

    void connected(drpc::Client client);
    void lost();

    [[nodiscard]] bool is_connected() const { return client_.has_value(); }
    /// Counts connections; differs after every reconnect.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    [[nodiscard]] net::Signal& changed() { return changed_; }
    asio::awaitable<drpc::Client> wait_connected();
    /// Returns when another connection than `generation` is up.
    asio::awaitable<void> wait_for_other(std::uint64_t generation);

    /// One attempt; `unavailable` when there is no connection.
    template <class Req, class Res>
    asio::awaitable<Result<Res>> call(drpc::Unary<Req, Res> method, Req request) {
        if (!client_) co_return unavailable("not connected to the server");
        drpc::Client client = *client_;
        auto answer = co_await client.call(method, request);
        co_return answer;
    }

private:
    std::optional<drpc::Client> client_;
    std::uint64_t generation_ = 0;
    net::Signal changed_;
};

/// Whether a call that failed so may succeed on another connection.
bool is_connection_failure(const Error& error);

/// Messages that must reach the server in order, each exactly as often as it takes. Bounded: when full, the
/// oldest is given up with a log line.
class Outbox {
public:
    using Delivery = std::function<asio::awaitable<Result<void>>(drpc::Client)>;

    Outbox(asio::any_io_executor executor, Link& link, base::Clock& clock, base::Logger log,
           std::size_t limit);

    template <class Req, class Res>
    void push(std::string what, drpc::Unary<Req, Res> method, Req request) {
        add(std::move(what), [method, request = std::move(request)](drpc::Client client) {
            return deliver(std::move(client), method, request);
        });
    }
    /// Delivers until cancelled; waits while there is no connection, and repeats what a broken one may have
    /// lost. A message that the server refuses is logged and dropped.
    asio::awaitable<void> run();
    /// Returns when all was delivered.
    asio::awaitable<void> drained();

private:
    template <class Req, class Res>
    static asio::awaitable<Result<void>> deliver(drpc::Client client, drpc::Unary<Req, Res> method,
                                                 Req request) {
        auto answer = co_await client.call(method, request);
        if (!answer) co_return answer.error();
        co_return Result<void>();
    }
    void add(std::string what, Delivery delivery);

    struct Message {
        std::string what;
        Delivery delivery;
    };
    Link& link_;
    base::Clock& clock_;
    base::Logger log_;
    std::size_t limit_;
    std::deque<Message> queue_;
    bool busy_ = false;
    net::Signal changed_;
};

}  // namespace berth::agent

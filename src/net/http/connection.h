#pragma once

// Private to net/http: one accepted connection, from its handshake to its end.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "net/http/codec.h"
#include "net/http/server.h"
#include "net/http/transport.h"
#include "net/http/websocket_core.h"
#include "net/task_group.h"

namespace berth::http {

/// What all connections of a server share.
struct Shared {
    net::Runtime& runtime;
    Handler& handler;
    Limits limits;
    base::Logger log;
    /// Bytes of large bodies being read.
    std::atomic<std::size_t> body_bytes = 0;
};

/// A body's part of what all bodies together may take; given back at the end.
class BodyBudget {
public:
    explicit BodyBudget(Shared& shared) : shared_(shared) {}
    ~BodyBudget() { shared_.body_bytes -= charged_; }
    BodyBudget(const BodyBudget&) = delete;
    BodyBudget& operator=(const BodyBudget&) = delete;
    /// False when the body, now of this size, does not fit beside the others.
    bool grow_to(std::size_t size);

private:
    Shared& shared_;
    std::size_t charged_ = 0;
};

class Connection {
public:
    Connection(Shared& shared, TransportPtr transport, std::string remote_address);

    /// Answers requests until either side ends it.
    asio::awaitable<void> run();

    /// Called by the loop's sweep: ends what has waited too long.
    void enforce_deadlines(base::SteadyTime now);
    /// Finish what is under way, then end; streams and WebSockets end now.
    void drain();
    /// Drop everything.
    void drop() { transport_->close(); }

private:
    friend class ChunkedWriter;
    struct Refusal {
        unsigned status;
        std::string message;
    };

    asio::awaitable<bool> serve_one();
    /// nullopt when there is no request to answer; a Refusal when it was a bad one.
    asio::awaitable<std::optional<std::variant<RequestHead, Refusal>>> read_head();
    /// An answer that takes the place of the handler's; nothing when the body was read.
    asio::awaitable<std::optional<Response>> read_body(const RequestHead& head, Request& request,
                                                       BodyBudget& budget);
    asio::awaitable<std::optional<Refusal>> read_content(Framing framing, std::size_t limit,
                                                         std::string& body, BodyBudget& budget);
    asio::awaitable<Result<std::size_t>> fill(base::SteadyTime deadline);
    asio::awaitable<Response> ask_handler(Request& request);
    Response internal_error(const std::exception_ptr& failure, const Request& request) const;

    asio::awaitable<bool> refuse(Refusal refusal, Method method);
    asio::awaitable<bool> refuse(Response response, Method method);
    asio::awaitable<bool> send(Response response, const RequestHead& head, const Request& request);
    asio::awaitable<bool> send_text(Response response, const RequestHead& head);
    asio::awaitable<bool> send_file(Response response, const RequestHead& head);
    asio::awaitable<bool> send_stream(Response response, const RequestHead& head);
    asio::awaitable<bool> upgrade(Response response, const Request& request);
    asio::awaitable<void> linger();

    [[nodiscard]] std::string start_head(const Response& response, bool keep_alive) const;
    static asio::awaitable<void> stream_in_group(net::TaskGroup& group, Connection* self, StreamedBody* body,
                                                 BodyWriter* writer, bool* complete);
    static asio::awaitable<void> run_stream(net::TaskGroup* group, StreamedBody* body, BodyWriter* writer,
                                            bool* complete);
    static asio::awaitable<void> watch_peer(net::TaskGroup* group, Connection* self);
    static asio::awaitable<void> session_in_group(net::TaskGroup& group, Connection* self, Upgrade* upgrade,
                                                  std::shared_ptr<WebSocketCore> core,
                                                  asio::steady_timer* drained);
    static asio::awaitable<void> run_session(net::TaskGroup* group, Upgrade* upgrade, WebSocketPtr socket);
    static asio::awaitable<void> close_on_drain(net::TaskGroup* group, asio::steady_timer* drained,
                                                std::shared_ptr<WebSocketCore> core);

    Shared& shared_;
    TransportPtr transport_;
    std::string remote_address_;
    std::string in_;
    bool idle_ = true;
    bool first_ = true;
    bool timed_out_ = false;
    bool draining_ = false;
    bool unread_body_ = false;
    /// Ends the stream or WebSocket under way, when there is one.
    std::function<void()> end_stream_;
};

}  // namespace berth::http

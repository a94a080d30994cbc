#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "net/drpc/method.h"
#include "net/drpc/stream.h"
#include "net/stream.h"
#include "net/yamux/session.h"

namespace berth::drpc {

/// Answers RPCs. Handlers are registered first; then one server may serve many streams at once on its loop. A
/// handler is cancelled when its caller cancels or goes. What it throws is logged and answered as an internal
/// error; the Error it returns is sent with its message (never its detail or cause).
class Server {
public:
    /// `message_limit`: bytes of the largest message, both ways.
    explicit Server(base::Logger log, std::size_t message_limit = max_message);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// `handler(Req) -> asio::awaitable<Result<Res>>`
    template <class Req, class Res, class Handler>
    void on(Unary<Req, Res> method, Handler handler) {
        auto shared = std::make_shared<Handler>(std::move(handler));
        add(method.path,
            [shared](CallPtr call) { return unary<Req, Res, Handler>(shared, std::move(call)); });
    }
    /// `handler(Req, drpc::Sender<Res>) -> asio::awaitable<Result<void>>`
    template <class Req, class Res, class Handler>
    void on(ServerStream<Req, Res> method, Handler handler) {
        auto shared = std::make_shared<Handler>(std::move(handler));
        add(method.path,
            [shared](CallPtr call) { return download<Req, Res, Handler>(shared, std::move(call)); });
    }
    /// `handler(drpc::Receiver<Req>) -> asio::awaitable<Result<Res>>`
    template <class Req, class Res, class Handler>
    void on(ClientStream<Req, Res> method, Handler handler) {
        auto shared = std::make_shared<Handler>(std::move(handler));
        add(method.path,
            [shared](CallPtr call) { return upload<Req, Res, Handler>(shared, std::move(call)); });
    }
    /// `handler(drpc::Duplex<Res, Req>) -> asio::awaitable<Result<void>>`
    template <class Req, class Res, class Handler>
    void on(BidiStream<Req, Res> method, Handler handler) {
        auto shared = std::make_shared<Handler>(std::move(handler));
        add(method.path, [shared](CallPtr call) { return (*shared)(Duplex<Res, Req>(std::move(call))); });
    }

    /// RPCs one after another on this stream, until it ends. The server must outlive it.
    asio::awaitable<void> serve(net::StreamPtr stream);
    /// Serves every stream the peer opens, until the session ends. Somebody else runs the session.
    asio::awaitable<void> serve_session(yamux::Session& session);

private:
    friend class ServerConnection;
    using RawHandler = std::function<asio::awaitable<Result<void>>(CallPtr)>;
    void add(std::string_view path, RawHandler handler);

    template <class Req, class Res, class Handler>
    static asio::awaitable<Result<void>> unary(std::shared_ptr<Handler> handler, CallPtr call) {
        Req request;
        auto got = co_await detail::receive_last(call, &request);
        if (!got) co_return got.error();
        auto response = co_await (*handler)(std::move(request));
        if (!response) co_return response.error();
        auto sent = co_await detail::send(std::move(call), *response);
        co_return sent;
    }
    template <class Req, class Res, class Handler>
    static asio::awaitable<Result<void>> download(std::shared_ptr<Handler> handler, CallPtr call) {
        Req request;
        auto got = co_await detail::receive_last(call, &request);
        if (!got) co_return got.error();
        auto done = co_await (*handler)(std::move(request), Sender<Res>(std::move(call)));
        co_return done;
    }
    template <class Req, class Res, class Handler>
    static asio::awaitable<Result<void>> upload(std::shared_ptr<Handler> handler, CallPtr call) {
        auto response = co_await (*handler)(Receiver<Req>(call));
        if (!response) co_return response.error();
        auto sent = co_await detail::send(std::move(call), *response);
        co_return sent;
    }

    base::Logger log_;
    std::size_t message_limit_;
    std::map<std::string, RawHandler, std::less<>> handlers_;
};

}  // namespace berth::drpc

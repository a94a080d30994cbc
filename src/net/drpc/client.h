#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/drpc/method.h"
#include "net/drpc/stream.h"
#include "net/stream.h"
#include "net/yamux/session.h"

namespace berth::drpc {

/// Calls RPCs of one peer, each on a stream of its own. Belongs to one loop. Cheap to copy.
class Client {
public:
    using Opener = std::function<asio::awaitable<Result<net::StreamPtr>>()>;

    /// `message_limit`: bytes of the largest message, both ways.
    explicit Client(Opener open, base::Clock& clock = base::system_clock(),
                    std::size_t message_limit = max_message);
    /// A new stream of the session for each RPC.
    static Client over(yamux::SessionPtr session, base::Clock& clock = base::system_clock(),
                       std::size_t message_limit = max_message);
    /// The whole stream for the first RPC; a second one fails. For a connection that serves one long RPC.
    static Client once(net::StreamPtr stream, base::Clock& clock = base::system_clock(),
                       std::size_t message_limit = max_message);

    /// The peer's error when it sent one, `deadline_exceeded`, or `unavailable` when the connection broke. A
    /// zero deadline waits for ever.
    template <class Req, class Res>
    asio::awaitable<Result<Res>> call(Unary<Req, Res> method, const Req& request,
                                      base::Duration deadline = std::chrono::seconds(30)) {
        return call_as<Res>(state_, method.path, serialize(request), deadline);
    }
    template <class Req, class Res>
    asio::awaitable<Result<Upload<Req, Res>>> open(ClientStream<Req, Res> method) {
        return open_as<Upload<Req, Res>>(state_, method.path);
    }
    template <class Req, class Res>
    asio::awaitable<Result<Duplex<Req, Res>>> open(BidiStream<Req, Res> method) {
        return open_as<Duplex<Req, Res>>(state_, method.path);
    }
    template <class Req, class Res>
    asio::awaitable<Result<Receiver<Res>>> open(ServerStream<Req, Res> method, const Req& request) {
        return open_with<Receiver<Res>>(state_, method.path, serialize(request));
    }

private:
    struct State;
    using StatePtr = std::shared_ptr<State>;

    static std::string serialize(const google::protobuf::MessageLite& message);
    static Result<void> parse(const std::string& data, google::protobuf::MessageLite* into);
    static asio::awaitable<Result<std::string>> invoke(StatePtr state, std::string_view path,
                                                       std::string request, base::Duration deadline);
    static asio::awaitable<Result<CallPtr>> start(StatePtr state, std::string_view path);
    static asio::awaitable<Result<CallPtr>> start_with(StatePtr state, std::string_view path,
                                                       std::string request);

    template <class Res>
    static asio::awaitable<Result<Res>> call_as(StatePtr state, std::string_view path, std::string request,
                                                base::Duration deadline) {
        auto data = co_await invoke(std::move(state), path, std::move(request), deadline);
        if (!data) co_return data.error();
        Res response;
        auto parsed = parse(*data, &response);
        if (!parsed) co_return parsed.error();
        co_return std::move(response);
    }
    template <class Typed>
    static asio::awaitable<Result<Typed>> open_as(StatePtr state, std::string_view path) {
        auto call = co_await start(std::move(state), path);
        if (!call) co_return call.error();
        co_return Typed(*call);
    }
    template <class Typed>
    static asio::awaitable<Result<Typed>> open_with(StatePtr state, std::string_view path,
                                                    std::string request) {
        auto call = co_await start_with(std::move(state), path, std::move(request));
        if (!call) co_return call.error();
        co_return Typed(*call);
    }

    StatePtr state_;
};

}  // namespace berth::drpc

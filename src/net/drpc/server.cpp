#include "net/drpc/server.h"

#include <deque>
#include <exception>

#include "net/drpc/packet.h"
#include "net/task_group.h"

namespace berth::drpc {
namespace {

/// One RPC on the server. The connection reads its packets and puts them here; the handler takes them.
class ServerCall final : public Call {
public:
    /// `owner` holds the writer.
    ServerCall(asio::any_io_executor executor, std::shared_ptr<void> owner, PacketWriter& writer,
               std::uint64_t id, std::string path, std::size_t limit)
        : changed(std::move(executor)),
          id(id),
          path(std::move(path)),
          limit_(limit),
          owner_(std::move(owner)),
          writer_(writer) {}

    asio::awaitable<Result<void>> send(std::string message) override {
        if (over()) co_return cancelled("the caller is gone");
        if (sent_all_) co_return Error(ErrorCode::failed_precondition, "a message after the last");
        if (message.size() > limit_) co_return Error(ErrorCode::too_large, "the message is too large");
        auto written = co_await writer_.write(Kind::message, std::move(message));
        co_return written;
    }

    asio::awaitable<Result<void>> close_send() override {
        if (over()) co_return cancelled("the caller is gone");
        if (sent_all_) co_return Result<void>();
        sent_all_ = true;
        auto written = co_await writer_.write(Kind::close_send, {});
        co_return written;
    }

    asio::awaitable<Result<std::optional<std::string>>> receive() override {
        while (true) {
            if (!inbox.empty()) {
                std::string message = std::move(inbox.front());
                inbox.pop_front();
                inbox_bytes -= message.size();
                changed.notify();
                co_return std::optional<std::string>(std::move(message));
            }
            if (over()) co_return cancelled("the caller is gone");
            if (received_all) co_return std::optional<std::string>();
            co_await changed.wait();
        }
    }

    void cancel() noexcept override {
        cancelled_here = true;
        changed.notify();
    }

    [[nodiscard]] std::size_t limit() const override { return limit_; }
    [[nodiscard]] bool over() const { return cancelled_there || cancelled_here || finished; }
    [[nodiscard]] bool full() const { return inbox.size() >= 64 || inbox_bytes >= (256 << 10); }

    net::Signal changed;
    const std::uint64_t id;
    const std::string path;
    std::deque<std::string> inbox;
    std::size_t inbox_bytes = 0;
    bool received_all = false;
    bool cancelled_there = false;
    bool cancelled_here = false;
    /// The handler returned and its answer was sent.
    bool answered = false;
    /// Nothing of this RPC runs any more.
    bool finished = false;

private:
    std::size_t limit_;
    std::shared_ptr<void> owner_;
    PacketWriter& writer_;
    bool sent_all_ = false;
};

using ServerCallPtr = std::shared_ptr<ServerCall>;

}  // namespace

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
public:
    ServerConnection(asio::any_io_executor executor, net::StreamPtr stream, const Server& server)
        : stream(std::move(stream)),
          writer(executor, *this->stream),
          reader(*this->stream, server.message_limit_),
          log(server.log_),
          executor_(executor),
          message_limit_(server.message_limit_),
          handlers_(server.handlers_) {}

    [[nodiscard]] ServerCallPtr new_call(const Packet& packet) {
        return std::make_shared<ServerCall>(executor_, shared_from_this(), writer, packet.stream,
                                            packet.data.substr(0, max_path), message_limit_);
    }
    [[nodiscard]] const Server::RawHandler* handler(const std::string& path) const {
        auto found = handlers_.find(path);
        return found == handlers_.end() ? nullptr : &found->second;
    }

    net::StreamPtr stream;
    PacketWriter writer;
    PacketReader reader;
    ServerCallPtr current;
    base::Logger log;

    static constexpr std::size_t max_path = 256;

private:
    asio::any_io_executor executor_;
    std::size_t message_limit_;
    const std::map<std::string, Server::RawHandler, std::less<>>& handlers_;
};

namespace {

using ConnectionPtr = std::shared_ptr<ServerConnection>;

/// A call holds its connection, which holds the call: this lets go when the stream is over.
struct ConnectionEnd {
    ConnectionPtr connection;
    ~ConnectionEnd() {
        connection->stream->close();
        connection->current = nullptr;
    }
};

asio::awaitable<Result<void>> run_handler(ConnectionPtr connection, ServerCallPtr call) {
    const auto* handler = connection->handler(call->path);
    if (!handler) co_return Error(ErrorCode::unimplemented, "unknown rpc: " + call->path);
    std::exception_ptr failure;
    try {
        auto done = co_await (*handler)(call);
        co_return done;
    } catch (...) {
        failure = std::current_exception();
    }
    if (net::is_cancellation(failure)) std::rethrow_exception(failure);
    connection->log.error("rpc failed", field("rpc", call->path), field("error", net::describe(failure)));
    co_return internal_error("internal error");
}

asio::awaitable<void> answer(ConnectionPtr connection, ServerCallPtr call) {
    auto done = co_await run_handler(connection, call);
    if (!call->over()) {
        if (done) {
            auto sent = co_await call->close_send();
            if (!sent) connection->log.debug("rpc answer not sent", field("rpc", call->path));
        } else {
            auto sent = co_await connection->writer.write(Kind::error, encode_error(done.error()));
            if (!sent) connection->log.debug("rpc error not sent", field("rpc", call->path));
        }
    }
    call->answered = true;
    call->changed.notify();
}

asio::awaitable<void> answer_or_cancel(net::TaskGroup& group, ConnectionPtr connection, ServerCallPtr call) {
    group.spawn("rpc handler", answer(connection, call));
    while (!call->answered && !call->cancelled_there && !call->cancelled_here)
        co_await call->changed.wait();
}

asio::awaitable<void> run_rpc(ConnectionPtr connection, ServerCallPtr call) {
    std::exception_ptr failure;
    try {
        co_await net::TaskGroup::scope(connection->log, answer_or_cancel, connection, call);
    } catch (...) {
        failure = std::current_exception();
    }
    call->finished = true;
    call->changed.notify();
    if (failure) std::rethrow_exception(failure);
    if (call->cancelled_here && !call->answered && !connection->writer.broken()) {
        auto sent =
            co_await connection->writer.write(Kind::error, encode_error(cancelled("the RPC was cancelled")));
        if (!sent) connection->log.debug("rpc error not sent", field("rpc", call->path));
    }
}

/// A new RPC replaces one that its caller did not wait for.
asio::awaitable<void> start_rpc(net::TaskGroup& group, ConnectionPtr connection, Packet packet) {
    ServerCallPtr previous = connection->current;
    if (previous && !previous->finished) {
        previous->cancelled_there = true;
        previous->changed.notify();
        while (!previous->finished)
            co_await previous->changed.wait();
    }
    connection->current = connection->new_call(packet);
    connection->writer.start_rpc(packet.stream);
    group.spawn("rpc", run_rpc(connection, connection->current));
}

/// Waits while the handler has enough to read: that is the back-pressure on its caller.
asio::awaitable<void> deliver(ServerCallPtr call, std::string message) {
    while (call->full() && !call->over())
        co_await call->changed.wait();
    if (call->over()) co_return;
    call->inbox_bytes += message.size();
    call->inbox.push_back(std::move(message));
    call->changed.notify();
}

/// False when the connection is of no more use.
bool take_signal(ServerCall& call, const Packet& packet) {
    switch (packet.kind) {
        case Kind::close_send:
            call.received_all = true;
            break;
        case Kind::cancel:
        case Kind::error:
        case Kind::close:
            call.cancelled_there = true;
            break;
        default:
            return packet.control;
    }
    call.changed.notify();
    return true;
}

asio::awaitable<bool> dispatch(net::TaskGroup& group, ConnectionPtr connection, Packet packet) {
    ServerCallPtr call = connection->current;
    bool of_current = call && packet.stream == call->id;
    if (of_current && packet.kind == Kind::message) {
        co_await deliver(call, std::move(packet.data));
        co_return true;
    }
    if (of_current) co_return take_signal(*call, packet);
    if (packet.kind == Kind::invoke) {
        co_await start_rpc(group, connection, std::move(packet));
        co_return !connection->writer.broken();
    }
    // Metadata announces an invoke; the rest belongs to an RPC that is over.
    co_return packet.kind == Kind::invoke_metadata || packet.control || (call && packet.stream < call->id);
}

asio::awaitable<void> serve_connection(net::TaskGroup& group, ConnectionPtr connection) {
    while (true) {
        auto packet = co_await connection->reader.next();
        if (!packet && packet.error().code() == ErrorCode::too_large && connection->current &&
            !connection->current->answered && !connection->writer.broken()) {
            auto sent = co_await connection->writer.write(Kind::error, encode_error(packet.error()));
            if (!sent) connection->log.debug("rpc error not sent");
        }
        if (!packet || !*packet) co_return;
        bool usable = co_await dispatch(group, connection, std::move(**packet));
        if (!usable) co_return;
    }
}

asio::awaitable<void> serve_streams(net::TaskGroup& group, Server* server, yamux::Session* session) {
    while (true) {
        auto stream = co_await session->accept();
        if (!stream) co_return;
        group.spawn("drpc stream", server->serve(std::move(*stream)));
    }
}

}  // namespace

Server::Server(base::Logger log, std::size_t message_limit)
    : log_(std::move(log)), message_limit_(message_limit) {}

void Server::add(std::string_view path, RawHandler handler) {
    handlers_.insert_or_assign(std::string(path), std::move(handler));
}

asio::awaitable<void> Server::serve(net::StreamPtr stream) {
    auto executor = co_await asio::this_coro::executor;
    auto connection = std::make_shared<ServerConnection>(executor, std::move(stream), *this);
    ConnectionEnd end{connection};
    co_await net::TaskGroup::scope(log_, serve_connection, connection);
}

asio::awaitable<void> Server::serve_session(yamux::Session& session) {
    co_await net::TaskGroup::scope(log_, serve_streams, this, &session);
}

}  // namespace berth::drpc

#include "net/drpc/client.h"

#include <google/protobuf/message_lite.h>

#include "base/log.h"
#include "net/drpc/packet.h"
#include "net/task_group.h"

namespace berth::drpc {

namespace {

/// Whom the RPCs go to.
struct Peer {
    Client::Opener open;
    std::size_t message_limit;
};

}  // namespace

struct Client::State {
    Peer peer;
    base::Clock* clock;
};

namespace {

/// The client's end. Every RPC has its stream to itself, so closing that cancels it.
class ClientCall final : public Call {
public:
    ClientCall(asio::any_io_executor executor, net::StreamPtr stream, std::size_t limit)
        : limit_(limit),
          stream_(std::move(stream)),
          writer_(std::move(executor), *stream_),
          reader_(*stream_, limit) {}
    ~ClientCall() override { stream_->close(); }

    PacketWriter& writer() { return writer_; }

    asio::awaitable<Result<void>> send(std::string message) override {
        if (cancelled_) co_return cancelled("the RPC was cancelled");
        if (sent_all_) co_return Error(ErrorCode::failed_precondition, "a message after the last");
        if (message.size() > limit_) co_return Error(ErrorCode::too_large, "the message is too large");
        auto written = co_await writer_.write(Kind::message, std::move(message));
        co_return written;
    }

    asio::awaitable<Result<void>> close_send() override {
        if (sent_all_) co_return Result<void>();
        sent_all_ = true;
        auto written = co_await writer_.write(Kind::close_send, {});
        co_return written;
    }

    asio::awaitable<Result<std::optional<std::string>>> receive() override {
        while (true) {
            if (cancelled_) co_return cancelled("the RPC was cancelled");
            if (failure_) co_return *failure_;
            if (received_all_) co_return std::optional<std::string>();
            auto packet = co_await reader_.next();
            if (!packet) {
                failure_ = cancelled_ ? cancelled("the RPC was cancelled") : packet.error();
            } else if (!*packet) {
                failure_ = unavailable("the connection ended before the RPC did");
            } else if ((*packet)->stream == rpc_id) {
                if ((*packet)->kind == Kind::message)
                    co_return std::optional<std::string>(std::move((*packet)->data));
                take(**packet);
            }
        }
    }

    void cancel() noexcept override {
        cancelled_ = true;
        stream_->close();
    }

    [[nodiscard]] std::size_t limit() const override { return limit_; }

    static constexpr std::uint64_t rpc_id = 1;

private:
    void take(const Packet& packet) {
        switch (packet.kind) {
            case Kind::error:
                failure_ = decode_error(packet.data);
                break;
            case Kind::cancel:
                failure_ = cancelled("the peer cancelled the RPC");
                break;
            case Kind::close:
            case Kind::close_send:
                received_all_ = true;
                break;
            default:
                if (!packet.control) failure_ = invalid_argument("dRPC: a packet of unexpected kind");
        }
    }

    std::size_t limit_;
    net::StreamPtr stream_;
    PacketWriter writer_;
    PacketReader reader_;
    bool sent_all_ = false;
    bool received_all_ = false;
    bool cancelled_ = false;
    std::optional<Error> failure_;
};

struct Outcome {
    explicit Outcome(asio::any_io_executor executor) : changed(std::move(executor)) {}
    std::optional<Result<std::string>> result;
    net::Signal changed;
};

asio::awaitable<Result<std::shared_ptr<ClientCall>>> open_call(const Peer& peer) {
    auto stream = co_await peer.open();
    if (!stream) co_return stream.error();
    auto executor = co_await asio::this_coro::executor;
    co_return std::make_shared<ClientCall>(executor, std::move(*stream), peer.message_limit);
}

asio::awaitable<void> expire(std::shared_ptr<Outcome> outcome, base::Clock* clock, base::Duration deadline) {
    co_await clock->sleep(deadline);
    if (outcome->result) co_return;
    outcome->result = Error(ErrorCode::deadline_exceeded, "the peer did not answer in time");
    outcome->changed.notify();
}

}  // namespace

Client::Client(Opener open, base::Clock& clock, std::size_t message_limit)
    : state_(std::make_shared<State>(State{Peer{std::move(open), message_limit}, &clock})) {}

Client Client::over(yamux::SessionPtr session, base::Clock& clock, std::size_t message_limit) {
    return Client([session] { return session->open(); }, clock, message_limit);
}

namespace {
asio::awaitable<Result<net::StreamPtr>> take_once(std::shared_ptr<net::StreamPtr> stream) {
    if (!*stream) co_return unavailable("the connection serves one RPC only");
    co_return std::move(*stream);
}
}  // namespace

Client Client::once(net::StreamPtr stream, base::Clock& clock, std::size_t message_limit) {
    auto shared = std::make_shared<net::StreamPtr>(std::move(stream));
    return Client([shared] { return take_once(shared); }, clock, message_limit);
}

std::string Client::serialize(const google::protobuf::MessageLite& message) {
    return message.SerializeAsString();
}

Result<void> Client::parse(const std::string& data, google::protobuf::MessageLite* into) {
    if (!into->ParseFromString(data)) return invalid_argument("an answer that is no " + into->GetTypeName());
    return {};
}

namespace {

/// Invoke, request and end in one write; then the answer.
asio::awaitable<Result<std::string>> exchange(const Peer& peer, std::string_view path, std::string request) {
    if (request.size() > peer.message_limit)
        co_return Error(ErrorCode::too_large, "the request is too large");
    auto call = co_await open_call(peer);
    if (!call) co_return call.error();
    (*call)->writer().hold(Kind::invoke, path);
    auto sent = co_await (*call)->send(std::move(request));
    if (!sent) co_return sent.error();
    auto closed = co_await (*call)->close_send();
    if (!closed) co_return closed.error();
    auto answer = co_await (*call)->receive();
    if (!answer) co_return answer.error();
    if (!*answer) co_return unavailable("the RPC ended without an answer");
    co_return std::move(**answer);
}

asio::awaitable<void> exchange_into(std::shared_ptr<Outcome> outcome, const Peer& peer, std::string_view path,
                                    std::string request) {
    auto result = co_await exchange(peer, path, std::move(request));
    if (outcome->result) co_return;
    outcome->result = std::move(result);
    outcome->changed.notify();
}

asio::awaitable<void> exchange_within(net::TaskGroup& group, std::shared_ptr<Outcome> outcome,
                                      std::shared_ptr<Peer> peer, base::Clock* clock, std::string_view path,
                                      std::shared_ptr<std::string> request, base::Duration deadline) {
    group.spawn("rpc", exchange_into(outcome, *peer, path, std::move(*request)));
    group.spawn("rpc deadline", expire(outcome, clock, deadline));
    while (!outcome->result)
        co_await outcome->changed.wait();
}

}  // namespace

asio::awaitable<Result<std::string>> Client::invoke(StatePtr state, std::string_view path,
                                                    std::string request, base::Duration deadline) {
    if (deadline <= base::Duration::zero()) {
        auto result = co_await exchange(state->peer, path, std::move(request));
        co_return result;
    }
    auto executor = co_await asio::this_coro::executor;
    auto outcome = std::make_shared<Outcome>(executor);
    std::shared_ptr<Peer> peer(state, &state->peer);
    auto shared = std::make_shared<std::string>(std::move(request));
    co_await net::TaskGroup::scope(base::Logger("drpc"), exchange_within, outcome, peer, state->clock, path,
                                   shared, deadline);
    co_return std::move(*outcome->result);
}

asio::awaitable<Result<CallPtr>> Client::start(StatePtr state, std::string_view path) {
    auto call = co_await open_call(state->peer);
    if (!call) co_return call.error();
    (*call)->writer().hold(Kind::invoke, path);
    auto sent = co_await (*call)->writer().flush();
    if (!sent) co_return sent.error();
    co_return CallPtr(std::move(*call));
}

asio::awaitable<Result<CallPtr>> Client::start_with(StatePtr state, std::string_view path,
                                                    std::string request) {
    auto call = co_await open_call(state->peer);
    if (!call) co_return call.error();
    (*call)->writer().hold(Kind::invoke, path);
    auto sent = co_await (*call)->send(std::move(request));
    if (!sent) co_return sent.error();
    auto closed = co_await (*call)->close_send();
    if (!closed) co_return closed.error();
    co_return CallPtr(std::move(*call));
}

}  // namespace berth::drpc

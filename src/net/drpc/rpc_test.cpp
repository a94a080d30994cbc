#include <boost/asio/post.hpp>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "net/drpc/client.h"
#include "net/drpc/packet.h"
#include "net/drpc/server.h"
#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::drpc {
namespace {

using google::protobuf::BytesValue;
using google::protobuf::Int32Value;
using google::protobuf::StringValue;
using net::TaskGroup;

#define CO_REQUIRE(condition)                   \
    if (!(condition)) {                         \
        ADD_FAILURE() << "failed: " #condition; \
        co_return;                              \
    }

constexpr Unary<StringValue, StringValue> hello{"/test.Test/Hello"};
constexpr Unary<StringValue, StringValue> fail{"/test.Test/Fail"};
constexpr Unary<StringValue, StringValue> explode{"/test.Test/Explode"};
constexpr Unary<StringValue, StringValue> hang{"/test.Test/Hang"};
constexpr Unary<StringValue, StringValue> missing{"/test.Test/Missing"};
constexpr Unary<BytesValue, BytesValue> mirror{"/test.Test/Mirror"};
constexpr ClientStream<Int32Value, Int32Value> sum{"/test.Test/Sum"};
constexpr ServerStream<Int32Value, Int32Value> count{"/test.Test/Count"};
constexpr BidiStream<StringValue, StringValue> chat{"/test.Test/Chat"};

template <class T, class V>
T value(V v) {
    T message;
    message.set_value(std::move(v));
    return message;
}

asio::awaitable<void> settle() {
    auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 200; i++)
        co_await asio::post(executor, asio::use_awaitable);
}

/// What the handlers saw.
struct Seen {
    int hanging = 0;
    int cancelled = 0;
    int counted = 0;
};

asio::awaitable<Result<StringValue>> on_hello(StringValue request) {
    co_return value<StringValue>("hello " + request.value());
}
asio::awaitable<Result<StringValue>> on_fail(StringValue request) {
    co_return Error(ErrorCode::not_found, "no " + request.value(), "a detail for the log");
}
asio::awaitable<Result<StringValue>> on_explode(StringValue request) {
    throw std::runtime_error("with " + request.value() + " inside");
    co_return request;
}
asio::awaitable<Result<StringValue>> on_hang(Seen* seen, StringValue request) {
    seen->hanging++;
    try {
        auto executor = co_await asio::this_coro::executor;
        net::Signal never(executor);
        while (true)
            co_await never.wait();
    } catch (...) {
        seen->cancelled++;
        throw;
    }
    co_return request;
}
asio::awaitable<Result<BytesValue>> on_mirror(BytesValue request) { co_return request; }
asio::awaitable<Result<Int32Value>> on_sum(Receiver<Int32Value> requests) {
    int total = 0;
    while (true) {
        auto next = co_await requests.recv();
        if (!next) co_return next.error();
        if (!*next) break;
        if ((*next)->value() < 0) co_return invalid_argument("negative");
        total += (*next)->value();
    }
    co_return value<Int32Value>(total);
}
asio::awaitable<Result<void>> on_count(Seen* seen, Int32Value request, Sender<Int32Value> answers) {
    for (int i = 0; i < request.value(); i++) {
        auto sent = co_await answers.send(value<Int32Value>(i));
        if (!sent) co_return sent.error();
        seen->counted++;
    }
    co_return Result<void>();
}
asio::awaitable<Result<void>> on_chat(Duplex<StringValue, StringValue> stream) {
    while (true) {
        auto next = co_await stream.recv();
        if (!next) co_return next.error();
        if (!*next) co_return Result<void>();
        auto sent = co_await stream.send(value<StringValue>("re: " + (*next)->value()));
        if (!sent) co_return sent.error();
    }
}

void add_handlers(Server& server, Seen* seen) {
    server.on(hello, on_hello);
    server.on(fail, on_fail);
    server.on(explode, on_explode);
    server.on(hang, [seen](StringValue request) { return on_hang(seen, std::move(request)); });
    server.on(mirror, on_mirror);
    server.on(sum, on_sum);
    server.on(count, [seen](Int32Value request, Sender<Int32Value> answers) {
        return on_count(seen, std::move(request), std::move(answers));
    });
    server.on(chat, on_chat);
}

struct Fixture {
    Seen seen;
    base::FakeClock clock;
    yamux::SessionPtr near;
    yamux::SessionPtr far;
    std::optional<Client> client;
    std::size_t limit = max_message;
};

using Body = asio::awaitable<void> (*)(TaskGroup&, Fixture&);

asio::awaitable<void> with_client(TaskGroup& group, Body body, Fixture* f, Server* server) {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    f->near = yamux::Session::create(executor, std::move(ends.first), yamux::Role::client);
    f->far = yamux::Session::create(executor, std::move(ends.second), yamux::Role::server);
    f->client = Client::over(f->near, f->clock, f->limit);
    group.spawn("near", f->near->run());
    group.spawn("far", f->far->run());
    group.spawn("server", server->serve_session(*f->far));
    co_await body(group, *f);
    co_await settle();
    EXPECT_EQ(f->near->streams(), 0u);
    EXPECT_EQ(f->far->streams(), 0u);
}

void run(Body body, std::size_t limit = max_message) {
    net::Runtime runtime(1);
    Fixture fixture;
    fixture.limit = limit;
    Server server(base::Logger("test"), limit);
    add_handlers(server, &fixture.seen);
    runtime.run(TaskGroup::scope(base::Logger("test"), with_client, body, &fixture, &server));
}

asio::awaitable<void> unary(TaskGroup&, Fixture& f) {
    for (int i = 0; i < 50; i++) {
        auto answer = co_await f.client->call(hello, value<StringValue>(std::to_string(i)));
        CO_REQUIRE(answer.ok());
        EXPECT_EQ(answer->value(), "hello " + std::to_string(i));
    }
}
TEST(Drpc, UnaryCalls) { run(unary); }

struct FailingCall {
    Unary<StringValue, StringValue> method;
    ErrorCode code;
    const char* message;
};

asio::awaitable<void> failures(TaskGroup&, Fixture& f) {
    const FailingCall cases[] = {
        {fail, ErrorCode::not_found, "no cat"},
        {explode, ErrorCode::internal, "internal error"},
        {missing, ErrorCode::unimplemented, "unknown rpc: /test.Test/Missing"},
    };
    for (const auto& c : cases) {
        auto answer = co_await f.client->call(c.method, value<StringValue>("cat"));
        CO_REQUIRE(!answer.ok());
        EXPECT_EQ(answer.error().code(), c.code) << c.method.path;
        EXPECT_EQ(answer.error().message(), c.message) << c.method.path;
        EXPECT_EQ(answer.error().detail(), "") << c.method.path;
    }
}
TEST(Drpc, HandlersFailWithCodeAndMessage) { run(failures); }

asio::awaitable<void> sizes(TaskGroup&, Fixture& f) {
    // A BytesValue of n bytes takes n + 5 when n has four bytes of length.
    for (std::size_t size : {0ul, 1ul, 65530ul, 65536ul, 1ul << 20, (4ul << 20) - 5}) {
        auto request = value<BytesValue>(std::string(size, 'z'));
        auto answer = co_await f.client->call(mirror, request);
        CO_REQUIRE(answer.ok());
        EXPECT_TRUE(answer->value() == request.value()) << size;
    }
    auto answer = co_await f.client->call(mirror, value<BytesValue>(std::string((4 << 20) - 4, 'z')));
    CO_REQUIRE(!answer.ok());
    EXPECT_EQ(answer.error().code(), ErrorCode::too_large);
}
TEST(Drpc, MessagesUpToFourMebibytes) { run(sizes); }

asio::awaitable<void> agreed_size(TaskGroup&, Fixture& f) {
    auto request = value<BytesValue>(std::string(f.limit - 5, 'z'));
    auto answer = co_await f.client->call(mirror, request);
    CO_REQUIRE(answer.ok());
    EXPECT_TRUE(answer->value() == request.value());
    auto refused = co_await f.client->call(mirror, value<BytesValue>(std::string(f.limit - 4, 'z')));
    CO_REQUIRE(!refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::too_large);
}
TEST(Drpc, BothSidesMayAgreeOnLargerMessages) { run(agreed_size, 2 * max_message); }

asio::awaitable<void> uploads(TaskGroup&, Fixture& f) {
    auto stream = co_await f.client->open(sum);
    CO_REQUIRE(stream.ok());
    for (int i = 1; i <= 1000; i++) {
        auto sent = co_await stream->send(value<Int32Value>(i));
        CO_REQUIRE(sent.ok());
    }
    auto total = co_await stream->finish();
    CO_REQUIRE(total.ok());
    EXPECT_EQ(total->value(), 500500);

    auto refused = co_await f.client->open(sum);
    CO_REQUIRE(refused.ok());
    auto sent = co_await refused->send(value<Int32Value>(-1));
    CO_REQUIRE(sent.ok());
    auto result = co_await refused->finish();
    CO_REQUIRE(!result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
}
TEST(Drpc, ClientStreams) { run(uploads); }

asio::awaitable<void> downloads(TaskGroup&, Fixture& f) {
    auto stream = co_await f.client->open(count, value<Int32Value>(1000));
    CO_REQUIRE(stream.ok());
    for (int i = 0; i < 1000; i++) {
        auto next = co_await stream->recv();
        CO_REQUIRE(next.ok() && next->has_value());
        EXPECT_EQ((*next)->value(), i);
    }
    auto last = co_await stream->recv();
    CO_REQUIRE(last.ok());
    EXPECT_FALSE(last->has_value());
}
TEST(Drpc, ServerStreams) { run(downloads); }

asio::awaitable<void> slow_reader(TaskGroup&, Fixture& f) {
    auto stream = co_await f.client->open(count, value<Int32Value>(10'000'000));
    CO_REQUIRE(stream.ok());
    int before = -1;
    while (f.seen.counted != before) {
        before = f.seen.counted;
        co_await settle();
    }
    // The window holds 256 KiB, of messages that take at least 4 bytes on the wire.
    EXPECT_GT(f.seen.counted, 1000);
    EXPECT_LT(f.seen.counted, 100'000);
    stream->cancel();
    auto next = co_await stream->recv();
    CO_REQUIRE(!next.ok());
    EXPECT_EQ(next.error().code(), ErrorCode::cancelled);
}
TEST(Drpc, AServerWaitsForASlowReader) { run(slow_reader); }

asio::awaitable<void> chats(TaskGroup&, Fixture& f) {
    auto stream = co_await f.client->open(chat);
    CO_REQUIRE(stream.ok());
    for (int i = 0; i < 20; i++) {
        auto sent = co_await stream->send(value<StringValue>(std::to_string(i)));
        CO_REQUIRE(sent.ok());
        auto next = co_await stream->recv();
        CO_REQUIRE(next.ok() && next->has_value());
        EXPECT_EQ((*next)->value(), "re: " + std::to_string(i));
    }
    auto closed = co_await stream->close_send();
    CO_REQUIRE(closed.ok());
    auto late = co_await stream->send(value<StringValue>("late"));
    EXPECT_FALSE(late.ok());
    auto last = co_await stream->recv();
    CO_REQUIRE(last.ok());
    EXPECT_FALSE(last->has_value());
}
TEST(Drpc, BidiStreamsHalfClose) { run(chats); }

asio::awaitable<void> call_hang(Fixture* f, std::optional<Error>* error, base::Duration deadline) {
    auto answer = co_await f->client->call(hang, value<StringValue>(""), deadline);
    if (!answer) *error = answer.error();
}

asio::awaitable<void> deadline(TaskGroup& group, Fixture& f) {
    std::optional<Error> error;
    group.spawn("call", call_hang(&f, &error, std::chrono::seconds(7)));
    while (f.seen.hanging == 0)
        co_await settle();
    EXPECT_FALSE(error.has_value());
    f.clock.advance(std::chrono::seconds(7));
    while (f.seen.cancelled == 0)
        co_await settle();
    CO_REQUIRE(error.has_value());
    EXPECT_EQ(error->code(), ErrorCode::deadline_exceeded);
}
TEST(Drpc, ADeadlineCancelsTheHandler) { run(deadline); }

asio::awaitable<void> connection_loss(TaskGroup& group, Fixture& f) {
    std::optional<Error> error;
    group.spawn("call", call_hang(&f, &error, base::Duration::zero()));
    while (f.seen.hanging == 0)
        co_await settle();
    f.near->close();
    while (f.seen.cancelled == 0)
        co_await settle();
    CO_REQUIRE(error.has_value());
}
TEST(Drpc, LosingTheConnectionCancelsTheHandler) { run(connection_loss); }

asio::awaitable<void> dropped_stream(TaskGroup&, Fixture& f) {
    {
        auto stream = co_await f.client->open(chat);
        CO_REQUIRE(stream.ok());
    }
    co_await settle();
    EXPECT_EQ(f.far->streams(), 0u);
}
TEST(Drpc, DroppingAStreamEndsTheRpc) { run(dropped_stream); }

// What follows speaks to a server in bytes, several RPCs on one stream.

asio::awaitable<void> serve_raw(TaskGroup& group, Body body, Fixture* f, Server* server,
                                net::StreamPtr* near) {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    *near = std::move(ends.first);
    group.spawn("server", server->serve(std::move(ends.second)));
    co_await body(group, *f);
}

net::StreamPtr raw_near;

void run_raw(Body body) {
    net::Runtime runtime(1);
    Fixture fixture;
    Server server(base::Logger("test"));
    add_handlers(server, &fixture.seen);
    runtime.run(TaskGroup::scope(base::Logger("test"), serve_raw, body, &fixture, &server, &raw_near));
    raw_near = nullptr;
}

std::string request(std::uint64_t rpc, std::string_view path, const StringValue& message, bool end = true) {
    std::string out;
    append_packet(out, {rpc, 1, Kind::invoke_metadata, false, "\x0a\x02hi"});
    append_packet(out, {rpc, 2, Kind::invoke, false, std::string(path)});
    append_packet(out, {rpc, 3, Kind(33), true, "something of tomorrow"});
    append_packet(out, {rpc, 4, Kind::message, false, message.SerializeAsString()});
    if (end) append_packet(out, {rpc, 5, Kind::close_send, false, ""});
    return out;
}

asio::awaitable<void> sequential(TaskGroup&, Fixture&) {
    PacketReader reader(*raw_near);
    for (std::uint64_t rpc : {1, 2, 7}) {
        std::string bytes = request(rpc, hello.path, value<StringValue>("you"));
        auto written = co_await raw_near->write(net::as_bytes(bytes));
        CO_REQUIRE(written.ok());
        auto answer = co_await reader.next();
        CO_REQUIRE(answer.ok() && answer->has_value());
        EXPECT_EQ((*answer)->stream, rpc);
        EXPECT_EQ((*answer)->kind, Kind::message);
        auto end = co_await reader.next();
        CO_REQUIRE(end.ok() && end->has_value());
        EXPECT_EQ((*end)->kind, Kind::close_send);
    }
}
TEST(DrpcServer, AnswersRpcsOneAfterAnother) { run_raw(sequential); }

asio::awaitable<void> cancel_packet(TaskGroup&, Fixture& f) {
    std::string bytes = request(1, hang.path, value<StringValue>(""));
    auto written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    while (f.seen.hanging == 0)
        co_await settle();
    bytes.clear();
    append_packet(bytes, {1, 6, Kind::cancel, true, ""});
    bytes += request(2, hello.path, value<StringValue>("again"));
    written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    PacketReader reader(*raw_near);
    auto answer = co_await reader.next();
    CO_REQUIRE(answer.ok() && answer->has_value());
    EXPECT_EQ((*answer)->stream, 2u);
    EXPECT_EQ(f.seen.cancelled, 1);
}
TEST(DrpcServer, ACancelPacketEndsTheHandlerOnly) { run_raw(cancel_packet); }

asio::awaitable<void> replaced(TaskGroup&, Fixture& f) {
    std::string bytes =
        request(1, hang.path, value<StringValue>("")) + request(2, hello.path, value<StringValue>("x"));
    auto written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    PacketReader reader(*raw_near);
    auto answer = co_await reader.next();
    CO_REQUIRE(answer.ok() && answer->has_value());
    EXPECT_EQ((*answer)->stream, 2u);
    EXPECT_EQ(f.seen.cancelled, f.seen.hanging);
}
TEST(DrpcServer, ANewRpcReplacesTheOld) { run_raw(replaced); }

asio::awaitable<void> over_limit(TaskGroup&, Fixture&) {
    std::string bytes;
    append_packet(bytes, {1, 1, Kind::invoke, false, std::string(mirror.path)});
    bytes += std::string("\x05\x01\x02\x81\x80\x80\x02", 7);
    auto written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    PacketReader reader(*raw_near);
    auto answer = co_await reader.next();
    CO_REQUIRE(answer.ok() && answer->has_value());
    EXPECT_EQ((*answer)->kind, Kind::error);
    EXPECT_EQ(decode_error((*answer)->data).code(), ErrorCode::too_large);
    auto end = co_await reader.next();
    EXPECT_TRUE(end.ok() && !end->has_value());
}
TEST(DrpcServer, AMessageAboveTheLimitIsRefused) { run_raw(over_limit); }

asio::awaitable<void> broken_protocol(TaskGroup&, Fixture&) {
    std::string bytes;
    append_packet(bytes, {1, 1, Kind::message, false, "without an invoke"});
    auto written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    PacketReader reader(*raw_near);
    auto end = co_await reader.next();
    EXPECT_TRUE(!end.ok() || !end->has_value());
}
TEST(DrpcServer, AMessageWithoutAnInvokeEndsTheStream) { run_raw(broken_protocol); }

asio::awaitable<void> bad_protobuf(TaskGroup&, Fixture&) {
    std::string bytes;
    append_packet(bytes, {1, 1, Kind::invoke, false, std::string(hello.path)});
    append_packet(bytes, {1, 2, Kind::message, false, "\xff\xff"});
    auto written = co_await raw_near->write(net::as_bytes(bytes));
    CO_REQUIRE(written.ok());
    PacketReader reader(*raw_near);
    auto answer = co_await reader.next();
    CO_REQUIRE(answer.ok() && answer->has_value());
    EXPECT_EQ(decode_error((*answer)->data).code(), ErrorCode::invalid_argument);
}
TEST(DrpcServer, AMessageThatIsNoProtobufIsRefused) { run_raw(bad_protobuf); }

}  // namespace
}  // namespace berth::drpc

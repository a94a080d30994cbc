#include "net/yamux/session.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/log.h"
#include "net/runtime.h"
#include "net/task_group.h"
#include "net/yamux/frame.h"

namespace berth::yamux {
namespace {

using net::StreamPtr;
using net::TaskGroup;

#define CO_REQUIRE(condition)                   \
    if (!(condition)) {                         \
        ADD_FAILURE() << "failed: " #condition; \
        co_return;                              \
    }

/// Lets everything that can run now run.
asio::awaitable<void> settle() {
    auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 200; i++)
        co_await asio::post(executor, asio::use_awaitable);
}

struct Pair {
    SessionPtr client;
    SessionPtr server;
};

using Body = asio::awaitable<void> (*)(TaskGroup&, Pair&);

asio::awaitable<void> with_pair(TaskGroup& group, Body body, Config config) {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    Pair pair;
    pair.client = Session::create(executor, std::move(ends.first), Role::client, config);
    pair.server = Session::create(executor, std::move(ends.second), Role::server, config);
    group.spawn("client", pair.client->run());
    group.spawn("server", pair.server->run());
    co_await body(group, pair);
    pair.client->close();
    pair.server->close();
    co_await pair.client->closed();
    co_await pair.server->closed();
}

void run(Body body, Config config = {}) {
    net::Runtime runtime(1);
    runtime.run(TaskGroup::scope(base::Logger("test"), with_pair, body, config));
}

std::string pattern(std::size_t size) {
    std::string text(size, 0);
    for (std::size_t i = 0; i < size; i++)
        text[i] = char(i * 131 + (i >> 8) * 7);
    return text;
}

asio::awaitable<Result<std::string>> read_all(net::Stream& stream) {
    std::string text;
    std::vector<std::byte> buffer(10000);
    while (true) {
        auto got = co_await stream.read_some(buffer);
        if (!got) co_return got.error();
        if (*got == 0) co_return text;
        text.append(net::as_text(std::span(buffer).first(*got)));
    }
}

asio::awaitable<void> write_and_finish(net::Stream* stream, const std::string* text) {
    auto written = co_await stream->write(net::as_bytes(*text));
    EXPECT_TRUE(written.ok());
    auto finished = co_await stream->shutdown_write();
    EXPECT_TRUE(finished.ok());
}

asio::awaitable<void> both_ways(TaskGroup& group, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    std::string there = pattern(3'000'000), back = pattern(2'000'001);
    group.spawn("there", write_and_finish(near->get(), &there));
    group.spawn("back", write_and_finish(far->get(), &back));
    auto got_there = co_await read_all(**far);
    auto got_back = co_await read_all(**near);
    CO_REQUIRE(got_there.ok() && got_back.ok());
    EXPECT_TRUE(*got_there == there);
    EXPECT_TRUE(*got_back == back);
    EXPECT_EQ(pair.client->streams(), 0u);
}

TEST(YamuxSession, CarriesMegabytesBothWaysThroughSmallWindows) { run(both_ways); }

asio::awaitable<void> server_opens(TaskGroup&, Pair& pair) {
    auto near = co_await pair.server->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.client->accept();
    CO_REQUIRE(far.ok());
    auto written = co_await (*near)->write(net::as_bytes("hello"));
    CO_REQUIRE(written.ok());
    std::vector<std::byte> buffer(5);
    auto got = co_await net::read_exactly(**far, buffer);
    CO_REQUIRE(got.ok());
    EXPECT_EQ(net::as_text(buffer), "hello");
}

TEST(YamuxSession, BothSidesOpenStreams) { run(server_opens); }

asio::awaitable<void> count_writes(net::Stream* stream, std::size_t* written) {
    std::vector<std::byte> block(1024);
    while (true) {
        auto done = co_await stream->write(block);
        if (!done) co_return;
        *written += block.size();
    }
}

asio::awaitable<void> stall(TaskGroup& group, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    std::size_t written = 0;
    group.spawn("flood", count_writes(near->get(), &written));
    co_await settle();
    EXPECT_EQ(written, std::size_t(initial_window));

    // Another stream is not held up by the stalled one.
    auto other = co_await pair.client->open();
    CO_REQUIRE(other.ok());
    auto sent = co_await (*other)->write(net::as_bytes("ok"));
    CO_REQUIRE(sent.ok());
    auto other_far = co_await pair.server->accept();
    CO_REQUIRE(other_far.ok());
    std::vector<std::byte> two(2);
    auto got = co_await net::read_exactly(**other_far, two);
    EXPECT_TRUE(got.ok());

    std::vector<std::byte> half(initial_window / 2);
    auto drained = co_await net::read_exactly(**far, half);
    CO_REQUIRE(drained.ok());
    co_await settle();
    EXPECT_EQ(written, std::size_t(initial_window) + initial_window / 2);
    (*near)->close();
    co_await settle();
}

TEST(YamuxSession, AWriterWaitsForItsReader) { run(stall); }

asio::awaitable<void> half_close(TaskGroup&, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    auto finished = co_await (*near)->shutdown_write();
    CO_REQUIRE(finished.ok());
    auto again = co_await (*near)->shutdown_write();
    EXPECT_TRUE(again.ok());
    auto refused = co_await (*near)->write(net::as_bytes("x"));
    CO_REQUIRE(!refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::cancelled);
    auto seen = co_await read_all(**far);
    CO_REQUIRE(seen.ok());
    EXPECT_EQ(*seen, "");
    auto answered = co_await (*far)->write(net::as_bytes("still here"));
    CO_REQUIRE(answered.ok());
    (*far)->close();
    auto answer = co_await read_all(**near);
    CO_REQUIRE(answer.ok());
    EXPECT_EQ(*answer, "still here");
}

TEST(YamuxSession, OneDirectionClosesWithoutTheOther) { run(half_close); }

asio::awaitable<void> expect_failed_read(net::Stream* stream, ErrorCode code, bool* done) {
    std::vector<std::byte> buffer(1);
    auto got = co_await stream->read_some(buffer);
    *done = !got.ok() && got.error().code() == code;
}

asio::awaitable<void> closing_wakes(TaskGroup& group, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    bool done = false;
    group.spawn("read", expect_failed_read(near->get(), ErrorCode::cancelled, &done));
    co_await settle();
    EXPECT_FALSE(done);
    (*near)->close();
    co_await settle();
    EXPECT_TRUE(done);
}

TEST(YamuxSession, ClosingAStreamWakesItsReader) { run(closing_wakes); }

asio::awaitable<void> peer_drop(TaskGroup& group, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    bool done = false;
    group.spawn("read", expect_failed_read(near->get(), ErrorCode::unavailable, &done));
    pair.server->close();
    co_await pair.client->closed();
    co_await settle();
    EXPECT_TRUE(done);
    EXPECT_FALSE(pair.client->failure().has_value());
    co_await pair.server->closed();
    auto opened = co_await pair.client->open();
    CO_REQUIRE(!opened.ok());
    EXPECT_EQ(opened.error().code(), ErrorCode::unavailable);
    auto accepted = co_await pair.client->accept();
    EXPECT_FALSE(accepted.ok());
}

TEST(YamuxSession, WhenThePeerEndsEverythingFails) { run(peer_drop); }

asio::awaitable<void> flush_on_close(TaskGroup&, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    std::string text = pattern(200'000);
    auto written = co_await (*near)->write(net::as_bytes(text));
    CO_REQUIRE(written.ok());
    (*near)->close();
    pair.client->close();
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    auto got = co_await read_all(**far);
    CO_REQUIRE(got.ok());
    EXPECT_TRUE(*got == text);
    co_await pair.server->closed();
    EXPECT_FALSE(pair.server->failure().has_value());
}

TEST(YamuxSession, CloseSendsWhatWasWritten) { run(flush_on_close); }

asio::awaitable<void> go_away(TaskGroup&, Pair& pair) {
    auto near = co_await pair.client->open();
    CO_REQUIRE(near.ok());
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    pair.server->go_away();
    co_await settle();
    auto refused = co_await pair.client->open();
    CO_REQUIRE(!refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::unavailable);
    auto written = co_await (*near)->write(net::as_bytes("last"));
    CO_REQUIRE(written.ok());
    (*near)->close();
    auto got = co_await read_all(**far);
    CO_REQUIRE(got.ok());
    EXPECT_EQ(*got, "last");
}

TEST(YamuxSession, GoAwayLetsStreamsFinish) { run(go_away); }

asio::awaitable<void> open_one(Session* session, std::vector<StreamPtr>* streams) {
    auto stream = co_await session->open();
    if (stream) streams->push_back(std::move(*stream));
}

asio::awaitable<void> backlog(TaskGroup& group, Pair& pair) {
    std::vector<StreamPtr> near;
    for (int i = 0; i < 3; i++)
        group.spawn("open", open_one(pair.client.get(), &near));
    co_await settle();
    EXPECT_EQ(near.size(), 2u);
    auto far = co_await pair.server->accept();
    CO_REQUIRE(far.ok());
    co_await settle();
    EXPECT_EQ(near.size(), 3u);
}

TEST(YamuxSession, OpenWaitsForTheBacklog) {
    Config config;
    config.accept_backlog = 2;
    run(backlog, config);
}

asio::awaitable<void> echo(StreamPtr stream) {
    auto copied = co_await net::copy(*stream, *stream);
    EXPECT_TRUE(copied.ok());
}

asio::awaitable<void> echo_all(TaskGroup& group, Session* session) {
    while (true) {
        auto stream = co_await session->accept();
        if (!stream) co_return;
        group.spawn("echo", echo(std::move(*stream)));
    }
}

asio::awaitable<void> echo_session(Session* session) {
    co_await TaskGroup::scope(base::Logger("test"), echo_all, session);
}

asio::awaitable<void> one_echo(Session* session, int number, int* done) {
    auto stream = co_await session->open();
    CO_REQUIRE(stream.ok());
    std::string text = "stream " + std::to_string(number) + pattern(5000);
    co_await write_and_finish(stream->get(), &text);
    auto back = co_await read_all(**stream);
    CO_REQUIRE(back.ok());
    EXPECT_TRUE(*back == text);
    ++*done;
}

asio::awaitable<void> many(TaskGroup& group, Pair& pair) {
    group.spawn("server", echo_session(pair.server.get()));
    int done = 0;
    for (int i = 0; i < 500; i++)
        group.spawn("echo", one_echo(pair.client.get(), i, &done));
    while (done < 500)
        co_await settle();
    EXPECT_EQ(pair.client->streams(), 0u);
}

TEST(YamuxSession, HundredsOfStreamsShareASession) { run(many); }

asio::awaitable<void> wait_for_sleepers(base::FakeClock& clock, std::size_t count) {
    auto executor = co_await asio::this_coro::executor;
    while (clock.sleepers() < count)
        co_await asio::post(executor, asio::use_awaitable);
}

asio::awaitable<void> silent_peer(TaskGroup& group, base::FakeClock* clock) {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    Config config;
    config.clock = clock;
    auto session = Session::create(executor, std::move(ends.first), Role::client, config);
    group.spawn("session", session->run());
    co_await wait_for_sleepers(*clock, 1);
    clock->advance(std::chrono::seconds(30));
    std::array<std::byte, header_size> ping;
    auto got = co_await net::read_exactly(*ends.second, ping);
    CO_REQUIRE(got.ok());
    EXPECT_EQ(ping, encode({FrameType::ping, flag::syn, 0, 0}));
    // An answer keeps it alive for one more round.
    auto answer = encode({FrameType::ping, flag::ack, 0, 0});
    auto answered = co_await ends.second->write(answer);
    CO_REQUIRE(answered.ok());
    co_await settle();
    co_await wait_for_sleepers(*clock, 1);
    clock->advance(std::chrono::seconds(10));
    co_await settle();
    EXPECT_FALSE(session->is_closed());
    co_await wait_for_sleepers(*clock, 1);
    clock->advance(std::chrono::seconds(30));
    got = co_await net::read_exactly(*ends.second, ping);
    CO_REQUIRE(got.ok());
    co_await wait_for_sleepers(*clock, 1);
    clock->advance(std::chrono::seconds(10));
    co_await session->closed();
    CO_REQUIRE(session->failure().has_value());
    EXPECT_EQ(session->failure()->code(), ErrorCode::unavailable);
}

TEST(YamuxSession, APeerThatDoesNotAnswerPingsIsGivenUp) {
    base::FakeClock clock;
    net::Runtime runtime(1);
    runtime.run(TaskGroup::scope(base::Logger("test"), silent_peer, &clock));
}

asio::awaitable<void> garbage(TaskGroup& group) {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    auto session = Session::create(executor, std::move(ends.first), Role::server, {});
    group.spawn("session", session->run());
    auto written = co_await ends.second->write(net::as_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    CO_REQUIRE(written.ok());
    std::array<std::byte, header_size> away;
    auto got = co_await net::read_exactly(*ends.second, away);
    CO_REQUIRE(got.ok());
    EXPECT_EQ(away, encode({FrameType::go_away, 0, 0, go_away_code::protocol_error}));
    ends.second->close();
    co_await session->closed();
    EXPECT_EQ(session->failure()->code(), ErrorCode::invalid_argument);
}

TEST(YamuxSession, GarbageIsAnsweredWithAGoAway) {
    net::Runtime runtime(1);
    runtime.run(TaskGroup::scope(base::Logger("test"), garbage));
}

asio::awaitable<void> run_cancelled(SessionPtr session) { co_await session->run(); }

asio::awaitable<void> only_spawn(TaskGroup& group, SessionPtr session) {
    group.spawn("session", run_cancelled(session));
    co_await settle();
}

asio::awaitable<void> cancelled_run() {
    auto executor = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(executor, executor);
    auto session = Session::create(executor, std::move(ends.first), Role::server, {});
    co_await TaskGroup::scope(base::Logger("test"), only_spawn, session);
    EXPECT_TRUE(session->is_closed());
    std::vector<std::byte> one(1);
    auto got = co_await ends.second->read_some(one);
    EXPECT_TRUE(got.ok() && *got == 0);
}

TEST(YamuxSession, CancellingTheRunDropsTheConnection) {
    net::Runtime runtime(1);
    runtime.run(cancelled_run());
}

}  // namespace
}  // namespace berth::yamux

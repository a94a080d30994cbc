#include "net/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::net {
namespace {

asio::awaitable<std::string> read_all(Stream& stream) {
    std::string text;
    std::vector<std::byte> buffer(4096);
    while (true) {
        auto got = co_await stream.read_some(buffer);
        if (!got || *got == 0) co_return text;
        text += as_text(std::span(buffer).first(*got));
    }
}

asio::awaitable<void> write_to_a_closed_peer(Runtime& runtime) {
    auto [near, far] = connected_pair(runtime.executor(), runtime.executor());
    far.reset();
    // The first write may still land in the socket's buffer; none may kill the program.
    auto first = co_await near->write(as_bytes("x"));
    auto second = co_await near->write(as_bytes("x"));
    EXPECT_FALSE(first.ok() && second.ok());
}

TEST(StreamTest, WritingToAClosedPeerIsAnError) {
    Runtime runtime(1);
    runtime.run(write_to_a_closed_peer(runtime));
}

asio::awaitable<void> early_end(Runtime& runtime) {
    auto [near, far] = connected_pair(runtime.executor(), runtime.executor());
    auto written = co_await near->write(as_bytes("abc"));
    EXPECT_TRUE(written.ok());
    auto shut = co_await near->shutdown_write();
    EXPECT_TRUE(shut.ok());
    std::vector<std::byte> buffer(4);
    auto read = co_await read_exactly(*far, buffer);
    EXPECT_FALSE(read.ok());
    if (!read.ok()) {
        EXPECT_EQ(read.error().code(), ErrorCode::unavailable);
    }
}

TEST(StreamTest, ReadExactlyFailsAtAnEarlyEnd) {
    Runtime runtime(1);
    runtime.run(early_end(runtime));
}

asio::awaitable<void> close_soon(TaskGroup& group, Stream* stream) {
    auto executor = group.executor();
    co_await asio::post(executor, asio::use_awaitable);
    stream->close();
    stream->close();
}

asio::awaitable<void> close_during_read(TaskGroup& group, Runtime* runtime) {
    auto [near, far] = connected_pair(runtime->executor(), runtime->executor());
    group.spawn("closer", close_soon(group, near.get()));
    std::vector<std::byte> buffer(4);
    auto read = co_await near->read_some(buffer);
    EXPECT_FALSE(read.ok());
    if (!read.ok()) {
        EXPECT_EQ(read.error().code(), ErrorCode::cancelled);
    }
    co_await group.join();
}

TEST(StreamTest, ClosingEndsAPendingRead) {
    Runtime runtime(1);
    runtime.run(TaskGroup::scope(base::Logger("test"), close_during_read, &runtime));
}

asio::awaitable<void> send(Stream* to, std::string text) {
    auto written = co_await to->write(as_bytes(text));
    EXPECT_TRUE(written.ok());
    auto shut = co_await to->shutdown_write();
    EXPECT_TRUE(shut.ok());
}

asio::awaitable<void> relay(Stream* from, Stream* to, std::uint64_t* total) {
    auto copied = co_await copy(*from, *to);
    EXPECT_TRUE(copied.ok());
    if (copied) *total = *copied;
}

asio::awaitable<void> copy_through(TaskGroup& group, Runtime* runtime, std::string* received,
                                   std::uint64_t* total) {
    auto executor = runtime->executor();
    auto [first, second] = connected_pair(executor, executor);
    auto [third, fourth] = connected_pair(executor, executor);
    group.spawn("send", send(first.get(), std::string(3 << 20, 'x')));
    group.spawn("copy", relay(second.get(), third.get(), total));
    *received = co_await read_all(*fourth);
    co_await group.join();
}

TEST(StreamTest, CopiesMoreThanSocketsHoldAndPassesTheEndOn) {
    Runtime runtime(1);
    std::string received;
    std::uint64_t total = 0;
    runtime.run(TaskGroup::scope(base::Logger("test"), copy_through, &runtime, &received, &total));
    EXPECT_EQ(received.size(), 3u << 20);
    EXPECT_EQ(total, 3u << 20);
}

asio::awaitable<void> end_of_a_terminal(Runtime& runtime) {
    int master = -1;
    int slave = -1;
    EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    auto stream = stream_from_fd(runtime.executor(), master);
    auto shut = co_await stream->shutdown_write();
    EXPECT_TRUE(shut.ok());
    EXPECT_EQ(::write(slave, "bye", 3), 3);
    ::close(slave);
    auto text = co_await read_all(*stream);
    EXPECT_EQ(text, "bye");
}

TEST(StreamTest, ATerminalEndsWithItsLastUser) {
    Runtime runtime(1);
    runtime.run(end_of_a_terminal(runtime));
}

}  // namespace
}  // namespace berth::net

// Streamed and file bodies, drain, and slow readers, through real sockets.

#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/http/http_testing.h"
#include "net/http/sse.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

struct Seen {
    std::atomic<int> started = 0;
    std::atomic<int> ended = 0;
    std::atomic<int> failed_writes = 0;
    std::atomic<std::size_t> written = 0;

    bool wait_for(std::atomic<int>& what, int value) const {
        auto deadline = std::chrono::steady_clock::now() + 10s;
        while (what < value && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(1ms);
        return what >= value;
    }
};

asio::awaitable<void> three_parts(BodyWriter& writer) {
    for (const char* part : {"one", "", "two", "three"}) {
        auto written = co_await writer.write(part);
        EXPECT_TRUE(written.ok());
    }
}

asio::awaitable<void> broken_body(BodyWriter& writer) {
    [[maybe_unused]] auto written = co_await writer.write("half");
    throw std::runtime_error("broken");
}

asio::awaitable<void> wait_forever(Seen* seen) {
    struct Ended {
        Seen* seen;
        ~Ended() { ++seen->ended; }
    } ended{seen};
    ++seen->started;
    co_await base::system_clock().sleep(1h);
}

asio::awaitable<void> write_then_wait(BodyWriter& writer, Seen* seen) {
    auto written = co_await writer.write(format_event("ping"));
    EXPECT_TRUE(written.ok());
    co_await wait_forever(seen);
}

asio::awaitable<void> write_endlessly(BodyWriter& writer, Seen* seen) {
    ++seen->started;
    std::string part(64 << 10, 'x');
    while (true) {
        auto written = co_await writer.write(part);
        if (!written) break;
        seen->written += part.size();
    }
    ++seen->failed_writes;
}

struct Site {
    Seen seen;
    std::string file;
    std::atomic<bool> release = false;
};

asio::awaitable<Response> serve(Request& request, Site* site) {
    if (request.path == "/three") co_return Response::streamed(three_parts, "text/plain");
    if (request.path == "/broken") co_return Response::streamed(broken_body, "text/plain");
    if (request.path == "/events") {
        Seen* seen = &site->seen;
        StreamedBody body = [seen](BodyWriter& writer) { return write_then_wait(writer, seen); };
        co_return Response::streamed(std::move(body), "text/event-stream");
    }
    if (request.path == "/endless") {
        Seen* seen = &site->seen;
        StreamedBody body = [seen](BodyWriter& writer) { return write_endlessly(writer, seen); };
        co_return Response::streamed(std::move(body), "text/plain");
    }
    if (request.path == "/big") co_return Response::text(200, std::string(64 << 20, 'x'));
    if (request.path == "/slow") {
        ++site->seen.started;
        while (!site->release)
            co_await base::system_clock().sleep(1ms);
        co_return Response::text(200, "slow done");
    }
    Response response;
    response.body = FileBody{site->file};
    co_return response;
}

class StreamBodyTest : public testing::Test {
protected:
    std::unique_ptr<TestServer> start(Limits limits = {}) {
        return std::make_unique<TestServer>(
            runtime, [this](Request& request) { return serve(request, &site); }, limits);
    }
    static std::string get(std::string path, std::string fields = "") {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    }
    net::Runtime runtime{1};
    Site site;
};

TEST_F(StreamBodyTest, ABrokenBodyIsNotClosedAsIfItWereWhole) {
    auto server = start();
    RawSocket socket(server->port);
    socket.send(get("/broken"));
    std::string answer = socket.receive_all();
    EXPECT_TRUE(answer.ends_with("\r\n\r\n4\r\nhalf\r\n")) << answer;
}

TEST_F(StreamBodyTest, PartsBecomeChunksAndTheConnectionGoesOn) {
    auto server = start();
    RawSocket socket(server->port);
    for (int i = 0; i < 3; ++i) {
        // The second request is there before the first is answered.
        socket.send(get("/three") + get("/three"));
        for (int j = 0; j < 2; ++j) {
            std::string answer = socket.receive_until("0\r\n\r\n");
            EXPECT_TRUE(answer.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"))
                << answer;
            EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
        }
    }
    RawSocket old(server->port);
    old.send("GET /three HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.receive_all().ends_with("\r\n\r\nonetwothree"));
    RawSocket head(server->port);
    head.send("HEAD /three HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(head.receive_all().ends_with("\r\n\r\n"));
}

TEST_F(StreamBodyTest, TheStreamIsCancelledWhenThePeerGoes) {
    auto server = start();
    {
        RawSocket socket(server->port);
        socket.send(get("/events"));
        EXPECT_TRUE(socket.receive_until("event: ping\n\n").ends_with("event: ping\n\n"));
        EXPECT_TRUE(site.seen.wait_for(site.seen.started, 1));
    }
    EXPECT_TRUE(site.seen.wait_for(site.seen.ended, 1));
}

TEST_F(StreamBodyTest, FilesAreSentWhole) {
    TestFolder folder;
    std::string content;
    for (int i = 0; i < 200'000; ++i)
        content += std::to_string(i);
    folder.write("file", content);
    auto server = start();
    RawSocket socket(server->port);
    site.file = folder.file("file");
    socket.send(get("/file", "Connection: close\r\n"));
    std::string answer = socket.receive_all();
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + content)) << answer.substr(0, 300);
    for (const char* missing : {"/no/such/file", "/etc", "/dev/zero"}) {
        site.file = missing;
        RawSocket other(server->port);
        other.send(get("/file", "Connection: close\r\n"));
        EXPECT_EQ(status_of(other.receive_all()), 404u) << missing;
    }
}

TEST_F(StreamBodyTest, ASlowReaderHoldsTheWriterAndNotTheMemory) {
    auto server = start();
    std::vector<std::unique_ptr<RawSocket>> sockets;
    for (int i = 0; i < 20; ++i) {
        sockets.push_back(std::make_unique<RawSocket>(server->port, 8 << 10));
        sockets.back()->send(get("/endless"));
    }
    ASSERT_TRUE(site.seen.wait_for(site.seen.started, 20));
    // Until the sockets are full.
    std::size_t before = 0;
    do {
        before = site.seen.written;
        std::this_thread::sleep_for(100ms);
    } while (site.seen.written != before);
    std::size_t memory = heap_in_use();
    for (int i = 0; i < 1000; ++i)
        for (auto& socket : sockets)
            ASSERT_FALSE(socket->receive(1024).empty());
    EXPECT_LT(site.seen.written - before, 40u << 20);
    EXPECT_LT(heap_in_use(), memory + (8u << 20));
    sockets.clear();
    EXPECT_TRUE(site.seen.wait_for(site.seen.failed_writes, 20));
}

TEST_F(StreamBodyTest, APeerThatTakesNothingIsDropped) {
    Limits limits;
    limits.write_timeout = 100ms;
    auto server = start(limits);
    RawSocket socket(server->port, 8 << 10);
    socket.send(get("/big"));
    EXPECT_EQ(status_of(socket.receive(1024)), 200u);
    auto deadline = std::chrono::steady_clock::now() + 10s;
    while (server->server->connections() > 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(server->server->connections(), 0u);
}

TEST_F(StreamBodyTest, DrainLetsRequestsFinishAndEndsStreams) {
    auto server = start();
    RawSocket idle(server->port);
    RawSocket slow(server->port);
    RawSocket events(server->port);
    idle.send(get("/three"));
    EXPECT_EQ(status_of(idle.receive_until("0\r\n\r\n")), 200u);
    slow.send(get("/slow"));
    events.send(get("/events"));
    ASSERT_TRUE(site.seen.wait_for(site.seen.started, 2));
    std::thread drain([&] { server->drain(); });
    EXPECT_EQ(idle.receive_all(), "");
    std::string rest = events.receive_all();
    EXPECT_TRUE(rest.ends_with("0\r\n\r\n")) << rest;
    EXPECT_EQ(site.seen.ended, 1);
    site.release = true;
    std::string answer = slow.receive_all();
    EXPECT_TRUE(answer.ends_with("slow done")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    drain.join();
    EXPECT_EQ(server->server->connections(), 0u);
}

TEST_F(StreamBodyTest, DrainDropsWhatDoesNotEndInTime) {
    auto server = start();
    RawSocket slow(server->port);
    slow.send(get("/slow"));
    ASSERT_TRUE(site.seen.wait_for(site.seen.started, 1));
    server->drain(50ms);
    EXPECT_EQ(slow.receive_all(), "");
    EXPECT_EQ(server->server->connections(), 0u);
}

}  // namespace
}  // namespace berth::http

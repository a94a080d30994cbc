#include "net/http/server.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/http/connection.h"
#include "net/http/http_testing.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

/// Says what it got: method, path, query, body.
asio::awaitable<Response> echo(Request& request) {
    if (request.path == "/throw") throw std::runtime_error("secret reason");
    std::string text = std::string(to_string(request.method)) + " " + request.path;
    for (const auto& [name, value] : request.query.all())
        text += " " + name + "=" + value;
    text += " [" + request.body + "]";
    co_return Response::text(200, text);
}

std::string ask(std::uint16_t port, std::string_view request) {
    RawSocket socket(port);
    socket.send(request);
    socket.shutdown_write();
    return socket.receive_all();
}

TEST(HttpServerTest, MalformedRequestsAreRefused) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    struct Row {
        std::string request;
        unsigned status;
    };
    auto with = [](std::string fields, std::string rest = "") {
        return "POST /a HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + rest;
    };
    auto get = [](std::string target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; };
    std::vector<Row> rows{
        // Two ways to tell the length.
        {with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400},
        {with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
        {with("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), 400},
        {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        {with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
        {with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400},
        {with("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n"),
         400},
        {with("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
        {"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        // Bad lengths.
        {with("Content-Length: -1\r\n"), 400},
        {with("Content-Length: +1\r\n", "a"), 400},
        {with("Content-Length: 0x1\r\n", "a"), 400},
        {with("Content-Length: 1,1\r\n", "a"), 400},
        {with("Content-Length: 1 1\r\n", "a"), 400},
        {with("Content-Length: \r\n"), 400},
        {with("Content-Length: 99999999999999999999\r\n"), 400},
        {with("Content-Length: 5\r\n", "abc"), 400},
        // Bad chunks.
        {with("Transfer-Encoding: chunked\r\n", "g\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "-1\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "0x1\r\na\r\n0\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "1 \r\na\r\n0\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "1\na\n0\n\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\na\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "1;" + std::string(400, 'x') + "\r\na\r\n0\r\n\r\n"), 400},
        {with("Transfer-Encoding: chunked\r\n", "1\r\na\r\n"), 400},
        // Bad fields.
        {with("X: a\r\n b\r\n"), 400},
        {with(" X: a\r\n"), 400},
        {with(std::string("X: a\0b\r\n", 8)), 400},
        {with("X: a\rb\r\n"), 400},
        {with("X: a\nY: b\r\n"), 400},
        {with("X\r\n"), 400},
        {with(": a\r\n"), 400},
        {with("X Y: a\r\n"), 400},
        {with("Host: y\r\n"), 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {with("Expect: 200-fine\r\n"), 417},
        // Bad request lines.
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
        {"G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"\x16\x03\x01\x02\x01 nonsense\r\n\r\n", 400},
        // Bad targets.
        {get("a"), 400},
        {get("/%"), 400},
        {get("/%4"), 400},
        {get("/%zz"), 400},
        {get("/%00"), 400},
        {get("/%0d%0a"), 400},
        {get("/%ff"), 400},
        {get("/%c0%af"), 400},
        {get("/../etc/passwd"), 400},
        {get("/a/.."), 400},
        {get("/a/%2e%2e/b"), 400},
        {get("/./a"), 400},
        {get("//host/a"), 400},
        {get("/a//b"), 400},
        {get("/a%2f%2fb"), 400},
        {get("/a#b"), 400},
        {get("/a?x=%"), 400},
        {get("/a?x=%00"), 400},
        {get("/a?%zz=1"), 400},
        {std::string("GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n", 30), 400},
        {get("/" + std::string(70'000, 'a')), 431},
        {with("X: " + std::string(70'000, 'a') + "\r\n"), 431},
    };
    for (const Row& row : rows) {
        std::string answer = ask(server.port, row.request);
        EXPECT_EQ(status_of(answer), row.status) << row.request.substr(0, 200) << "\n-> " << answer;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos) << row.request.substr(0, 200);
        // Nothing that follows a bad request is ever answered.
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << row.request.substr(0, 200);
    }
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 200; ++i)
        many += "X: y\r\n";
    EXPECT_EQ(status_of(ask(server.port, many + "\r\n")), 431);
}

TEST(HttpServerTest, GoodRequestsAreAnswered) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    struct Row {
        std::string request;
        std::string body;
    };
    for (const Row& row : std::vector<Row>{
             {"GET /a%20b/%C3%A4?x=1+2&y=%26&z HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /a b/\xc3\xa4 x=1 2 y=& z= []"},
             {"GET http://x:1/p?q=1 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /p q=1 []"},
             {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * []"},
             {"\r\nGET /a/ HTTP/1.1\r\nhost:x\r\n\r\n", "GET /a/ []"},
             {"GET /old HTTP/1.0\r\n\r\n", "GET /old []"},
             {"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", "OTHER /pot []"},
             {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "POST /a [hello]"},
             {"PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
              "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
              "PUT /a [abc0123456789]"}}) {
        std::string answer = ask(server.port, row.request);
        EXPECT_EQ(status_of(answer), 200u) << answer;
        EXPECT_TRUE(answer.ends_with("\r\n\r\n" + row.body)) << answer;
    }
}

TEST(HttpServerTest, HeadHasTheHeaderOfGetAndNoBody) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    std::string answer = ask(server.port, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    std::string requests;
    for (int i = 0; i < 50; ++i)
        requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx";
    std::string answers = ask(server.port, requests);
    std::size_t at = 0;
    for (int i = 0; i < 50; ++i) {
        at = answers.find("POST /" + std::to_string(i) + " [x]", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST(HttpServerTest, LargeBodiesMayBeRefusedByTheirHeaderAlone) {
    net::Runtime runtime(1);
    Limits limits;
    limits.free_body = 100;
    TestServer server(runtime, echo, limits);
    server.handler.large_refusal = Response::text(401, "who are you?");
    for (const char* fields : {"Content-Length: 101\r\n", "Transfer-Encoding: chunked\r\n",
                               "Content-Length: 1000000\r\nExpect: 100-continue\r\n"}) {
        RawSocket socket(server.port);
        socket.send("POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n");
        EXPECT_EQ(status_of(socket.receive_until("you?")), 401u) << fields;
    }
    EXPECT_EQ(status_of(ask(server.port, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" +
                                             std::string(100, 'x'))),
              200u);
}

TEST(HttpServerTest, LargeBodiesTogetherHaveALimit) {
    net::Runtime runtime(1);
    Limits limits;
    limits.free_body = 100;
    limits.bodies = 150'000;
    TestServer server(runtime, echo, limits);
    auto post = [&server](std::size_t size) {
        return status_of(ask(server.port, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                              std::to_string(size) + "\r\n\r\n" + std::string(size, 'x')));
    };
    EXPECT_EQ(post(200'000), 503u);
    // What it took was given back.
    EXPECT_EQ(post(100'000), 200u);
    EXPECT_EQ(post(100'000), 200u);
}

TEST(HttpServerTest, ABodyTakesItsPartOfTheLimitUntilItEnds) {
    net::Runtime runtime(1);
    TestHandler handler;
    Limits limits;
    limits.free_body = 100;
    limits.bodies = 1'000;
    Shared shared{runtime, handler, limits, base::Logger("test")};
    BodyBudget first(shared);
    EXPECT_TRUE(first.grow_to(100)) << "small bodies are not counted";
    EXPECT_EQ(shared.body_bytes, 0u);
    EXPECT_TRUE(first.grow_to(700));
    {
        BodyBudget second(shared);
        EXPECT_TRUE(second.grow_to(300));
        EXPECT_FALSE(second.grow_to(301));
        EXPECT_TRUE(second.grow_to(100));
    }
    EXPECT_EQ(shared.body_bytes, 700u);
    EXPECT_TRUE(first.grow_to(1'000));
    EXPECT_FALSE(first.grow_to(1'001));
}

TEST(HttpServerTest, BodiesPastTheLimitAreRefusedBeforeTheyAreRead) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    server.handler.limit = 10;
    for (const char* fields :
         {"Content-Length: 11\r\n", "Content-Length: 100000000\r\nExpect: 100-continue\r\n"}) {
        RawSocket socket(server.port);
        socket.send("POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n");
        std::string answer = socket.receive_until("}");
        EXPECT_EQ(status_of(answer), 413u) << answer;
    }
    EXPECT_EQ(status_of(ask(server.port,
                            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n")),
              413u);
    // A client that sends all of it before it listens still gets the answer.
    EXPECT_EQ(status_of(ask(server.port, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" +
                                             std::string(2'000'000, 'x'))),
              413u);
    EXPECT_EQ(
        status_of(ask(server.port, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")),
        200u);
}

TEST(HttpServerTest, AsksForTheBodyWhenTheClientWaits) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    RawSocket socket(server.port);
    socket.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("hi");
    EXPECT_TRUE(socket.receive_until("[hi]").ends_with("POST /a [hi]"));
}

TEST(HttpServerTest, AnExceptionBecomesAnErrorWithATraceAndNothingElse) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    std::string answer =
        ask(server.port, "GET /throw HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(status_of(answer), 500u);
    std::size_t at = answer.find("X-Trace-Id: ");
    ASSERT_NE(at, std::string::npos) << answer;
    std::string trace = answer.substr(at + 12, 32);
    EXPECT_NE(answer.find(R"({"message":"An internal error occurred.","detail":"trace )" + trace + "\"}"),
              std::string::npos)
        << answer;
    EXPECT_EQ(answer.find("secret"), std::string::npos);
    EXPECT_NE(answer.find("GET /a []"), std::string::npos) << "the connection goes on";
}

TEST(HttpServerTest, SlowClientsAreTimedOut) {
    net::Runtime runtime(1);
    Limits limits;
    limits.header_timeout = 50ms;
    limits.body_timeout = 50ms;
    limits.idle_timeout = 50ms;
    TestServer server(runtime, echo, limits);
    struct Row {
        std::string sent;
        unsigned status;
    };
    for (const Row& row :
         std::vector<Row>{{"", 0},
                          {"GET / HT", 408},
                          {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 408},
                          {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 408},
                          {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200}}) {
        RawSocket socket(server.port);
        socket.send(row.sent);
        EXPECT_EQ(status_of(socket.receive_all()), row.status) << row.sent;
    }
}

TEST(HttpServerTest, ConnectionsPastTheCapAreClosed) {
    net::Runtime runtime(1);
    Limits limits;
    limits.connections = 2;
    TestServer server(runtime, echo, limits);
    RawSocket first(server.port);
    RawSocket second(server.port);
    first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    second.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(status_of(first.receive_until("[]")), 200u);
    EXPECT_EQ(status_of(second.receive_until("[]")), 200u);
    EXPECT_EQ(server.server->connections(), 2u);
    RawSocket third(server.port);
    EXPECT_EQ(third.receive_all(), "");
}

asio::awaitable<Response> answer_with_header(Request&) {
    Response response = Response::text(200, "ok");
    response.headers.set("X-Evil", "a\r\nSet-Cookie: b=c");
    response.headers.set("Bad Name", "x");
    response.headers.set("Content-Length", "1000");
    response.headers.set("Transfer-Encoding", "chunked");
    co_return response;
}

TEST(HttpServerTest, HandlersCannotSplitAnswers) {
    net::Runtime runtime(1);
    TestServer server(runtime, answer_with_header);
    std::string answer = ask(server.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(answer.find("X-Evil: a  Set-Cookie: b=c\r\n"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("Bad Name"), std::string::npos);
    EXPECT_EQ(answer.find("chunked"), std::string::npos);
    EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
}

TEST(HttpServerTest, RefusesBadAddresses) {
    net::Runtime runtime(1);
    TestServer server(runtime, echo);
    for (const char* address :
         {"", "3000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "host.example:80", "[::1:80"})
        EXPECT_FALSE(server.server->listen(address).ok()) << address;
    auto taken = server.server->listen("127.0.0.1:" + std::to_string(server.port));
    ASSERT_FALSE(taken.ok());
    EXPECT_EQ(taken.error().code(), ErrorCode::unavailable);
}

TEST(HttpServerTest, ManySmallRequestsOverFewConnections) {
    net::Runtime runtime(2);
    TestServer server(runtime, echo);
    std::vector<std::thread> threads;
    std::atomic<int> answered = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            RawSocket socket(server.port);
            for (int i = 0; i < 5000; ++i) {
                socket.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
                if (socket.receive_until("GET /x []").ends_with("GET /x []")) ++answered;
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(answered, 20'000);
}

}  // namespace
}  // namespace berth::http

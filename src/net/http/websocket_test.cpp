#include "net/http/websocket.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/http/http_testing.h"
#include "net/task_group.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

struct SocketSite {
    WebSocketOptions options;
    std::atomic<int> open = 0;
    std::atomic<int> ended = 0;
    std::atomic<std::size_t> sent = 0;
    std::string last_error;
};

struct Counted {
    SocketSite* site;
    explicit Counted(SocketSite* owner) : site(owner) { ++site->open; }
    ~Counted() {
        --site->open;
        ++site->ended;
    }
};

asio::awaitable<void> echo_messages(WebSocketPtr socket, SocketSite* site) {
    Counted counted(site);
    while (true) {
        auto message = co_await socket->read();
        if (!message) {
            site->last_error = message.error().to_string();
            co_return;
        }
        if (!*message) break;
        if ((*message)->data == "close me") {
            co_await socket->close(CloseCode::policy_violation, std::string(200, 'r'));
            co_return;
        }
        bool binary = (*message)->binary;
        if (binary) {
            auto sent = co_await socket->write_binary(net::as_bytes((*message)->data));
            if (!sent) co_return;
        } else {
            auto sent = co_await socket->write_text((*message)->data);
            if (!sent) co_return;
        }
    }
}

asio::awaitable<void> send_endlessly(WebSocketPtr socket, SocketSite* site) {
    Counted counted(site);
    std::string part(32 << 10, 'x');
    while (true) {
        auto sent = co_await socket->write_binary(net::as_bytes(part));
        if (!sent) break;
        site->sent += part.size();
    }
}

asio::awaitable<Response> serve_sockets(Request& request, SocketSite* site) {
    if (request.path == "/endless")
        co_return Response::websocket(
            [site](WebSocketPtr socket) { return send_endlessly(std::move(socket), site); }, site->options);
    if (request.path == "/none") co_return Response::text(403, "no sockets here");
    co_return Response::websocket(
        [site](WebSocketPtr socket) { return echo_messages(std::move(socket), site); }, site->options);
}

std::string handshake(std::string path = "/", std::string fields = "") {
    return "GET " + path +
           " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           fields + "\r\n";
}

/// A client's frame, masked with "mask".
std::string frame(unsigned char first, std::string payload, bool masked = true) {
    std::string out(1, static_cast<char>(first));
    std::size_t bit = masked ? 0x80 : 0;
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size() | bit);
    } else {
        out += static_cast<char>(126 | bit);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    if (!masked) return out + payload;
    out += "mask";
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ "mask"[i % 4]);
    return out + payload;
}

std::string server_frame(unsigned char first, std::string payload) {
    return frame(first, std::move(payload), false);
}

class WebSocketTest : public testing::Test {
protected:
    std::unique_ptr<TestServer> start(Limits limits = {}, std::optional<TlsOptions> tls = {}) {
        return std::make_unique<TestServer>(
            runtime, [this](Request& request) { return serve_sockets(request, &site); }, limits, tls);
    }
    std::unique_ptr<Client> client(const TestServer& server, ClientOptions options = {},
                                   std::string scheme = "http") {
        return Client::create(runtime.executor(), Url{scheme, "127.0.0.1", server.port, ""}, options);
    }
    static std::string close_code(std::string_view bytes) {
        if (bytes.size() < 4 || static_cast<unsigned char>(bytes[0]) != 0x88) return "no close";
        return std::to_string(static_cast<unsigned char>(bytes[2]) << 8 |
                              static_cast<unsigned char>(bytes[3]));
    }
    SocketSite site;
    net::Runtime runtime{1};
};

TEST_F(WebSocketTest, BadHandshakesAreRefused) {
    auto server = start();
    for (const std::string& request :
         std::vector<std::string>{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", handshake("/").replace(0, 3, "PUT"),
                                  "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
                                  "websocket\r\nSec-WebSocket-Version: 8\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                  "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
                                  "websocket\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: short\r\n\r\n"}) {
        RawSocket socket(server->port);
        socket.send(request);
        socket.shutdown_write();
        std::string answer = socket.receive_all();
        EXPECT_EQ(status_of(answer), 426u) << request;
        EXPECT_NE(answer.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    }
}

TEST_F(WebSocketTest, ProtocolErrorsCloseWithTheirCode) {
    site.options.max_message = 1000;
    auto server = start();
    struct Row {
        std::string sent;
        std::string code;
    };
    for (const Row& row :
         std::vector<Row>{{frame(0x81, "not masked", false), "1002"},
                          {frame(0xc1, "reserved bit"), "1002"},
                          {frame(0x83, "unknown opcode"), "1002"},
                          {frame(0x8b, "unknown control opcode"), "1002"},
                          {frame(0x80, "continues nothing"), "1002"},
                          {frame(0x01, "a") + frame(0x81, "within another"), "1002"},
                          {frame(0x09, "control in parts"), "1002"},
                          {frame(0x89, std::string(126, 'x')), "1002"},
                          {std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xffmask", 14), "1002"},
                          {frame(0x88, "x"), "1002"},
                          {frame(0x88, std::string("\x03\xed", 2)), "1002"},
                          {frame(0x88, std::string("\x03\xe8\xff", 3)), "1002"},
                          {frame(0x81, "\xff\xfe"), "1007"},
                          {frame(0x82, std::string(1001, 'x')), "1009"},
                          {frame(0x02, std::string(600, 'x')) + frame(0x80, std::string(600, 'x')), "1009"},
                          {std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", 14), "1009"},
                          {frame(0x88, ""), "1000"},
                          {frame(0x88, std::string("\x0b\xb8why", 5)), "3000"}}) {
        RawSocket socket(server->port);
        socket.send(handshake());
        std::string answer = socket.receive_until("\r\n\r\n");
        ASSERT_EQ(status_of(answer), 101u) << answer;
        EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
        socket.send(row.sent);
        std::string closing = socket.receive_all();
        EXPECT_EQ(close_code(closing), row.code) << testing::PrintToString(row.sent);
    }
}

TEST_F(WebSocketTest, FragmentsPingsAndEarlyDataWork) {
    auto server = start();
    RawSocket socket(server->port);
    // All in one segment with the handshake.
    socket.send(handshake("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n") + frame(0x01, "frag") +
                frame(0x89, "ping!") + frame(0x00, "ment") + frame(0x80, "ed") + frame(0x82, "") +
                frame(0x8a, "unasked pong") + frame(0x81, std::string(300, 'y')));
    std::string answer = socket.receive_until("\r\n\r\n");
    EXPECT_EQ(answer.find("permessage-deflate"), std::string::npos);
    std::string expected = server_frame(0x8a, "ping!") + server_frame(0x81, "fragmented") +
                           server_frame(0x82, "") + server_frame(0x81, std::string(300, 'y'));
    EXPECT_EQ(socket.receive_until(std::string(300, 'y')), expected);
    socket.send(frame(0x81, "close me"));
    std::string closing = socket.receive_until(std::string(123, 'r'));
    EXPECT_EQ(close_code(closing), "1008");
    EXPECT_EQ(closing.size(), 2u + 2 + 123);
    socket.send(frame(0x88, std::string("\x03\xf0", 2)));
    EXPECT_EQ(socket.receive_all(), "");
}

asio::awaitable<void> talk(Client* client, std::size_t size) {
    ClientRequest request{.target = "/"};
    auto opened = co_await client->websocket(std::move(request));
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().to_string());
    if (!opened) co_return;
    auto& socket = **opened;
    std::string data;
    for (std::size_t i = 0; i < size; ++i)
        data += static_cast<char>(i * 31);
    auto sent = co_await socket.write_binary(net::as_bytes(data));
    EXPECT_TRUE(sent.ok());
    auto echoed = co_await socket.read();
    EXPECT_TRUE(echoed.ok() && *echoed && (*echoed)->binary && (*echoed)->data == data) << size;
    co_await socket.close(CloseCode::normal, "done");
    auto after = co_await socket.read();
    EXPECT_TRUE(after.ok() && !*after);
    auto late = co_await socket.write_text("late");
    EXPECT_FALSE(late.ok());
}

TEST_F(WebSocketTest, ClientAndServerUnderstandEachOther) {
    auto server = start();
    auto plain = client(*server);
    for (std::size_t size : {0, 1, 125, 126, 127, 65'535, 65'536, 200'000, 4 << 20})
        runtime.run(talk(plain.get(), size));
    EXPECT_EQ(site.last_error, "");
    TestFolder folder;
    auto local = make_certificate(folder, "local", {"IP:127.0.0.1"});
    auto secure = start({}, TlsOptions{{local.cert_file}, {local.key_file}});
    auto encrypted = client(*secure, {.ca_file = local.cert_file}, "https");
    for (std::size_t size : {1, 65'536, 1 << 20})
        runtime.run(talk(encrypted.get(), size));
}

asio::awaitable<void> be_refused(Client* client) {
    ClientResponse rejected;
    ClientRequest request{.target = "/none"};
    auto opened = co_await client->websocket(std::move(request), {}, &rejected);
    EXPECT_FALSE(opened.ok());
    EXPECT_EQ(rejected.status, 403u);
    EXPECT_EQ(rejected.body, "no sockets here");
}

TEST_F(WebSocketTest, ARefusalCarriesTheServersAnswer) {
    auto server = start();
    auto plain = client(*server);
    runtime.run(be_refused(plain.get()));
}

asio::awaitable<void> stream_through(Client* client) {
    ClientRequest request{.target = "/"};
    auto opened = co_await client->websocket(std::move(request));
    EXPECT_TRUE(opened.ok());
    auto stream = stream_from_websocket(std::move(*opened));
    std::string sent(150'000, 's');
    auto written = co_await stream->write(net::as_bytes(sent));
    EXPECT_TRUE(written.ok());
    std::vector<std::byte> received(sent.size());
    auto read = co_await net::read_exactly(*stream, received);
    EXPECT_TRUE(read.ok());
    EXPECT_TRUE(net::as_text(received) == sent);
    auto shut = co_await stream->shutdown_write();
    EXPECT_TRUE(shut.ok());
    auto end = co_await stream->read_some(received);
    EXPECT_TRUE(end.ok() && *end == 0);
}

TEST_F(WebSocketTest, BinaryMessagesAreAStream) {
    auto server = start();
    auto plain = client(*server);
    runtime.run(stream_through(plain.get()));
    EXPECT_EQ(site.last_error, "");
}

TEST_F(WebSocketTest, ASilentPeerIsFoundByItsMissingPongs) {
    site.options.ping_interval = 20ms;
    auto server = start();
    RawSocket socket(server->port);
    socket.send(handshake());
    std::string answer = socket.receive_until("\r\n\r\n");
    std::string pings = socket.receive_all();
    EXPECT_TRUE(pings.starts_with(server_frame(0x89, ""))) << testing::PrintToString(pings);
    auto deadline = std::chrono::steady_clock::now() + 10s;
    while (site.open > 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(site.open, 0);
}

asio::awaitable<void> stay_silent(Client* client) {
    ClientRequest request{.target = "/"};
    auto opened = co_await client->websocket(std::move(request));
    EXPECT_TRUE(opened.ok());
    // Ten pings long: answering them is all that keeps the server patient.
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, 200ms);
    timer.async_wait([socket = opened->get()](const boost::system::error_code& error) {
        if (!error) socket->abort();
    });
    auto message = co_await (*opened)->read();
    EXPECT_FALSE(message.ok());
}

TEST_F(WebSocketTest, AnsweringPingsKeepsItOpen) {
    site.options.ping_interval = 20ms;
    auto server = start();
    auto plain = client(*server);
    auto before = std::chrono::steady_clock::now();
    runtime.run(stay_silent(plain.get()));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 190ms);
}

TEST_F(WebSocketTest, ASlowReaderHoldsTheWriter) {
    auto server = start();
    RawSocket socket(server->port, 8 << 10);
    socket.send(handshake("/endless"));
    std::size_t before = 0;
    do {
        before = site.sent;
        std::this_thread::sleep_for(100ms);
    } while (site.sent != before || before == 0);
    EXPECT_LT(before, 64u << 20);
    EXPECT_FALSE(socket.receive().empty());
}

TEST_F(WebSocketTest, DrainSaysGoodbye) {
    auto server = start();
    RawSocket socket(server->port);
    socket.send(handshake());
    EXPECT_EQ(status_of(socket.receive_until("\r\n\r\n")), 101u);
    std::thread drain([&] { server->drain(); });
    std::string closing = socket.receive();
    EXPECT_EQ(close_code(closing), "1001") << testing::PrintToString(closing);
    socket.send(frame(0x88, std::string("\x03\xe9", 2)));
    EXPECT_EQ(socket.receive_all(), "");
    drain.join();
    EXPECT_EQ(site.open, 0);
    EXPECT_EQ(site.ended, 1);
    EXPECT_EQ(server->server->connections(), 0u);
}

}  // namespace
}  // namespace berth::http

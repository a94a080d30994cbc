#include "net/http/client.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/clock.h"
#include "net/http/http_testing.h"
#include "net/http/sse.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

TEST(UrlTest, RefusesMalformedUrls) {
    for (std::string_view text :
         {"", "example.com", "ftp://x", "http://", "http:///a", "http://user:pass@host/", "http://h:0",
          "http://h:70000", "http://h:x", "http://[::1", "http://[::1]x", "http://a b", "http://a\r\nb",
          "http://:80"})
        EXPECT_FALSE(Url::parse(text).ok()) << text;
}

TEST(UrlTest, ReadsAndWrites) {
    struct Row {
        std::string_view text;
        std::string host;
        std::uint16_t port;
        std::string path;
        std::string written;
    };
    for (const Row& row :
         std::vector<Row>{{"HTTP://Example.com", "example.com", 80, "", "http://example.com"},
                          {"https://x/a/b/", "x", 443, "/a/b", "https://x/a/b"},
                          {"https://x:8443?q=1", "x", 8443, "", "https://x:8443"},
                          {"http://[::1]:3000/", "::1", 3000, "", "http://[::1]:3000"}}) {
        auto url = Url::parse(row.text);
        ASSERT_TRUE(url.ok()) << row.text;
        EXPECT_EQ(url->host, row.host);
        EXPECT_EQ(url->port, row.port);
        EXPECT_EQ(url->path, row.path);
        EXPECT_EQ(url->to_string(), row.written);
    }
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(text.size() + 1024, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

asio::awaitable<void> two_events(BodyWriter& writer) {
    for (const std::string& event : {format_event("ping"), format_event("data", "{\"a\":1}")}) {
        auto written = co_await writer.write(event);
        EXPECT_TRUE(written.ok());
    }
}

asio::awaitable<Response> site(Request& request) {
    if (request.path == "/base/gzip" || request.path == "/base/bomb") {
        std::size_t size = request.path == "/base/bomb" ? 64 << 20 : 100'000;
        auto response = Response::text(200, gzip(std::string(size, 'z')));
        response.headers.set("Content-Encoding", "gzip");
        co_return response;
    }
    if (request.path == "/base/badgzip") {
        auto response = Response::text(200, "no gzip at all");
        response.headers.set("Content-Encoding", "gzip");
        co_return response;
    }
    if (request.path == "/base/events") co_return Response::streamed(two_events, "text/event-stream");
    if (request.path == "/base/moved") {
        Response response;
        response.status = 302;
        response.headers.set("Location", "/base/elsewhere");
        co_return response;
    }
    if (request.path == "/base/slow") co_await base::system_clock().sleep(1h);
    std::string text =
        std::string(to_string(request.method)) + " " + request.target + " [" + request.body + "]";
    if (auto host = request.headers.get("Host")) text += " " + std::string(*host);
    if (auto given = request.headers.get("X-Given")) text += " " + std::string(*given);
    co_return Response::text(200, text);
}

asio::awaitable<Result<ClientResponse>> send(Client* client, ClientRequest request) {
    auto response = co_await client->send(std::move(request));
    co_return response;
}

class ClientTest : public testing::Test {
protected:
    std::unique_ptr<Client> connect(const TestServer& server, ClientOptions options = {},
                                    std::string scheme = "http", std::string host = "127.0.0.1") {
        return Client::create(runtime.executor(), Url{scheme, host, server.port, "/base"}, options);
    }
    Result<ClientResponse> get(Client& client, std::string target) {
        return runtime.run(send(&client, {.target = std::move(target)}));
    }
    net::Runtime runtime{1};
};

TEST_F(ClientTest, FailuresAreErrors) {
    TestServer server(runtime, site);
    auto client = connect(server, {.max_body = 1 << 20});
    struct Row {
        std::string target;
        ErrorCode code;
    };
    auto hasty = connect(server, {.timeout = 100ms});
    auto late = get(*hasty, "/slow");
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code(), ErrorCode::deadline_exceeded);
    for (const Row& row :
         std::vector<Row>{{"/bomb", ErrorCode::too_large}, {"/badgzip", ErrorCode::invalid_argument}}) {
        auto response = get(*client, row.target);
        ASSERT_FALSE(response.ok()) << row.target;
        EXPECT_EQ(response.error().code(), row.code) << response.error().to_string();
    }
    server.drain(0s);
    auto gone = get(*client, "/a");
    ASSERT_FALSE(gone.ok());
    EXPECT_EQ(gone.error().code(), ErrorCode::unavailable);
    auto nowhere = Client::create(runtime.executor(), Url{"http", "no-such-host.invalid", 80, ""});
    EXPECT_FALSE(get(*nowhere, "/").ok());
}

TEST_F(ClientTest, SendsBodiesAndHeaders) {
    TestServer server(runtime, site);
    auto client = connect(server);
    ClientRequest request{.method = Method::post, .target = "/a?x=1", .body = "hello"};
    request.headers.set("X-Given", "yes\r\nX-Evil: 1");
    auto response = runtime.run(send(client.get(), request));
    ASSERT_TRUE(response.ok()) << response.error().to_string();
    EXPECT_EQ(response->body,
              "POST /base/a?x=1 [hello] 127.0.0.1:" + std::to_string(server.port) + " yes  X-Evil: 1");
    EXPECT_EQ(get(*client, "/gzip")->body, std::string(100'000, 'z'));
    auto moved = get(*client, "/moved");
    ASSERT_TRUE(moved.ok());
    EXPECT_EQ(moved->status, 302u);
    EXPECT_EQ(moved->headers.get("location"), "/base/elsewhere");
}

TEST_F(ClientTest, ReusesItsConnection) {
    TestServer server(runtime, site);
    auto client = connect(server);
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(get(*client, "/a").ok());
    EXPECT_EQ(server.server->connections(), 1u);
}

TEST_F(ClientTest, AConnectionThatTheServerClosedIsReplaced) {
    Limits limits;
    limits.idle_timeout = 20ms;
    TestServer server(runtime, site, limits);
    auto client = connect(server);
    for (int i = 0; i < 3; ++i) {
        auto response = runtime.run(send(client.get(), {.method = Method::post, .target = "/a"}));
        ASSERT_TRUE(response.ok()) << response.error().to_string();
        auto deadline = std::chrono::steady_clock::now() + 10s;
        while (server.server->connections() > 0 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(1ms);
    }
}

asio::awaitable<std::string> read_events(Client* client) {
    ClientRequest request{.target = "/events"};
    auto response = co_await client->open(std::move(request));
    if (!response) co_return response.error().to_string();
    SseReader reader(*response->body);
    std::string seen;
    while (true) {
        auto event = co_await reader.next();
        if (!event) co_return event.error().to_string();
        if (!*event) co_return seen;
        seen += (*event)->type + "=" + (*event)->data + ";";
    }
}

TEST_F(ClientTest, ReadsStreamsAsTheyCome) {
    TestServer server(runtime, site);
    auto client = connect(server);
    EXPECT_EQ(runtime.run(read_events(client.get())), "ping=;data={\"a\":1};");
}

TEST_F(ClientTest, TalksToIpv6) {
    TestServer server(runtime, site, {}, {}, "[::1]:0");
    auto client = connect(server, {}, "http", "::1");
    auto response = get(*client, "/a");
    ASSERT_TRUE(response.ok()) << response.error().to_string();
    EXPECT_EQ(response->body, "GET /base/a [] [::1]:" + std::to_string(server.port));
}

TEST_F(ClientTest, TlsNeedsATrustedCertificateForTheHost) {
    TestFolder folder;
    auto local = make_certificate(folder, "local", {"localhost", "IP:127.0.0.1"});
    auto other = make_certificate(folder, "other", {"*.other.example"});
    TestServer server(runtime, site, {},
                      TlsOptions{{local.cert_file, other.cert_file}, {local.key_file, other.key_file}});
    struct Row {
        std::string host;
        std::string ca_file;
        bool trusted;
    };
    for (const Row& row : std::vector<Row>{{"127.0.0.1", "", false},
                                           {"127.0.0.1", other.cert_file, false},
                                           {"127.0.0.1", local.cert_file, true},
                                           {"localhost", local.cert_file, true}}) {
        auto client = connect(server, {.ca_file = row.ca_file}, "https", row.host);
        auto response = get(*client, "/a");
        EXPECT_EQ(response.ok(), row.trusted) << row.host << " " << row.ca_file;
        auto again = get(*client, "/gzip");
        EXPECT_EQ(again.ok(), row.trusted);
        if (again) {
            EXPECT_EQ(again->body.size(), 100'000u);
        }
        EXPECT_EQ(runtime.run(read_events(client.get())) == "ping=;data={\"a\":1};", row.trusted);
    }
    auto missing = connect(server, {.ca_file = "/no/such/file"}, "https");
    EXPECT_EQ(get(*missing, "/a").error().code(), ErrorCode::invalid_argument);
}

TEST_F(ClientTest, TlsOptionsAreChecked) {
    TestFolder folder;
    auto good = make_certificate(folder, "good", {"localhost"});
    auto other = make_certificate(folder, "other", {"localhost"});
    TestServer server(runtime, site);
    for (const TlsOptions& options : std::vector<TlsOptions>{
             {},
             {{good.cert_file}, {}},
             {{good.cert_file}, {other.key_file}},
             {{"/no/such/file"}, {good.key_file}},
             {{good.key_file}, {good.key_file}},
             {{good.cert_file}, {good.key_file}, "", "none", "tls14"},
             {{good.cert_file}, {good.key_file}, "", "sometimes"},
             {{good.cert_file}, {good.key_file}, "", "require-and-verify"},
             {{good.cert_file}, {good.key_file}, "/no/such/file", "require-and-verify"}}) {
        auto listening = server.server->listen("127.0.0.1:0", options);
        EXPECT_FALSE(listening.ok());
    }
    EXPECT_TRUE(server.server->listen("127.0.0.1:0", TlsOptions{{good.cert_file}, {good.key_file}}).ok());
}

TEST_F(ClientTest, AClientWithoutACertificateIsRefusedWhereOneIsRequired) {
    TestFolder folder;
    auto local = make_certificate(folder, "local", {"IP:127.0.0.1"});
    struct Row {
        std::string mode;
        bool served;
    };
    for (const Row& row : std::vector<Row>{{"require-any", false},
                                           {"require-and-verify", false},
                                           {"request", true},
                                           {"verify-if-given", true},
                                           {"none", true}}) {
        TestServer server(
            runtime, site, {},
            TlsOptions{{local.cert_file}, {local.key_file}, local.cert_file, row.mode, "tls13"});
        auto client = connect(server, {.ca_file = local.cert_file}, "https");
        EXPECT_EQ(get(*client, "/a").ok(), row.served) << row.mode;
    }
}

}  // namespace
}  // namespace berth::http

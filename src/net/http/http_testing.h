#pragma once

// Helpers of the HTTP tests: a server on a loopback port, raw sockets, and certificates made on the spot.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http/client.h"
#include "net/http/server.h"
#include "net/runtime.h"

namespace berth::http {

class TestHandler : public Handler {
public:
    std::size_t body_limit(const Request&) const override { return limit; }
    asio::awaitable<std::optional<Response>> refuse_large(const Request&) override {
        co_return large_refusal;
    }
    asio::awaitable<Response> handle(Request& request) override { return answer(request); }

    std::size_t limit = 1 << 20;
    std::optional<Response> large_refusal;
    std::function<asio::awaitable<Response>(Request&)> answer;
};

/// Listens on a free port of 127.0.0.1; drained when it is destroyed.
class TestServer {
public:
    explicit TestServer(net::Runtime& runtime, std::function<asio::awaitable<Response>(Request&)> answer,
                        Limits limits = {}, std::optional<TlsOptions> tls = {},
                        std::string address = "127.0.0.1:0");
    ~TestServer();
    void drain(base::Duration grace = std::chrono::seconds(10));

    TestHandler handler;
    std::unique_ptr<Server> server;
    std::uint16_t port = 0;

private:
    net::Runtime& runtime_;
    bool drained_ = false;
};

/// A blocking socket to the server, with a receive timeout of 10 s so that a broken test ends.
class RawSocket {
public:
    /// `receive_buffer`: SO_RCVBUF in bytes, 0 for the usual.
    explicit RawSocket(std::uint16_t port, int receive_buffer = 0);
    ~RawSocket();
    void send(std::string_view data);
    void shutdown_write();
    /// At most `limit` bytes, "" at the end.
    std::string receive(std::size_t limit = 64 << 10);
    /// Until `marker` was received (returns all up to and with it) or the end.
    std::string receive_until(std::string_view marker);
    std::string receive_all();

private:
    int fd_;
    std::string ahead_;
};

/// The status of the first answer in `text`, 0 when there is none.
unsigned status_of(std::string_view text);

struct TestCertificate {
    std::string cert_file;
    std::string key_file;
};

/// A folder of its own, removed at the end.
class TestFolder {
public:
    TestFolder();
    ~TestFolder();
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, std::string_view content) const;

private:
    std::string path_;
};

/// A self-signed certificate for `names` (DNS names, or "IP:127.0.0.1"), which may also stand as its own
/// authority.
TestCertificate make_certificate(const TestFolder& folder, const std::string& name,
                                 const std::vector<std::string>& names);

/// Bytes allocated on this process's heap and not freed. What a sanitizer keeps back after a free does not
/// count.
std::size_t heap_in_use();

}  // namespace berth::http

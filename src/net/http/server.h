#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "net/http/message.h"
#include "net/runtime.h"

namespace berth::http {

struct TlsOptions {
    std::vector<std::string> cert_files;
    std::vector<std::string> key_files;
    std::string client_ca_file;
    /// none, request, require-any, verify-if-given, require-and-verify
    std::string client_auth = "none";
    /// tls10, tls11, tls12, tls13
    std::string min_version = "tls12";
};

struct Limits {
    std::size_t header = 64 << 10;
    base::Duration header_timeout = std::chrono::seconds(20);
    base::Duration body_timeout = std::chrono::minutes(5);
    base::Duration idle_timeout = std::chrono::minutes(2);
    /// A peer that takes nothing for this long is dropped.
    base::Duration write_timeout = std::chrono::minutes(1);
    std::size_t connections = 20'000;
    /// Of all request bodies that are being read, together; bodies up to `free_body` are not counted.
    std::size_t bodies = 1u << 30;
    std::size_t free_body = 1u << 20;
};

/// What the server asks for each request. body_limit() is asked with the header alone, before the body is
/// read.
class Handler {
public:
    virtual ~Handler() = default;
    [[nodiscard]] virtual std::size_t body_limit(const Request& header) const = 0;
    /// Asked before a body larger than Limits::free_body is read: an answer refuses the request by its header
    /// alone, so that strangers cannot make us read what we will not use.
    virtual asio::awaitable<std::optional<Response>> refuse_large(const Request& header);
    /// Must answer; an exception becomes a 500 with a trace id and nothing else.
    virtual asio::awaitable<Response> handle(Request& request) = 0;
    /// An answer for what never reached handle(): 400 bad request, 408, 413, 431, 500. Default: JSON
    /// {"message"}.
    virtual Response reject(unsigned status, std::string_view message) const;
};

/// An HTTP/1.1 server with keep-alive on all loops of the runtime.
class Server {
public:
    virtual ~Server() = default;
    static std::unique_ptr<Server> create(net::Runtime& runtime, Handler& handler, Limits limits,
                                          base::Logger log);

    /// "127.0.0.1:3000", "[::1]:0". Returns the port really bound. May be called for several addresses.
    virtual Result<std::uint16_t> listen(const std::string& address,
                                         const std::optional<TlsOptions>& tls = {}) = 0;
    /// Stops accepting, lets requests under way finish, cancels streams and WebSockets (close 1001), and
    /// returns when all connections are gone or, after `grace`, were dropped.
    virtual asio::awaitable<void> drain(base::Duration grace) = 0;
    [[nodiscard]] virtual std::size_t connections() const = 0;
};

}  // namespace berth::http

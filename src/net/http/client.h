#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http/message.h"

namespace berth::http {

struct Url {
    std::string scheme;  // "http" or "https"
    std::string host;
    std::uint16_t port = 0;
    /// Path prefix without a trailing slash; often empty.
    std::string path;

    static Result<Url> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
};

struct ClientOptions {
    /// PEM bundle besides the system's.
    std::string ca_file;
    base::Duration connect_timeout = std::chrono::seconds(15);
    /// For a whole request with its body; streamed answers and WebSockets are bound by it up to their header
    /// only.
    base::Duration timeout = std::chrono::seconds(60);
    std::size_t max_body = 256 << 20;
    std::string user_agent = "berth";
};

/// Make it a variable and move it in: g++ 12 destroys a braced temporary inside a co_await twice.
struct ClientRequest {
    Method method = Method::get;
    /// Below the base URL: "/api/v2/buildinfo?x=1", already encoded.
    std::string target;
    Headers headers;
    std::string body;
};

struct ClientResponse {
    unsigned status = 0;
    Headers headers;
    std::string body;
};

/// An answer whose body is read as it comes (SSE, downloads). close() on the stream drops the connection.
struct StreamedResponse {
    unsigned status = 0;
    Headers headers;
    net::StreamPtr body;
};

/// Talks HTTP/1.1 to one server; keeps idle connections for reuse. Belongs to one loop.
class Client {
public:
    virtual ~Client() = default;
    static std::unique_ptr<Client> create(asio::any_io_executor executor, Url base,
                                          ClientOptions options = {});

    [[nodiscard]] virtual const Url& base() const = 0;
    /// `unavailable` when no answer came; any status is a success here.
    virtual asio::awaitable<Result<ClientResponse>> send(ClientRequest request) = 0;
    virtual asio::awaitable<Result<StreamedResponse>> open(ClientRequest request) = 0;
    /// When the server answers anything but 101, `rejected` (if given) receives that answer and the result is
    /// `failed_precondition`.
    virtual asio::awaitable<Result<WebSocketPtr>> websocket(ClientRequest request,
                                                            WebSocketOptions options = {},
                                                            ClientResponse* rejected = nullptr) = 0;
};

}  // namespace berth::http

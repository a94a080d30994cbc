#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "base/uuid.h"
#include "net/http/websocket.h"
#include "net/stream.h"

namespace berth::http {

enum class Method { get, head, post, put, patch, del, options, other };

std::string_view to_string(Method method);

/// Header fields in order of arrival; names compare without case.
class Headers {
public:
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
    void set(std::string_view name, std::string value);
    void add(std::string_view name, std::string value);
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// Decoded pairs of a query string, in order.
class Query {
public:
    Query() = default;
    /// Accepts what browsers send; invalid percent escapes are an error.
    static Result<Query> parse(std::string_view text);
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }
    void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return pairs_; }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

/// One request, its body already read (and bounded by the route's limit).
struct Request {
    Method method = Method::get;
    /// As it came: "/api/v2/users/me?x=1".
    std::string target;
    /// Percent-decoded path without query.
    std::string path;
    Query query;
    Headers headers;
    std::string body;
    /// Address of the TCP peer (no port).
    std::string remote_address;
    bool tls = false;
    /// Values of the route's {placeholders}, decoded; filled by the router.
    std::vector<std::pair<std::string, std::string>> path_parameters;

    /// A {placeholder} the route has; an unknown name is a broken invariant and gives "".
    [[nodiscard]] const std::string& path_parameter(std::string_view name) const;
    /// invalid_argument naming the placeholder when it is not a UUID.
    [[nodiscard]] Result<Uuid> path_uuid(std::string_view name) const;
    /// From the Cookie header.
    [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
    [[nodiscard]] bool wants_websocket() const;
};

/// Writes a streamed body; each call waits until the peer has room, and fails once it is gone.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;
    virtual asio::awaitable<Result<void>> write(std::string_view data) = 0;
};

/// Called after the header was sent; runs until it returns, cancelled when the server shuts down or the peer
/// goes.
using StreamedBody = std::function<asio::awaitable<void>(BodyWriter&)>;
/// Called with the open socket after a successful upgrade. Owns it; cancelled on shutdown.
using WebSocketSession = std::function<asio::awaitable<void>(WebSocketPtr)>;

struct FileBody {
    std::string path;
};

struct Upgrade {
    WebSocketSession session;
    WebSocketOptions options;
};

struct Response {
    unsigned status = 200;
    Headers headers;
    std::variant<std::string, FileBody, StreamedBody, Upgrade> body;

    static Response text(unsigned status, std::string body,
                         std::string content_type = "text/plain; charset=utf-8");
    static Response json(unsigned status, std::string body);
    static Response websocket(WebSocketSession session, WebSocketOptions options = {});
    static Response streamed(StreamedBody body, std::string content_type);
};

}  // namespace berth::http

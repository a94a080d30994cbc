#include "sdk/client.h"

#include "base/text.h"
#include "base/version.h"
#include "sdk/client_call.h"

namespace berth::sdk {
namespace {

constexpr std::string_view token_header = "Coder-Session-Token";
/// As much of a foreign body as an error shows.
constexpr std::size_t longest_detail = 2048;

ErrorCode code_of_status(unsigned status) {
    switch (status) {
        case 400:
        case 422:
            return ErrorCode::invalid_argument;
        case 401:
            return ErrorCode::unauthenticated;
        case 403:
            return ErrorCode::permission_denied;
        case 404:
        case 410:
            return ErrorCode::not_found;
        case 409:
            return ErrorCode::conflict;
        case 412:
            return ErrorCode::failed_precondition;
        case 413:
            return ErrorCode::too_large;
        case 429:
            return ErrorCode::resource_exhausted;
        case 501:
            return ErrorCode::unimplemented;
        case 502:
        case 503:
            return ErrorCode::unavailable;
        case 408:
        case 504:
            return ErrorCode::deadline_exceeded;
        default:
            return ErrorCode::internal;
    }
}

bool is_json(const http::ClientResponse& response) {
    return response.headers.get("Content-Type").value_or("").starts_with("application/json");
}

}  // namespace

Error error_from_response(const http::ClientResponse& response) {
    ErrorCode code = code_of_status(response.status);
    if (is_json(response)) {
        auto body = decode_response<Response>(response.body);
        if (body && !body->message.empty()) {
            Error error(code, body->message, body->detail);
            for (auto& problem : body->validations)
                std::move(error).with_field(std::move(problem.field), std::move(problem.detail));
            return error;
        }
    }
    std::string message = response.status == 401
                              ? "You are not logged in; try `berth login <url>`."
                              : "The server answered " + std::to_string(response.status) + ".";
    return Error(code, message,
                 base::to_valid_utf8(std::string_view(response.body).substr(0, longest_detail)));
}

std::string url_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                     c == '_' || c == '~' || c == '.';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 0xf];
        }
    }
    // These two would be taken for steps through the path.
    if (out == ".") return "%2E";
    if (out == "..") return "%2E%2E";
    return out;
}

Target& Target::query(std::string_view name, std::string_view value) {
    flag(name);
    text_ += '=';
    text_ += url_encode(value);
    return *this;
}

Target& Target::flag(std::string_view name) {
    text_ += has_query_ ? '&' : '?';
    has_query_ = true;
    text_ += name;
    return *this;
}

Target& Target::page(const Pagination& page) {
    if (!page.after_id.is_nil()) query("after_id", page.after_id.to_string());
    if (page.limit > 0) query("limit", std::to_string(page.limit));
    if (page.offset > 0) query("offset", std::to_string(page.offset));
    return *this;
}

asio::awaitable<Result<void>> perform(Client& client, http::Method method, std::string target,
                                      std::string body) {
    auto answer = co_await client.send(method, std::move(target), std::move(body));
    if (!answer) co_return answer.error();
    co_return Result<void>();
}

TunnelTarget TunnelTarget::exec(std::string command) {
    TunnelTarget target("exec");
    target.query_.emplace_back("command", std::move(command));
    return target;
}

TunnelTarget TunnelTarget::tcp(std::string host, std::uint16_t port) {
    TunnelTarget target("tcp");
    target.query_.emplace_back("host", std::move(host));
    target.query_.emplace_back("port", std::to_string(port));
    return target;
}

Client::Client(asio::any_io_executor executor, http::Url server, http::ClientOptions options)
    : http_(http::Client::create(std::move(executor), std::move(server), std::move(options))) {}

http::Headers Client::request_headers() const {
    http::Headers headers = headers_;
    if (!token_.empty()) headers.set(token_header, token_.reveal());
    return headers;
}

asio::awaitable<Result<http::ClientResponse>> Client::send(http::Method method, std::string target,
                                                           std::string body, std::string content_type) {
    http::ClientRequest request{method, std::move(target), request_headers(), std::move(body)};
    request.headers.set("Accept", "application/json");
    if (!request.body.empty()) request.headers.set("Content-Type", std::move(content_type));
    auto answer = co_await http_->send(std::move(request));
    if (!answer) co_return answer.error();
    if (answer->status >= 400) co_return error_from_response(*answer);
    if (answer->status >= 300 && answer->status != 304)
        co_return Error(ErrorCode::failed_precondition, "The server answers from another address.",
                        std::string(answer->headers.get("Location").value_or("")));
    co_return std::move(*answer);
}

asio::awaitable<Result<http::WebSocketPtr>> Client::open_websocket(std::string target) {
    http::Headers none;
    return open_websocket(std::move(target), std::move(none));
}

asio::awaitable<Result<http::WebSocketPtr>> Client::open_websocket(std::string target,
                                                                   http::Headers headers) {
    http::ClientRequest request{http::Method::get, std::move(target), request_headers(), {}};
    for (const auto& [name, value] : headers.all())
        request.headers.set(name, value);
    http::ClientResponse rejected;
    http::WebSocketOptions options;
    auto socket = co_await http_->websocket(std::move(request), options, &rejected);
    if (!socket && rejected.status >= 400) co_return error_from_response(rejected);
    co_return socket;
}

asio::awaitable<Result<http::StreamedResponse>> Client::open_stream(std::string target) {
    http::ClientRequest request{http::Method::get, std::move(target), request_headers(), {}};
    request.headers.set("Accept", "text/event-stream");
    auto answer = co_await http_->open(std::move(request));
    if (!answer) co_return answer.error();
    if (answer->status < 400) co_return std::move(*answer);

    http::ClientResponse rejected{answer->status, std::move(answer->headers), {}};
    std::vector<std::byte> buffer(64 << 10);
    while (rejected.body.size() < buffer.size()) {
        auto count = co_await answer->body->read_some(buffer);
        if (!count || *count == 0) break;
        rejected.body += net::as_text(std::span(buffer).first(*count));
    }
    answer->body->close();
    co_return error_from_response(rejected);
}

// Deployment

asio::awaitable<Result<BuildInfoResponse>> Client::build_info() {
    return get<BuildInfoResponse>(*this, "/api/v2/buildinfo");
}

asio::awaitable<Result<SSHConfigResponse>> Client::ssh_config() {
    return get<SSHConfigResponse>(*this, "/api/v2/deployment/ssh");
}

asio::awaitable<Result<AppHostResponse>> Client::app_host() {
    return get<AppHostResponse>(*this, "/api/v2/applications/host");
}

asio::awaitable<Result<Entitlements>> Client::entitlements() {
    return get<Entitlements>(*this, "/api/v2/entitlements");
}

asio::awaitable<Result<std::vector<std::string>>> Client::experiments() {
    return get<std::vector<std::string>>(*this, "/api/v2/experiments");
}

}  // namespace berth::sdk

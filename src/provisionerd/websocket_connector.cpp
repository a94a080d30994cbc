#include "provisionerd/websocket_connector.h"

#include <memory>
#include <utility>

#include <boost/json.hpp>

#include "base/version.h"
#include "net/drpc/method.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {
namespace {

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            auto byte = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        }
    }
    return out;
}

http::ClientRequest serve_request(const ServerAddress& address) {
    http::ClientRequest request;
    request.target = serve_target(address);
    request.headers.set("X-Coder-Build-Version", std::string(base::version));
    request.headers.set(rpc::provisionerd::max_message_header,
                        std::to_string(rpc::provisionerd::max_message));
    if (!address.key.empty()) request.headers.set("Coder-Provisioner-Daemon-Key", address.key.reveal());
    if (!address.psk.empty()) request.headers.set("Coder-Provisioner-Daemon-PSK", address.psk.reveal());
    if (address.key.empty() && address.psk.empty())
        request.headers.set("Cookie", "coder_session_token=" + address.session_token.reveal());
    return request;
}

/// The server's own words when it answered with an error body.
Error refusal(const Error& error, const http::ClientResponse& rejected) {
    if (rejected.status == 0) return error;
    boost::system::error_code bad;
    auto body = boost::json::parse(rejected.body, bad);
    std::string message = "the server answered " + std::to_string(rejected.status);
    if (!bad && body.is_object())
        if (auto* text = body.as_object().if_contains("message"); text && text->is_string())
            message += ": " + std::string(text->as_string());
    return {ErrorCode::failed_precondition, std::move(message)};
}

asio::awaitable<Result<yamux::SessionPtr>> connect(asio::any_io_executor executor,
                                                   std::shared_ptr<const ServerAddress> address) {
    auto client = http::Client::create(executor, address->url, address->http);
    http::WebSocketOptions options;
    options.max_message = drpc::max_message;
    http::ClientResponse rejected;
    auto socket = co_await client->websocket(serve_request(*address), options, &rejected);
    if (!socket) co_return refusal(socket.error(), rejected);
    co_return yamux::Session::create(executor, http::stream_from_websocket(std::move(*socket)),
                                     yamux::Role::client);
}

}  // namespace

std::string serve_target(const ServerAddress& address) {
    std::string target = "/api/v2/organizations/" + percent_encode(address.organization) +
                         "/provisionerdaemons/serve?version=" + std::string(base::provisionerd_api_version) +
                         "&name=" + percent_encode(address.daemon_name);
    for (const auto& kind : address.provisioners)
        target += "&provisioner=" + percent_encode(kind);
    for (const auto& [name, value] : address.tags)
        target += "&tag=" + percent_encode(name + "=" + value);
    return target;
}

Connector websocket_connector(asio::any_io_executor executor, ServerAddress address) {
    auto shared = std::make_shared<const ServerAddress>(std::move(address));
    return [executor, shared] { return connect(executor, shared); };
}

}  // namespace berth::provisionerd

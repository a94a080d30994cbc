#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/secret.h"
#include "net/http/client.h"
#include "provisionerd/options.h"

namespace berth::provisionerd {

/// Where and as whom a daemon of its own process connects.
struct ServerAddress {
    http::Url url;
    http::ClientOptions http;
    /// Name or id.
    std::string organization = "default";
    std::string daemon_name;
    std::vector<std::string> provisioners = {"terraform"};
    std::map<std::string, std::string> tags;
    /// A provisioner key, the pre-shared key, or else a user's session token.
    SecretString key;
    SecretString psk;
    SecretString session_token;
};

/// The path and query of the request that opens the connection.
std::string serve_target(const ServerAddress& address);

/// Connects by WebSocket. A refusal by the server (401, 403, a version it does not speak) is
/// `failed_precondition` with its message.
Connector websocket_connector(asio::any_io_executor executor, ServerAddress address);

}  // namespace berth::provisionerd

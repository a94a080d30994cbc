#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/api_keys.h"
#include "sdk/response.h"

namespace berth::coderd {

/// API keys: sessions made by hand, and tokens with a name, a lifetime and scopes. A key is shown once.
class ApiKeyRoutes {
public:
    explicit ApiKeyRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::GenerateAPIKeyResponse>> create_session_key(const Request& request);
    asio::awaitable<Result<sdk::GenerateAPIKeyResponse>> create_token(const Request& request,
                                                                      sdk::CreateTokenRequest body);
    asio::awaitable<Result<std::vector<sdk::APIKeyWithOwner>>> list_tokens(const Request& request);
    asio::awaitable<Result<sdk::APIKey>> get(const Request& request);
    asio::awaitable<Result<sdk::APIKey>> get_by_name(const Request& request);
    asio::awaitable<Result<Nothing>> remove(const Request& request);
    asio::awaitable<Result<sdk::TokenConfig>> token_config(const Request& request);

private:
    /// Administrators have their own, shorter ceiling.
    asio::awaitable<Result<base::Duration>> longest_lifetime(const Request& request, Uuid user_id);

    Context& context_;
};

}  // namespace berth::coderd

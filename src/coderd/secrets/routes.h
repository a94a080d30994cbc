#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/user_secrets.h"

namespace berth::coderd {

/// Secrets of a user, by name. Nobody but the user may see even their names; values never come out.
class UserSecretRoutes {
public:
    explicit UserSecretRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<std::vector<sdk::UserSecret>>> list(const Request& request);
    asio::awaitable<Result<sdk::UserSecret>> create(const Request& request,
                                                    sdk::CreateUserSecretRequest body);
    asio::awaitable<Result<sdk::UserSecret>> get(const Request& request);
    asio::awaitable<Result<sdk::UserSecret>> update(const Request& request,
                                                    sdk::UpdateUserSecretRequest body);
    asio::awaitable<Result<Nothing>> remove(const Request& request);

private:
    Context& context_;
};

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/login.h"
#include "sdk/response.h"
#include "sdk/users.h"

namespace berth::coderd {

/// First user, login and logout.
class SessionRoutes {
public:
    explicit SessionRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// GET /users/first: 200 when somebody exists, else 404.
    asio::awaitable<Result<sdk::Response>> has_first_user(const Request& request);
    /// POST /users/first: makes the owner of a new deployment; 403 once there is one.
    asio::awaitable<Result<sdk::CreateFirstUserResponse>> create_first_user(const Request& request,
                                                                            sdk::CreateFirstUserRequest body);
    /// POST /users/login: answers the token and sets it as a cookie.
    asio::awaitable<Result<http::Response>> login(const Request& request);
    asio::awaitable<Result<http::Response>> logout(const Request& request);
    asio::awaitable<Result<sdk::AuthMethods>> auth_methods(const Request& request);

private:
    Context& context_;
};

}  // namespace berth::coderd

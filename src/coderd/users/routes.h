#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/login.h"
#include "sdk/response.h"
#include "sdk/roles.h"
#include "sdk/users.h"

namespace berth::coderd {

/// People: listing, making, changing and removing them. {user} is a UUID, a username, or "me".
class UserRoutes {
public:
    explicit UserRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::GetUsersResponse>> list(const Request& request);
    asio::awaitable<Result<sdk::User>> create(const Request& request, sdk::CreateUserRequestWithOrgs body);
    asio::awaitable<Result<sdk::User>> get(const Request& request);
    asio::awaitable<Result<sdk::Response>> remove(const Request& request);
    asio::awaitable<Result<sdk::User>> update_profile(const Request& request,
                                                      sdk::UpdateUserProfileRequest body);
    asio::awaitable<Result<sdk::User>> activate(const Request& request);
    asio::awaitable<Result<sdk::User>> suspend(const Request& request);
    /// 204. People give their old password when they change their own; other sessions end.
    asio::awaitable<Result<Nothing>> update_password(const Request& request,
                                                     sdk::UpdateUserPasswordRequest body);
    asio::awaitable<Result<sdk::UserRoles>> roles(const Request& request);
    asio::awaitable<Result<sdk::User>> update_roles(const Request& request, sdk::UpdateRoles body);
    asio::awaitable<Result<sdk::UserAppearanceSettings>> appearance(const Request& request);
    asio::awaitable<Result<sdk::UserAppearanceSettings>> update_appearance(
        const Request& request, sdk::UpdateUserAppearanceSettingsRequest body);
    asio::awaitable<Result<sdk::GitSSHKey>> git_ssh_key(const Request& request);
    asio::awaitable<Result<sdk::GitSSHKey>> regenerate_git_ssh_key(const Request& request);
    asio::awaitable<Result<sdk::ValidateUserPasswordResponse>> validate_password(
        const Request& request, sdk::ValidateUserPasswordRequest body);
    asio::awaitable<Result<sdk::UserLoginType>> login_type(const Request& request);

private:
    asio::awaitable<Result<sdk::User>> set_status(const Request& request, db::UserStatus status);

    Context& context_;
};

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/organizations.h"
#include "sdk/roles.h"

namespace berth::coderd {

/// Organizations, their members, and the roles that can be given. {organization} is a UUID, a name or
/// "default".
class OrganizationRoutes {
public:
    explicit OrganizationRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<std::vector<sdk::Organization>>> list(const Request& request);
    asio::awaitable<Result<sdk::Organization>> get(const Request& request);
    asio::awaitable<Result<std::vector<sdk::Organization>>> list_of_user(const Request& request);
    asio::awaitable<Result<sdk::Organization>> get_of_user(const Request& request);
    asio::awaitable<Result<std::vector<sdk::OrganizationMemberWithUserData>>> members(const Request& request);
    asio::awaitable<Result<sdk::OrganizationMember>> add_member(const Request& request);
    asio::awaitable<Result<Nothing>> remove_member(const Request& request);
    asio::awaitable<Result<sdk::OrganizationMember>> update_member_roles(const Request& request,
                                                                         sdk::UpdateRoles body);
    asio::awaitable<Result<std::vector<sdk::AssignableRoles>>> site_roles(const Request& request);
    asio::awaitable<Result<std::vector<sdk::AssignableRoles>>> organization_roles(const Request& request);
    /// POST /authcheck: what the caller may do, so that a page can hide what it may not.
    asio::awaitable<Result<sdk::AuthorizationResponse>> authcheck(const Request& request,
                                                                  sdk::AuthorizationRequest body);

private:
    Context& context_;
};

}  // namespace berth::coderd

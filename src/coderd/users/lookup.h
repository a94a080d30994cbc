#pragma once

#include "coderd/api/request.h"
#include "db/store.h"

namespace berth::coderd {

/// The user that the path names: a UUID, a username, or "me". Users the caller may not see are not found.
asio::awaitable<Result<db::User>> find_user(db::Store& store, const Request& request,
                                            std::string_view placeholder = "user");

/// The organization that the path names: a UUID, a name, or "default".
asio::awaitable<Result<db::Organization>> find_organization(db::Store& store, const Request& request,
                                                            std::string_view placeholder = "organization");

}  // namespace berth::coderd

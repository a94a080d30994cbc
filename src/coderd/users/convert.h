#pragma once

#include <map>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "db/store.h"
#include "sdk/users.h"

namespace berth::coderd {

sdk::SlimRole slim_site_role(const std::string& name);
sdk::SlimRole slim_organization_role(const std::string& name, const Uuid& organization);

/// Database rows as REST shows them; one query for the memberships of all.
asio::awaitable<Result<std::vector<sdk::User>>> users_to_sdk(db::Store& store, const rbac::Actor& actor,
                                                             std::vector<db::User> rows);
asio::awaitable<Result<sdk::User>> user_to_sdk(db::Store& store, const rbac::Actor& actor, db::User row);

}  // namespace berth::coderd

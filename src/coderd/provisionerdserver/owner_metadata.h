#pragma once

#include "coderd/context.h"
#include "provisioner.pb.h"

namespace berth::coderd {

/// Who a workspace is for, as templates may ask: names, login type, groups in the organization, roles. No
/// secrets. `memberships` as in GetAuthorizationOfUser.
void describe_owner(const db::User& owner, std::vector<std::string> groups, const std::string& memberships,
                    provisioner::Metadata& metadata);

/// The same, read from the database.
asio::awaitable<Result<void>> fill_owner_metadata(Context& context, db::User owner, Uuid organization_id,
                                                  provisioner::Metadata& metadata);

}  // namespace berth::coderd

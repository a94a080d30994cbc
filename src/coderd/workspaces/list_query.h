#pragma once

#include "coderd/api/request.h"
#include "db/store.h"

namespace berth::coderd {

/// Query of GET /workspaces. q takes owner:, name:, template:, status:, id:, organization:, has-agent:,
/// dormant:, outdated:, last_used_after:, last_used_before:, param:"name=value", shared:, shared_with_user:,
/// shared_with_group:, and free text as part of a name. Organizations, users and groups are ids or names
/// ("me" for oneself, "organization/group" outside the default organization); one that the caller may not see
/// is refused like one that is not there.
asio::awaitable<Result<db::ListWorkspacesParams>> read_workspace_list(db::Store& store,
                                                                      const Request& request, base::Time now);

}  // namespace berth::coderd

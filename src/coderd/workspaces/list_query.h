#pragma once

#include "base/result.h"
#include "db/store.h"
#include "net/http/message.h"

namespace berth::coderd {

/// Query of GET /workspaces. q takes owner:, name:, template:, status:, id:, organization:, has-agent:,
/// dormant:, outdated:, last_used_after:, last_used_before:, param:"name=value", shared:, and free text as
/// part of a name.
Result<db::ListWorkspacesParams> parse_workspace_list(const http::Query& query, Uuid viewer, base::Time now);

}  // namespace berth::coderd

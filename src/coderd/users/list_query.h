#pragma once

#include "base/result.h"
#include "db/store.h"
#include "net/http/message.h"

namespace berth::coderd {

/// Query of GET /users: q (free text, status:, role:, login_type:), limit, offset, after_id.
Result<db::ListUsersParams> parse_user_list(const http::Query& query);

}  // namespace berth::coderd

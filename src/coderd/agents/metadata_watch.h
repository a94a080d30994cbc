#pragma once

#include <memory>

#include "coderd/api/request.h"
#include "coderd/context.h"

namespace berth::coderd {

/// Server-sent `data` events with all of an agent's metadata, the first at once, then at most one a second.
http::Response watch_metadata(Context& context, std::shared_ptr<const Caller> caller, Uuid agent_id,
                              std::unique_ptr<db::Subscription> subscription);

}  // namespace berth::coderd

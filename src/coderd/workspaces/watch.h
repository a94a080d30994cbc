#pragma once

#include <memory>

#include "coderd/api/request.h"
#include "coderd/context.h"

namespace berth::coderd {

/// The answer to a watcher: server-sent `data` events with the workspace, the first at once, and a `ping` now
/// and then. Ends when the workspace is gone or may no longer be seen.
http::Response watch_workspace(Context& context, std::shared_ptr<const Caller> caller, Uuid workspace_id,
                               std::unique_ptr<db::Subscription> subscription);

/// Tells watchers that something of the workspace changed.
asio::awaitable<void> announce_workspace(Context& context, Uuid workspace_id);

}  // namespace berth::coderd

#pragma once

#include <vector>

#include "coderd/context.h"
#include "sdk/tasks.h"

namespace berth::coderd {

/// Tasks as REST shows them. Of a workspace that the actor may not see, a task tells its id only.
asio::awaitable<Result<std::vector<sdk::Task>>> tasks_to_sdk(Context& context, const rbac::Actor& actor,
                                                             Uuid viewer, std::vector<db::Task> rows);
asio::awaitable<Result<sdk::Task>> task_to_sdk(Context& context, const rbac::Actor& actor, Uuid viewer,
                                               db::Task row);

}  // namespace berth::coderd

#pragma once

#include "sdk/tasks.h"
#include "sdk/workspaces.h"

namespace berth::coderd {

/// What a task's workspace says of it: whether its latest build runs, then its agents, then the app `app_id`
/// (when it has one) in which people watch it.
///
///     build    waiting or running, to start        initializing
///              failed or canceled                  error
///              stopped or deleted                  paused
///              being stopped or deleted            unknown
///     agents   none yet, or one before "ready"     initializing
///              one shutting down or off            unknown
///     app      initializing                        initializing
///              unhealthy                           error
///     all well                                     active
sdk::TaskStatus task_status(const sdk::WorkspaceBuild& build, const std::optional<Uuid>& app_id);

/// The agent with that app; without an app, the only agent. nullptr when there is none.
const sdk::WorkspaceAgent* task_agent(const sdk::WorkspaceBuild& build, const std::optional<Uuid>& app_id);

/// What the task's agent last said that it does, since the workspace was started; a workspace that does not
/// run says nothing.
std::optional<sdk::TaskStateEntry> task_state(const sdk::Workspace& workspace);

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/tasks.h"

namespace berth::coderd {

/// Tasks: a workspace that a template with a coder_ai_task makes, and what its AI agent shall do there. A
/// task and its workspace are made together, and go together.
class TaskRoutes {
public:
    explicit TaskRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::Task>> create(const Request& request, sdk::CreateTaskRequest body);
    /// q takes owner:, organization: and status:.
    asio::awaitable<Result<sdk::TasksListResponse>> list(const Request& request);
    /// By id, whoever the path names, or by the owner's name for it.
    asio::awaitable<Result<sdk::Task>> get(const Request& request);
    /// Deletes the workspace as well; 409 while another build of it is under way.
    asio::awaitable<Result<Nothing>> remove(const Request& request);
    /// Only while the task is paused: terraform is told with the next start.
    asio::awaitable<Result<Nothing>> update_input(const Request& request, sdk::UpdateTaskInputRequest body);

private:
    asio::awaitable<Result<db::Task>> find(const Request& request);

    Context& context_;
};

}  // namespace berth::coderd

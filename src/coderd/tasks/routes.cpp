#include "coderd/tasks/routes.h"

#include "coderd/api/query_parameters.h"
#include "coderd/api/search_names.h"
#include "coderd/builds/queue.h"
#include "coderd/tasks/convert.h"
#include "coderd/tasks/rules.h"
#include "coderd/users/lookup.h"
#include "sdk/validation.h"

namespace berth::coderd {
namespace {

Error no_such_task() { return not_found("There is no such task, or you may not see it."); }

struct Filter {
    OwnerTerm owner;
    std::optional<Uuid> organization_id;
    std::optional<sdk::TaskStatus> status;
};

asio::awaitable<Result<Filter>> read_filter(db::Store& store, const Request& request) {
    auto search = sdk::SearchQuery::parse(request.query("q").value_or(""));
    if (!search) co_return search.error();
    Filter filter;
    filter.owner = owner_named(*search, request.caller().user_id);
    auto organization = search->text("organization").value_or("");
    filter.status = search->choice<sdk::TaskStatus>("status");
    auto done = search->finish();
    if (!done) co_return done.error();
    auto id = co_await organization_named(store, request.actor(), organization, "organization");
    if (!id) co_return id.error();
    filter.organization_id = *id;
    co_return filter;
}

/// The task and a build that deletes its workspace; both or neither.
asio::awaitable<Result<void>> delete_in(db::Transaction& tx, const rbac::Actor& actor, const db::Task& task,
                                        const NewBuild& build, base::Time now) {
    auto deleted = co_await tx.delete_task(actor, now, task.id);
    if (!deleted) co_return deleted.error();
    if (*deleted == 0) co_return no_such_task();
    auto workspace = co_await tx.get_workspace_by_id(actor, task.workspace_id);
    if (!workspace) co_return workspace.error();
    if (workspace->deleted) co_return Result<void>();
    auto created = co_await create_build(tx, actor, build, now);
    if (!created) co_return created.error();
    co_return Result<void>();
}

}  // namespace

void TaskRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string one = "/api/v2/tasks/{user}/{task}";
    routes.json<sdk::CreateTaskRequest, sdk::Task>(
        {Method::post, "/api/v2/tasks/{user}", "Create a task and its workspace", Access::session, 201},
        bind(this, &TaskRoutes::create));
    routes.json<sdk::TasksListResponse>(Endpoint{Method::get, "/api/v2/tasks", "List tasks"}.takes(
                                            search_query("owner, organization and status")),
                                        bind(this, &TaskRoutes::list));
    routes.json<sdk::Task>({Method::get, one, "Get a task by id or name"}, bind(this, &TaskRoutes::get));
    routes.json<Nothing>({Method::del, one, "Delete a task and its workspace", Access::session, 202},
                         bind(this, &TaskRoutes::remove));
    routes.json<sdk::UpdateTaskInputRequest, Nothing>(
        {Method::patch, one + "/input", "Change what a paused task is to do", Access::session, 204},
        bind(this, &TaskRoutes::update_input));
}

asio::awaitable<Result<db::Task>> TaskRoutes::find(const Request& request) {
    const std::string& name = request.path("task");
    if (auto id = Uuid::parse(name)) {
        auto row = co_await context_.store.get_task_by_id(request.actor(), *id);
        if (row || row.error().code() != ErrorCode::not_found) co_return row;
        co_return no_such_task();
    }
    auto owner = co_await find_user(context_.store, request);
    if (!owner) co_return owner.error();
    auto row = co_await context_.store.get_task_by_owner_and_name(request.actor(), owner->id, name);
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_such_task();
    co_return row;
}

asio::awaitable<Result<sdk::Task>> TaskRoutes::create(const Request& request, sdk::CreateTaskRequest body) {
    auto owner = co_await find_user(context_.store, request);
    if (!owner) co_return owner.error();
    auto checked = check_new_task(body);
    if (!checked) co_return checked.error();
    auto version =
        co_await context_.store.get_template_version_by_id(request.actor(), body.template_version_id);
    if (!version && version.error().code() == ErrorCode::not_found)
        co_return invalid_task("template_version_id", "there is no such template version");
    if (!version) co_return version.error();
    if (!version->has_ai_task.value_or(false))
        co_return invalid_task("template_version_id", "the template has no coder_ai_task resource");

    NewWorkspace workspace;
    workspace.owner_id = owner->id;
    workspace.initiator_id = request.caller().user_id;
    workspace.request.name = body.name.empty() ? task_name_from(body.input, Uuid::random()) : body.name;
    workspace.request.template_version_id = body.template_version_id;
    workspace.request.template_version_preset_id = body.template_version_preset_id;
    workspace.task.emplace();
    workspace.task->display_name =
        body.display_name.empty() ? task_display_name_from(body.input) : std::move(body.display_name);
    workspace.task->prompt = std::move(body.input);
    auto created = co_await queue_workspace(context_, request.actor(), std::move(workspace));
    if (!created && created.error().code() == ErrorCode::conflict)
        co_return Error(ErrorCode::conflict, "A task or workspace has this name.")
            .with_field("name", "is taken");
    if (!created) co_return created.error();
    auto row = co_await context_.store.get_task_by_id(request.actor(), created->task_id.value());
    if (!row) co_return row.error();
    auto task = co_await task_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*row));
    co_return task;
}

asio::awaitable<Result<sdk::TasksListResponse>> TaskRoutes::list(const Request& request) {
    auto filter = co_await read_filter(context_.store, request);
    if (!filter) co_return filter.error();
    auto rows = co_await context_.store.list_tasks(request.actor(), filter->owner.id, filter->owner.username,
                                                   filter->organization_id);
    if (!rows) co_return rows.error();
    auto tasks = co_await tasks_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*rows));
    if (!tasks) co_return tasks.error();
    sdk::TasksListResponse answer;
    for (auto& task : *tasks)
        if (!filter->status || task.status == *filter->status) answer.tasks.push_back(std::move(task));
    answer.count = static_cast<std::int64_t>(answer.tasks.size());
    co_return answer;
}

asio::awaitable<Result<sdk::Task>> TaskRoutes::get(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto task = co_await task_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*row));
    co_return task;
}

asio::awaitable<Result<Nothing>> TaskRoutes::remove(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    NewBuild build;
    build.workspace_id = row->workspace_id;
    build.transition = db::WorkspaceTransition::delete_;
    build.initiator_id = request.caller().user_id;
    auto deleted = co_await context_.store.transaction(
        {}, delete_in, std::cref(request.actor()), std::cref(*row), std::cref(build), context_.clock.now());
    if (!deleted) co_return deleted.error();
    co_return Nothing{};
}

asio::awaitable<Result<Nothing>> TaskRoutes::update_input(const Request& request,
                                                          sdk::UpdateTaskInputRequest body) {
    if (auto problem = task_prompt_problem(body.input); !problem.empty())
        co_return invalid_argument("The task cannot be changed.").with_field("input", std::move(problem));
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto id = row->id;
    auto task = co_await task_to_sdk(context_, request.actor(), request.caller().user_id, std::move(*row));
    if (!task) co_return task.error();
    if (task->status != sdk::TaskStatus::paused)
        co_return Error(ErrorCode::conflict, "Only a paused task can be changed; this one is " +
                                                 std::string(sdk::to_string(task->status)) + ".");
    auto changed =
        co_await context_.store.update_task_prompt(request.actor(), body.input, context_.clock.now(), id);
    if (!changed) co_return changed.error();
    if (*changed == 0) co_return no_such_task();
    co_return Nothing{};
}

}  // namespace berth::coderd

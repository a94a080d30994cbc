#include "coderd/builds/routes.h"

#include "base/text.h"
#include "coderd/api/convert.h"
#include "coderd/builds/convert.h"
#include "coderd/builds/queue.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/logs.h"
#include "coderd/resources/resources.h"
#include "coderd/users/lookup.h"
#include "rbac/authorize.h"
#include "sdk/search.h"

namespace berth::coderd {
namespace {

constexpr std::size_t largest_state = 64 << 20;

Result<NewBuild> parse_build(const sdk::CreateWorkspaceBuildRequest& body) {
    NewBuild build;
    switch (body.transition) {
        case sdk::WorkspaceTransition::start:
            build.transition = db::WorkspaceTransition::start;
            break;
        case sdk::WorkspaceTransition::stop:
            build.transition = db::WorkspaceTransition::stop;
            break;
        case sdk::WorkspaceTransition::delete_:
            build.transition = db::WorkspaceTransition::delete_;
            break;
        case sdk::WorkspaceTransition::unset:
        case sdk::WorkspaceTransition::unknown:
            return invalid_argument("The build cannot be created.")
                .with_field("transition", "must be start, stop or delete");
    }
    if (body.dry_run)
        return invalid_argument("The build cannot be created.").with_field("dry_run", "is not supported");
    if (body.orphan && build.transition != db::WorkspaceTransition::delete_)
        return invalid_argument("The build cannot be created.").with_field("orphan", "only goes with delete");
    if (body.orphan && !body.state.data.empty())
        return invalid_argument("The build cannot be created.")
            .with_field("state", "cannot be given with orphan");
    if (!body.template_version_id.is_nil()) build.template_version_id = body.template_version_id;
    if (!body.template_version_preset_id.is_nil()) build.preset_id = body.template_version_preset_id;
    for (const auto& parameter : body.rich_parameter_values) {
        if (!build.parameters.emplace(parameter.name, parameter.value).second)
            return invalid_argument("The build cannot be created.")
                .with_field(parameter.name, "is given twice");
    }
    if (!body.state.data.empty()) build.state = body.state.data;
    build.orphan = body.orphan;
    if (body.log_level == sdk::ProvisionerLogLevel::debug) build.log_level = "debug";
    build.reason = db::parse_build_reason(sdk::to_string(body.reason)).value_or(db::BuildReason::initiator);
    return build;
}

/// Reads a build's log with the rights of the person who watches.
class BuildLogReader final : public JobLogReader {
public:
    BuildLogReader(db::Store& store, std::shared_ptr<const Caller> caller, Uuid job_id)
        : store_(store), caller_(std::move(caller)), job_id_(job_id) {}

    asio::awaitable<Result<std::vector<db::ProvisionerJobLog>>> lines(std::int64_t after, std::int64_t before,
                                                                      std::int32_t limit) override {
        db::GetWorkspaceBuildLogsAfterParams params;
        params.job_id = job_id_;
        params.after_id = after;
        params.before_id = before;
        params.row_limit = limit;
        auto rows = co_await store_.get_workspace_build_logs_after(caller_->actor, params);
        co_return rows;
    }

    asio::awaitable<Result<bool>> ended() override {
        std::vector<Uuid> ids{job_id_};
        auto jobs = co_await store_.get_workspace_build_jobs(caller_->actor, ids);
        if (!jobs) co_return jobs.error();
        co_return jobs->empty() || jobs->front().completed_at.has_value();
    }

private:
    db::Store& store_;
    std::shared_ptr<const Caller> caller_;
    Uuid job_id_;
};

sdk::AgentConnectionTiming connection_timing(const sdk::WorkspaceAgent& agent) {
    sdk::AgentConnectionTiming timing;
    timing.started_at = agent.created_at;
    timing.ended_at = *agent.first_connected_at;
    timing.stage = sdk::TimingStage::connect;
    timing.workspace_agent_id = agent.id.to_string();
    timing.workspace_agent_name = agent.name;
    return timing;
}

/// Whoever may change the template, by role or by its access list.
asio::awaitable<Result<bool>> manages_template(db::Store& store, const rbac::Actor& actor, Uuid template_id) {
    auto row = co_await store.get_template_by_id(actor, template_id);
    if (!row && row.error().code() == ErrorCode::not_found) co_return false;
    if (!row) co_return row.error();
    rbac::Object object{.resource = rbac::Resource::template_,
                        .id = row->id,
                        .organization = row->organization_id,
                        .user_acl = rbac::Acl::parse(row->user_acl),
                        .group_acl = rbac::Acl::parse(row->group_acl)};
    co_return rbac::authorize(actor, rbac::Action::update, object).ok();
}

/// Why a job cannot be canceled; nothing when it can.
std::optional<http::Response> refuse_cancel(const JobRow& job, std::string_view expected) {
    if (!expected.empty() && to_string(job.job_status) != expected)
        return message_response(412, "The build is not " + std::string(expected) + ", but " +
                                         std::string(to_string(job.job_status)) + ".");
    if (job.completed_at) return message_response(400, "Job has already completed!");
    if (job.canceled_at) return message_response(400, "Job has already been marked as canceled!");
    return std::nullopt;
}

Error no_such_build() { return not_found("There is no such build, or you may not see it."); }

}  // namespace

void BuildRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string one = "/api/v2/workspacebuilds/{workspacebuild}";
    routes.json<sdk::CreateWorkspaceBuildRequest, sdk::WorkspaceBuild>(
        {Method::post, "/api/v2/workspaces/{workspace}/builds", "Start, stop or delete a workspace",
         Access::session, 201, largest_state * 2},
        bind(this, &BuildRoutes::create));
    routes.json<std::vector<sdk::WorkspaceBuild>>(
        Endpoint{Method::get, "/api/v2/workspaces/{workspace}/builds", "List a workspace's builds"}
            .takes(page_query())
            .takes(after_id_query())
            .takes({"since", "string", "Only builds made after this RFC 3339 time"}),
        bind(this, &BuildRoutes::list));
    routes.json<sdk::WorkspaceBuildTimings>(
        {Method::get, "/api/v2/workspaces/{workspace}/timings", "Get timings of the latest build"},
        bind(this, &BuildRoutes::workspace_timings));
    routes.json<sdk::WorkspaceBuild>(
        {Method::get, "/api/v2/users/{user}/workspace/{workspacename}/builds/{buildnumber}",
         "Get a build by number"},
        bind(this, &BuildRoutes::get_by_number));
    routes.json<sdk::WorkspaceBuild>({Method::get, one, "Get a build"}, bind(this, &BuildRoutes::get));
    routes.json<std::vector<sdk::WorkspaceBuildParameter>>(
        {Method::get, one + "/parameters", "Get a build's parameters"}, bind(this, &BuildRoutes::parameters));
    routes.json<std::vector<sdk::WorkspaceResource>>(
        {Method::get, one + "/resources", "Get a build's resources"}, bind(this, &BuildRoutes::resources));
    routes.raw<Nothing, std::vector<sdk::ProvisionerJobLog>>(
        Endpoint{Method::get, one + "/logs", "Read or follow a build's log"}.takes(log_query()),
        bind(this, &BuildRoutes::logs));
    routes.raw<Nothing, sdk::Response>(
        Endpoint{Method::patch, one + "/cancel", "Cancel a build"}.takes(
            {"expect_status", "string", "pending or running; 412 when the build's job is in another status"}),
        bind(this, &BuildRoutes::cancel));
    routes.raw({Method::get, one + "/state", "Get a build's Terraform state"},
               bind(this, &BuildRoutes::state));
    routes.json<sdk::UpdateWorkspaceBuildStateRequest, Nothing>(
        {Method::put, one + "/state", "Replace a build's Terraform state", Access::session, 204,
         largest_state * 2},
        bind(this, &BuildRoutes::update_state));
    routes.json<sdk::WorkspaceBuildTimings>({Method::get, one + "/timings", "Get a build's timings"},
                                            bind(this, &BuildRoutes::timings));
}

asio::awaitable<Result<db::WorkspaceBuild>> BuildRoutes::find(const Request& request) {
    auto id = request.path_uuid("workspacebuild");
    if (!id) co_return id.error();
    auto build = co_await context_.store.get_workspace_build_by_id(request.actor(), *id);
    if (!build && build.error().code() == ErrorCode::not_found) co_return no_such_build();
    co_return build;
}

asio::awaitable<Result<void>> BuildRoutes::check_powers(const Request& request, const NewBuild& build) {
    if (!build.log_level.empty()) {
        auto allowed = rbac::authorize(request.actor(), rbac::Action::read,
                                       {.resource = rbac::Resource::deployment_config});
        if (!allowed)
            co_return invalid_argument("The build cannot be created.")
                .with_field("log_level", "is for administrators of the deployment only");
        if (!context_.options.enable_terraform_debug_mode)
            co_return invalid_argument("The build cannot be created.")
                .with_field("log_level", "debug needs a server that runs with --enable-terraform-debug-mode");
    }
    if (!build.orphan) co_return Result<void>();
    auto workspace = co_await context_.store.get_workspace_by_id(request.actor(), build.workspace_id);
    if (!workspace) co_return workspace.error();
    auto manages = co_await manages_template(context_.store, request.actor(), workspace->template_id);
    if (!manages) co_return manages.error();
    if (!*manages)
        co_return Error(ErrorCode::permission_denied,
                        "Only who may change the template can delete a workspace and leave its resources.");
    co_return Result<void>();
}

asio::awaitable<Result<sdk::WorkspaceBuild>> BuildRoutes::create(const Request& request,
                                                                 sdk::CreateWorkspaceBuildRequest body) {
    auto workspace_id = request.path_uuid("workspace");
    if (!workspace_id) co_return workspace_id.error();
    auto build = parse_build(body);
    if (!build) co_return build.error();
    build->workspace_id = *workspace_id;
    build->initiator_id = request.caller().user_id;
    auto allowed = co_await check_powers(request, *build);
    if (!allowed) co_return allowed.error();
    auto created = co_await queue_build(context_, request.actor(), std::move(*build));
    if (!created) co_return created.error();
    auto answer = co_await build_to_sdk(context_, request.actor(), std::move(*created));
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceBuild>>> BuildRoutes::list(const Request& request) {
    auto workspace_id = request.path_uuid("workspace");
    if (!workspace_id) co_return workspace_id.error();
    auto page = sdk::parse_pagination(request.http().query);
    if (!page) co_return page.error();
    auto workspace = co_await context_.store.get_workspace_by_id(request.actor(), *workspace_id);
    if (!workspace) co_return workspace.error();
    db::ListWorkspaceBuildsParams params;
    params.workspace_id = *workspace_id;
    params.row_limit = static_cast<std::int32_t>(page->limit);
    params.row_offset = static_cast<std::int32_t>(page->offset);
    if (!page->after_id.is_nil()) {
        // After what is not in the list, no page would be right.
        auto after = co_await context_.store.get_workspace_build_by_id(request.actor(), page->after_id);
        if (!after && after.error().code() != ErrorCode::not_found) co_return after.error();
        if (!after || after->workspace_id != *workspace_id)
            co_return invalid_argument("The list cannot be made.")
                .with_field("after_id", "is no build of this workspace");
        params.after_id = page->after_id;
    }
    params.since = sdk::zero_time;
    if (auto since = request.query("since")) {
        auto time = base::parse_rfc3339(*since);
        if (!time)
            co_return invalid_argument("The list cannot be made.")
                .with_field("since", "must be an RFC 3339 time");
        params.since = *time;
    }
    auto rows = co_await context_.store.list_workspace_builds(request.actor(), params);
    if (!rows) co_return rows.error();
    auto builds = co_await builds_to_sdk(context_, request.actor(), std::move(*rows));
    co_return builds;
}

asio::awaitable<Result<sdk::WorkspaceBuild>> BuildRoutes::get(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto answer = co_await build_to_sdk(context_, request.actor(), std::move(*build));
    co_return answer;
}

asio::awaitable<Result<sdk::WorkspaceBuild>> BuildRoutes::get_by_number(const Request& request) {
    auto number = base::parse_int<std::int32_t>(request.path("buildnumber"));
    if (!number || *number < 1)
        co_return invalid_argument("The build number is malformed.")
            .with_field("buildnumber", "must be a positive number");
    auto owner = co_await find_user(context_.store, request);
    if (!owner) co_return owner.error();
    auto workspace = co_await context_.store.get_workspace_by_owner_and_name(
        request.actor(), owner->id, request.path("workspacename"), false);
    if (!workspace) co_return workspace.error();
    auto build =
        co_await context_.store.get_workspace_build_by_number(request.actor(), workspace->id, *number);
    if (!build && build.error().code() == ErrorCode::not_found) co_return no_such_build();
    if (!build) co_return build.error();
    auto answer = co_await build_to_sdk(context_, request.actor(), std::move(*build));
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceBuildParameter>>> BuildRoutes::parameters(
    const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto rows = co_await context_.store.get_workspace_build_parameters(request.actor(), build->id);
    if (!rows) co_return rows.error();
    std::vector<sdk::WorkspaceBuildParameter> parameters;
    for (auto& row : *rows)
        parameters.push_back({std::move(row.name), std::move(row.value)});
    co_return parameters;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> BuildRoutes::resources(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    std::vector<Uuid> job_ids{build->job_id};
    auto resources =
        co_await resources_of_builds(context_.store, request.actor(), job_ids, context_.clock.now());
    if (!resources) co_return resources.error();
    co_return std::move((*resources)[build->job_id]);
}

asio::awaitable<Result<http::Response>> BuildRoutes::logs(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto reader = std::make_shared<BuildLogReader>(context_.store, request.shared_caller(), build->job_id);
    auto answer = co_await answer_job_logs(context_, request, build->job_id, reader);
    co_return answer;
}

asio::awaitable<Result<http::Response>> BuildRoutes::cancel(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto workspace = co_await context_.store.get_workspace_by_id(request.actor(), build->workspace_id);
    if (!workspace) co_return workspace.error();
    std::vector<Uuid> job_ids{build->job_id};
    auto jobs = co_await context_.store.get_workspace_build_jobs(request.actor(), job_ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty()) co_return no_such_build();
    const auto& job = jobs->front();
    auto expected = request.query("expect_status").value_or("");
    if (!expected.empty() && expected != "pending" && expected != "running")
        co_return invalid_argument("The build cannot be canceled.")
            .with_field("expect_status", "must be pending or running");
    if (auto refusal = refuse_cancel(job, expected)) co_return std::move(*refusal);
    if (!workspace->template_allow_user_cancel_workspace_jobs) {
        auto manages = co_await manages_template(context_.store, request.actor(), workspace->template_id);
        if (!manages) co_return manages.error();
        if (!*manages && job.job_status != db::ProvisionerJobStatus::pending)
            co_return Error(ErrorCode::permission_denied,
                            "The template does not let people cancel running builds.");
        // A daemon that takes the job in this moment must not make it one that was allowed to be canceled.
        if (!*manages) expected = "pending";
    }
    auto canceled = co_await context_.store.cancel_workspace_build_job(request.actor(), context_.clock.now(),
                                                                       build->job_id, expected);
    if (!canceled) co_return canceled.error();
    if (*canceled == 0 && !expected.empty())
        co_return message_response(412, "The build is no longer " + std::string(expected) + ".");
    if (*canceled == 0) co_return invalid_argument("Job has already completed!");
    co_await announce_job_change(context_, build->job_id);
    auto told = co_await context_.pubsub.publish(workspace_channel(build->workspace_id), "");
    if (!told) context_.log.warn("a cancellation was not announced", field("error", told.error()));
    co_return message_response(200, "Job has been marked as canceled...");
}

asio::awaitable<Result<http::Response>> BuildRoutes::state(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto state = co_await context_.store.get_workspace_build_state(request.actor(), build->id);
    if (!state && state.error().code() == ErrorCode::permission_denied) co_return no_such_build();
    if (!state && state.error().code() == ErrorCode::not_found)
        co_return http::Response::text(200, "", "application/json");
    if (!state) co_return state.error();
    auto response = http::Response::text(200, std::move(*state), "application/json");
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

asio::awaitable<Result<Nothing>> BuildRoutes::update_state(const Request& request,
                                                           sdk::UpdateWorkspaceBuildStateRequest body) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    if (body.state.data.size() > largest_state)
        co_return Error(ErrorCode::too_large, "The state is larger than 64 MiB.");
    auto stored =
        co_await context_.store.upsert_workspace_build_state(request.actor(), build->id, body.state.data);
    if (!stored && stored.error().code() == ErrorCode::permission_denied) co_return no_such_build();
    if (!stored) co_return stored.error();
    co_return Nothing{};
}

asio::awaitable<Result<sdk::WorkspaceBuildTimings>> BuildRoutes::timings(const Request& request) {
    auto build = co_await find(request);
    if (!build) co_return build.error();
    auto answer = co_await timings_of(request, std::move(*build));
    co_return answer;
}

asio::awaitable<Result<sdk::WorkspaceBuildTimings>> BuildRoutes::workspace_timings(const Request& request) {
    auto workspace_id = request.path_uuid("workspace");
    if (!workspace_id) co_return workspace_id.error();
    auto build = co_await context_.store.get_latest_workspace_build(request.actor(), *workspace_id);
    if (!build) co_return build.error();
    auto answer = co_await timings_of(request, std::move(*build));
    co_return answer;
}

asio::awaitable<Result<sdk::WorkspaceBuildTimings>> BuildRoutes::timings_of(const Request& request,
                                                                            db::WorkspaceBuild build) {
    sdk::WorkspaceBuildTimings answer;
    auto steps = co_await context_.store.get_workspace_build_timings(request.actor(), build.job_id);
    if (!steps) co_return steps.error();
    for (const auto& row : *steps) {
        answer.provisioner_timings.push_back({row.job_id, row.started_at, row.ended_at,
                                              to_sdk<sdk::TimingStage>(row.stage), row.source, row.action,
                                              row.resource});
    }
    auto scripts = co_await context_.store.get_workspace_build_script_timings(request.actor(), build.id);
    if (!scripts) co_return scripts.error();
    for (const auto& row : *scripts) {
        answer.agent_script_timings.push_back({row.started_at, row.ended_at, row.exit_code,
                                               to_sdk<sdk::TimingStage>(row.stage),
                                               std::string(to_string(row.status)), row.display_name,
                                               row.workspace_agent_id.to_string(), row.workspace_agent_name});
    }
    std::vector<Uuid> job_ids{build.job_id};
    auto resources =
        co_await resources_of_builds(context_.store, request.actor(), job_ids, context_.clock.now());
    if (!resources) co_return resources.error();
    for (const auto& resource : (*resources)[build.job_id])
        for (const auto& agent : resource.agents)
            if (agent.first_connected_at) answer.agent_connection_timings.push_back(connection_timing(agent));
    co_return answer;
}

}  // namespace berth::coderd

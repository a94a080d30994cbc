#include "coderd/templates/dry_run_routes.h"

#include "coderd/api/convert.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/matched.h"
#include "coderd/jobs/logs.h"
#include "coderd/resources/resources.h"
#include "coderd/templates/convert.h"
#include "coderd/templates/version_routes.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

Error no_dry_run() { return not_found("There is no such dry run, or you may not see it."); }

class DryRunLog final : public JobLogReader {
public:
    DryRunLog(Context& context, std::shared_ptr<const Caller> caller, Uuid version_id, Uuid job_id)
        : context_(context), caller_(std::move(caller)), version_id_(version_id), job_id_(job_id) {}

    asio::awaitable<Result<std::vector<db::ProvisionerJobLog>>> lines(std::int64_t after, std::int64_t before,
                                                                      std::int32_t limit) override {
        db::GetTemplateVersionDryRunLogsAfterParams params;
        params.template_version_id = version_id_;
        params.job_id = job_id_;
        params.after_id = after;
        params.before_id = before;
        params.row_limit = limit;
        return context_.store.get_template_version_dry_run_logs_after(caller_->actor, params);
    }
    asio::awaitable<Result<bool>> ended() override {
        auto job =
            co_await context_.store.get_template_version_dry_run_job(caller_->actor, job_id_, version_id_);
        if (!job) co_return job.error();
        co_return is_over(job->job_status);
    }

private:
    Context& context_;
    std::shared_ptr<const Caller> caller_;
    Uuid version_id_;
    Uuid job_id_;
};

}  // namespace

void DryRunRoutes::register_routes(Routes& routes) {
    using http::Method;
    using Self = DryRunRoutes;
    const std::string version = "/api/v2/templateversions/{templateversion}/dry-run";
    const std::string job = version + "/{job}";
    routes.json<sdk::CreateTemplateVersionDryRunRequest, sdk::ProvisionerJob>(
        {Method::post, version, "Start a dry run", Access::session, 201}, bind(this, &Self::create));
    routes.json<sdk::ProvisionerJob>({Method::get, job, "Get a dry run"}, bind(this, &Self::get));
    routes.json<sdk::MatchedProvisioners>(
        {Method::get, job + "/matched-provisioners", "Count the daemons for a dry run"},
        bind(this, &Self::matched));
    routes.raw<Nothing, std::vector<sdk::ProvisionerJobLog>>(
        Endpoint{Method::get, job + "/logs", "List or follow the log of a dry run"}.takes(log_query()),
        bind(this, &Self::logs));
    routes.json<std::vector<sdk::WorkspaceResource>>(
        {Method::get, job + "/resources", "List a dry run's resources"}, bind(this, &Self::resources));
    routes.raw<Nothing, sdk::Response>({Method::patch, job + "/cancel", "Cancel a dry run"},
                                       bind(this, &Self::cancel));
}

asio::awaitable<Result<db::ProvisionerJob>> DryRunRoutes::find(const Request& request) {
    auto version = co_await find_template_version(context_.store, request);
    if (!version) co_return version.error();
    auto id = request.path_uuid("job");
    if (!id) co_return id.error();
    auto job = co_await context_.store.get_template_version_dry_run_job(request.actor(), *id, version->id);
    if (!job && job.error().code() == ErrorCode::not_found) co_return no_dry_run();
    co_return job;
}

asio::awaitable<Result<sdk::ProvisionerJob>> DryRunRoutes::create(
    const Request& request, sdk::CreateTemplateVersionDryRunRequest body) {
    auto version = co_await find_template_version(context_.store, request);
    if (!version) co_return version.error();
    std::vector<Uuid> ids(1, version->job_id);
    auto imports = co_await context_.store.get_template_version_jobs(request.actor(), ids);
    if (!imports) co_return imports.error();
    if (imports->empty() || imports->front().job_status != db::ProvisionerJobStatus::succeeded)
        co_return Error(ErrorCode::failed_precondition,
                        "The template version was not imported successfully.");
    NewJob job;
    job.organization_id = version->organization_id;
    job.initiator_id = request.caller().user_id;
    job.provisioner = imports->front().provisioner;
    job.type = db::ProvisionerJobType::template_version_dry_run;
    job.file_id = imports->front().file_id;
    auto tags = tags_from_json(imports->front().tags);
    if (!tags) co_return tags.error();
    job.tags = std::move(*tags);
    job.input.template_version_id = version->id;
    job.input.workspace_name = body.workspace_name;
    for (const auto& value : body.rich_parameter_values)
        job.input.rich_parameter_values.emplace_back(value.name, value.value);
    for (const auto& value : body.user_variable_values)
        job.input.user_variable_values.emplace_back(value.name, value.value);
    auto now = context_.clock.now();
    auto inserted = co_await context_.store.transaction({}, insert_template_job, std::cref(request.actor()),
                                                        std::cref(job), now);
    if (!inserted) co_return inserted.error();
    auto row = co_await context_.store.get_template_version_dry_run_job(request.actor(), job.id, version->id);
    if (!row) co_return row.error();
    auto answer = co_await job_to_sdk(context_.store, std::move(*row), now);
    co_return answer;
}

asio::awaitable<Result<sdk::ProvisionerJob>> DryRunRoutes::get(const Request& request) {
    auto job = co_await find(request);
    if (!job) co_return job.error();
    auto answer = co_await job_to_sdk(context_.store, std::move(*job), context_.clock.now());
    co_return answer;
}

asio::awaitable<Result<sdk::MatchedProvisioners>> DryRunRoutes::matched(const Request& request) {
    auto job = co_await find(request);
    if (!job) co_return job.error();
    std::vector<Uuid> ids(1, job->id);
    auto matched = co_await matched_provisioners(context_, ids);
    if (!matched) co_return matched.error();
    co_return (*matched)[job->id];
}

asio::awaitable<Result<http::Response>> DryRunRoutes::logs(const Request& request) {
    auto job = co_await find(request);
    if (!job) co_return job.error();
    auto version = request.path_uuid("templateversion");
    if (!version) co_return version.error();
    auto reader = std::make_shared<DryRunLog>(context_, request.shared_caller(), *version, job->id);
    auto answer = co_await answer_job_logs(context_, request, job->id, reader);
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> DryRunRoutes::resources(const Request& request) {
    auto job = co_await find(request);
    if (!job) co_return job.error();
    if (!job->completed_at) co_return Error(ErrorCode::failed_precondition, "The dry run is not over.");
    auto version = request.path_uuid("templateversion");
    if (!version) co_return version.error();
    auto resources = co_await resources_of_dry_run(context_.store, request.actor(), *version, job->id,
                                                   context_.clock.now());
    co_return resources;
}

asio::awaitable<Result<http::Response>> DryRunRoutes::cancel(const Request& request) {
    auto job = co_await find(request);
    if (!job) co_return job.error();
    if (job->initiator_id != request.caller().user_id) {
        // Other people's runs are canceled by whoever may change the template.
        auto version = co_await find_template_version(context_.store, request);
        if (!version) co_return version.error();
        rbac::Object object{.resource = rbac::Resource::template_,
                            .id = version->template_id,
                            .organization = version->organization_id,
                            .user_acl = rbac::Acl::parse(version->template_user_acl),
                            .group_acl = rbac::Acl::parse(version->template_group_acl)};
        auto allowed = rbac::authorize(request.actor(), rbac::Action::update, object);
        if (!allowed) co_return allowed.error();
    }
    auto version = request.path_uuid("templateversion");
    if (!version) co_return version.error();
    auto changed = co_await context_.store.cancel_template_version_dry_run_job(
        request.actor(), context_.clock.now(), job->id, *version);
    if (!changed) co_return changed.error();
    co_await announce_job_change(context_, job->id);
    co_return cancel_answer(*changed, job->completed_at);
}

}  // namespace berth::coderd

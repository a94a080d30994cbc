#include "coderd/templates/version_routes.h"

#include <boost/json.hpp>

#include "coderd/jobs/jobs.h"
#include "coderd/jobs/logs.h"
#include "coderd/resources/resources.h"
#include "coderd/templates/convert.h"
#include "coderd/templates/create_version.h"
#include "coderd/users/lookup.h"

namespace berth::coderd {
namespace {

Error no_template() { return not_found("There is no such template, or you may not see it."); }
Error no_version() { return not_found("There is no such template version, or you may not see it."); }

/// The log of a version's import, for whoever may see the version.
class ImportLog final : public JobLogReader {
public:
    ImportLog(Context& context, std::shared_ptr<const Caller> caller, Uuid job_id)
        : context_(context), caller_(std::move(caller)), job_id_(job_id) {}

    asio::awaitable<Result<std::vector<db::ProvisionerJobLog>>> lines(std::int64_t after, std::int64_t before,
                                                                      std::int32_t limit) override {
        db::GetTemplateVersionLogsAfterParams params;
        params.job_id = job_id_;
        params.after_id = after;
        params.before_id = before;
        params.row_limit = limit;
        return context_.store.get_template_version_logs_after(caller_->actor, params);
    }
    asio::awaitable<Result<bool>> ended() override {
        std::vector<Uuid> ids(1, job_id_);
        auto jobs = co_await context_.store.get_template_version_jobs(caller_->actor, ids);
        if (!jobs) co_return jobs.error();
        if (jobs->empty()) co_return no_version();
        co_return is_over(jobs->front().job_status);
    }

private:
    Context& context_;
    std::shared_ptr<const Caller> caller_;
    Uuid job_id_;
};

/// The parameters and presets of an import that goes on are not known yet.
asio::awaitable<Result<void>> check_imported(Context& context, const Request& request,
                                             const db::TemplateVersion& version) {
    std::vector<Uuid> ids(1, version.job_id);
    auto jobs = co_await context.store.get_template_version_jobs(request.actor(), ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty()) co_return no_version();
    if (!jobs->front().completed_at)
        co_return Error(ErrorCode::failed_precondition, "The template version is still being imported.");
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<db::TemplateVersion>> find_template_version(db::Store& store, const Request& request) {
    auto id = request.path_uuid("templateversion");
    if (!id) co_return id.error();
    auto version = co_await store.get_template_version_by_id(request.actor(), *id);
    if (!version && version.error().code() == ErrorCode::not_found) co_return no_version();
    co_return version;
}

asio::awaitable<Result<db::TemplateVersion>> find_imported_version(Context& context, const Request& request) {
    auto version = co_await find_template_version(context.store, request);
    if (!version) co_return version.error();
    auto imported = co_await check_imported(context, request, *version);
    if (!imported) co_return imported.error();
    co_return version;
}

asio::awaitable<Result<db::Template>> find_template(db::Store& store, const Request& request) {
    auto id = request.path_uuid("template");
    if (!id) co_return id.error();
    auto row = co_await store.get_template_by_id(request.actor(), *id);
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_template();
    if (row && row->deleted) co_return no_template();
    co_return row;
}

asio::awaitable<Result<db::Template>> find_template_by_name(db::Store& store, const Request& request) {
    auto organization = co_await find_organization(store, request);
    if (!organization) co_return organization.error();
    auto row = co_await store.get_template_by_organization_and_name(request.actor(), organization->id,
                                                                    request.path("templatename"));
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_template();
    co_return row;
}

http::Response cancel_answer(std::int64_t changed, const std::optional<base::Time>& completed_at) {
    if (changed > 0) return message_response(200, "The job was canceled; its daemon stops it soon.");
    if (completed_at) return message_response(412, "The job has already completed.");
    return message_response(412, "The job was already canceled.");
}

void TemplateVersionRoutes::register_routes(Routes& routes) {
    using http::Method;
    using Self = TemplateVersionRoutes;
    const std::string organization = "/api/v2/organizations/{organization}/";
    const std::string version = "/api/v2/templateversions/{templateversion}";
    routes.json<sdk::CreateTemplateVersionRequest, sdk::TemplateVersion>(
        {Method::post, organization + "templateversions", "Create a template version", Access::session, 201,
         4 << 20},
        bind(this, &Self::create));
    routes.json<sdk::TemplateVersion>(
        {Method::get, organization + "templates/{templatename}/versions/{versionname}",
         "Get a version by names"},
        bind(this, &Self::get_by_organization_and_name));
    routes.json<sdk::TemplateVersion>(
        {Method::get, organization + "templates/{templatename}/versions/{versionname}/previous",
         "Get the version before another"},
        bind(this, &Self::get_previous));
    routes.json<sdk::TemplateVersion>(
        {Method::get, "/api/v2/templates/{template}/versions/{versionname}", "Get a version by name"},
        bind(this, &Self::get_by_name));
    routes.json<sdk::TemplateVersion>({Method::get, version, "Get a template version"},
                                      bind(this, &Self::get));
    routes.json<sdk::PatchTemplateVersionRequest, sdk::TemplateVersion>(
        {Method::patch, version, "Change a version's name or message", Access::session, 200, 4 << 20},
        bind(this, &Self::update));
    routes.raw<Nothing, sdk::Response>({Method::patch, version + "/cancel", "Cancel a version's import"},
                                       bind(this, &Self::cancel));
    routes.raw<Nothing, std::vector<sdk::ProvisionerJobLog>>(
        Endpoint{Method::get, version + "/logs", "List or follow the log of a version's import"}.takes(
            log_query()),
        bind(this, &Self::logs));
    routes.json<std::vector<sdk::WorkspaceResource>>(
        {Method::get, version + "/resources", "List a version's resources"}, bind(this, &Self::resources));
    routes.json<std::vector<sdk::TemplateVersionParameter>>(
        {Method::get, version + "/rich-parameters", "List a version's parameters"},
        bind(this, &Self::parameters));
    routes.json<std::vector<sdk::TemplateVersionVariable>>(
        {Method::get, version + "/variables", "List a version's Terraform variables"},
        bind(this, &Self::variables));
    routes.json<std::vector<sdk::TemplateVersionExternalAuth>>(
        {Method::get, version + "/external-auth", "List the accounts a version needs"},
        bind(this, &Self::external_auth));
    routes.json<std::vector<sdk::Preset>>({Method::get, version + "/presets", "List a version's presets"},
                                          bind(this, &Self::presets));
    routes.json<sdk::Response>({Method::post, version + "/archive", "Archive a version"},
                               bind(this, &Self::archive));
    routes.json<sdk::Response>({Method::post, version + "/unarchive", "Bring a version back"},
                               bind(this, &Self::unarchive));
    dry_runs_.register_routes(routes);
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::create(
    const Request& request, sdk::CreateTemplateVersionRequest body) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto id = co_await create_template_version(context_, request, organization->id, std::move(body));
    if (!id) co_return id.error();
    auto row = co_await context_.store.get_template_version_by_id(request.actor(), *id);
    if (!row) co_return row.error();
    auto answer = co_await version_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::get(const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    auto answer = co_await version_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::get_by_name(const Request& request) {
    auto owner = co_await find_template(context_.store, request);
    if (!owner) co_return owner.error();
    auto row = co_await context_.store.get_template_version_by_template_and_name(request.actor(), owner->id,
                                                                                 request.path("versionname"));
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_version();
    if (!row) co_return row.error();
    auto answer = co_await version_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::get_by_organization_and_name(
    const Request& request) {
    auto owner = co_await find_template_by_name(context_.store, request);
    if (!owner) co_return owner.error();
    auto row = co_await context_.store.get_template_version_by_template_and_name(request.actor(), owner->id,
                                                                                 request.path("versionname"));
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_version();
    if (!row) co_return row.error();
    auto answer = co_await version_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::get_previous(const Request& request) {
    auto owner = co_await find_template_by_name(context_.store, request);
    if (!owner) co_return owner.error();
    auto row = co_await context_.store.get_previous_template_version(request.actor(), owner->id,
                                                                     request.path("versionname"));
    if (!row && row.error().code() == ErrorCode::not_found)
        co_return not_found("There is no earlier template version.");
    if (!row) co_return row.error();
    auto answer = co_await version_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::TemplateVersion>> TemplateVersionRoutes::update(
    const Request& request, sdk::PatchTemplateVersionRequest body) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    db::UpdateTemplateVersionParams change;
    change.id = row->id;
    change.name = body.name.empty() ? row->name : body.name;
    change.message = body.message.value_or(row->message);
    change.updated_at = context_.clock.now();
    auto updated = co_await context_.store.update_template_version(request.actor(), change);
    if (!updated && updated.error().code() == ErrorCode::conflict)
        co_return Error(ErrorCode::conflict,
                        "A version of this template with the name \"" + change.name + "\" exists already.")
            .with_field("name", "is taken");
    if (!updated) co_return updated.error();
    auto answer = co_await get(request);
    co_return answer;
}

asio::awaitable<Result<http::Response>> TemplateVersionRoutes::cancel(const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    auto changed = co_await context_.store.cancel_template_version_job(request.actor(), context_.clock.now(),
                                                                       row->job_id);
    if (!changed) co_return changed.error();
    co_await announce_job_change(context_, row->job_id);
    std::vector<Uuid> ids(1, row->job_id);
    auto jobs = co_await context_.store.get_template_version_jobs(request.actor(), ids);
    if (!jobs) co_return jobs.error();
    std::optional<base::Time> completed;
    if (!jobs->empty()) completed = jobs->front().completed_at;
    co_return cancel_answer(*changed, completed);
}

asio::awaitable<Result<http::Response>> TemplateVersionRoutes::logs(const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    auto reader = std::make_shared<ImportLog>(context_, request.shared_caller(), row->job_id);
    auto answer = co_await answer_job_logs(context_, request, row->job_id, reader);
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> TemplateVersionRoutes::resources(
    const Request& request) {
    auto row = co_await find_imported_version(context_, request);
    if (!row) co_return row.error();
    auto resources = co_await resources_of_template_version(context_.store, request.actor(), row->job_id,
                                                            context_.clock.now());
    co_return resources;
}

asio::awaitable<Result<std::vector<sdk::TemplateVersionParameter>>> TemplateVersionRoutes::parameters(
    const Request& request) {
    auto row = co_await find_imported_version(context_, request);
    if (!row) co_return row.error();
    auto rows = co_await context_.store.get_template_version_parameters(request.actor(), row->id);
    if (!rows) co_return rows.error();
    std::vector<sdk::TemplateVersionParameter> parameters;
    for (const auto& each : *rows)
        parameters.push_back(parameter_to_sdk(each));
    co_return parameters;
}

asio::awaitable<Result<std::vector<sdk::TemplateVersionVariable>>> TemplateVersionRoutes::variables(
    const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    auto rows = co_await context_.store.get_template_version_variables(request.actor(), row->id);
    if (!rows) co_return rows.error();
    std::vector<sdk::TemplateVersionVariable> variables;
    for (const auto& each : *rows)
        variables.push_back(variable_to_sdk(each));
    co_return variables;
}

asio::awaitable<Result<std::vector<sdk::TemplateVersionExternalAuth>>> TemplateVersionRoutes::external_auth(
    const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    std::vector<sdk::TemplateVersionExternalAuth> accounts;
    boost::system::error_code error;
    auto providers = boost::json::parse(row->external_auth_providers, error);
    if (error || !providers.is_array()) co_return accounts;
    for (const auto& provider : providers.get_array()) {
        if (!provider.is_object()) continue;
        sdk::TemplateVersionExternalAuth account;
        const auto* id = provider.get_object().if_contains("id");
        const auto* optional = provider.get_object().if_contains("optional");
        if (id != nullptr && id->is_string()) account.id = std::string(id->get_string());
        account.display_name = account.id;
        account.optional = optional != nullptr && optional->is_bool() && optional->get_bool();
        accounts.push_back(std::move(account));
    }
    co_return accounts;
}

asio::awaitable<Result<std::vector<sdk::Preset>>> TemplateVersionRoutes::presets(const Request& request) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    auto rows = co_await context_.store.get_template_version_presets(request.actor(), row->id);
    if (!rows) co_return rows.error();
    auto values = co_await context_.store.get_template_version_preset_parameters(request.actor(), row->id);
    if (!values) co_return values.error();
    std::vector<sdk::Preset> presets;
    for (const auto& each : *rows) {
        auto& preset = presets.emplace_back();
        preset.id = each.id;
        preset.name = each.name;
        preset.default_ = each.is_default;
        preset.description = each.description;
        preset.icon = each.icon;
        if (each.desired_instances) preset.desired_prebuild_instances = *each.desired_instances;
        for (const auto& value : *values)
            if (value.template_version_preset_id == each.id)
                preset.parameters.push_back({value.name, value.value});
    }
    co_return presets;
}

asio::awaitable<Result<sdk::Response>> TemplateVersionRoutes::set_archived(const Request& request,
                                                                           bool archived) {
    auto row = co_await find_template_version(context_.store, request);
    if (!row) co_return row.error();
    sdk::Response answer;
    answer.message = archived ? "The template version is archived." : "The template version is back.";
    if (row->archived == archived) co_return answer;
    auto changed = co_await context_.store.archive_template_version(request.actor(), archived,
                                                                    context_.clock.now(), row->id);
    if (!changed) co_return changed.error();
    if (*changed == 0)
        co_return Error(ErrorCode::failed_precondition,
                        "The active version of a template cannot be archived.");
    co_return answer;
}

asio::awaitable<Result<sdk::Response>> TemplateVersionRoutes::archive(const Request& request) {
    auto answer = co_await set_archived(request, true);
    co_return answer;
}

asio::awaitable<Result<sdk::Response>> TemplateVersionRoutes::unarchive(const Request& request) {
    auto answer = co_await set_archived(request, false);
    co_return answer;
}

}  // namespace berth::coderd

#include "coderd/templates/template_routes.h"

#include <map>

#include "coderd/templates/template_settings.h"
#include "coderd/users/lookup.h"
#include "sdk/search.h"
#include "sdk/validation.h"

namespace berth::coderd {
namespace {

Error no_such_template() { return not_found("There is no such template, or you may not see it."); }

Error name_taken(const std::string& name) {
    return Error(ErrorCode::conflict, "Template with name \"" + name + "\" already exists.")
        .with_field("name", "This value is already in use and should be unique.");
}

/// What creating a template needs besides the actor.
struct NewTemplate {
    db::InsertTemplateParams row;
    Uuid version_id;
};

asio::awaitable<Result<Uuid>> insert_template(db::Transaction& tx, const rbac::Actor& actor, const NewTemplate& wanted,
                                              base::Time now) {
    auto version = co_await tx.get_template_version_by_id(actor, wanted.version_id);
    if (!version && version.error().code() == ErrorCode::not_found)
        co_return not_found("Template version \"" + wanted.version_id.to_string() + "\" does not exist.");
    if (!version) co_return version.error();
    if (version->organization_id != wanted.row.organization_id || version->template_id)
        co_return invalid_argument("The template cannot be created.")
            .with_field("template_version_id", "belongs to another template or organization");
    std::vector<Uuid> job_ids{version->job_id};
    auto jobs = co_await tx.get_template_version_jobs(actor, job_ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty() || jobs->front().job_status == db::ProvisionerJobStatus::failed)
        co_return Error(ErrorCode::failed_precondition, "The import of the template version failed; see its log.");
    auto inserted = co_await tx.insert_template(actor, wanted.row);
    if (!inserted) co_return inserted.error();
    auto joined = co_await tx.update_template_version_template(actor, wanted.row.id, now, wanted.version_id);
    if (!joined) co_return joined.error();
    if (*joined == 0) co_return Error(ErrorCode::conflict, "The template version was used meanwhile.");
    co_return *inserted;
}

Result<db::ListTemplatesParams> parse_list(const http::Query& query, const Uuid& viewer) {
    auto search = sdk::SearchQuery::parse(query.get("q").value_or(""));
    if (!search) return search.error();
    db::ListTemplatesParams params;
    params.organization_id = search->uuid("organization");
    params.exact_name = search->text("exact_name").value_or("");
    params.exact_display_name = search->text("exact_display_name").value_or("");
    std::string words;
    for (const auto& word : search->words()) words += (words.empty() ? "" : " ") + word;
    params.fuzzy_name = search->text("name").value_or(words);
    params.fuzzy_display_name = search->text("display_name").value_or("");
    params.deprecated = search->boolean("deprecated");
    params.has_external_agent = search->boolean("has_external_agent");
    auto author = search->text("author").value_or("");
    if (author == "me") params.created_by = viewer;
    for (const auto& text : search->list("id"))
        if (auto id = Uuid::parse(text)) params.ids.push_back(*id);
    if (auto done = search->finish(); !done) return done.error();
    return params;
}

/// Templates with how many people use them and how long their builds take.
asio::awaitable<Result<std::vector<sdk::Template>>> templates_to_sdk(db::Store& store, const rbac::Actor& actor,
                                                                     std::vector<db::Template> rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows) ids.push_back(row.id);
    auto counts = co_await store.get_template_user_counts(actor, ids);
    if (!counts) co_return counts.error();
    std::map<Uuid, std::int64_t> users;
    for (const auto& count : *counts) users[count.template_id] = count.user_count;
    auto times = co_await store.get_template_build_times(actor, ids);
    if (!times) co_return times.error();
    std::map<Uuid, sdk::TemplateBuildTimeStats> builds;
    for (const auto& time : *times)
        builds[time.template_id][std::string(to_string(time.transition))] = {static_cast<std::int64_t>(time.p50_ms),
                                                                             static_cast<std::int64_t>(time.p95_ms)};
    std::vector<sdk::Template> templates;
    for (const auto& row : rows) {
        auto out = template_to_sdk(row);
        out.active_user_count = users[row.id];
        for (auto& [transition, stats] : builds[row.id]) out.build_time_stats[transition] = stats;
        templates.push_back(std::move(out));
    }
    co_return templates;
}

}  // namespace

void TemplateRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string of_organization = "/api/v2/organizations/{organization}/templates";
    const std::string one = "/api/v2/templates/{template}";
    routes.json<sdk::CreateTemplateRequest, sdk::Template>(
        {Method::post, of_organization, "Create a template", Access::session, 201}, bind(this, &TemplateRoutes::create));
    routes.json<std::vector<sdk::Template>>({Method::get, of_organization, "List an organization's templates"},
                                            bind(this, &TemplateRoutes::list_of_organization));
    routes.json<sdk::Template>({Method::get, of_organization + "/{templatename}", "Get a template by name"},
                               bind(this, &TemplateRoutes::get_by_name));
    routes.json<std::vector<sdk::Template>>({Method::get, "/api/v2/templates", "List templates"},
                                            bind(this, &TemplateRoutes::list));
    routes.json<sdk::Template>({Method::get, one, "Get a template"}, bind(this, &TemplateRoutes::get));
    routes.raw({Method::patch, one, "Change a template's settings"}, bind(this, &TemplateRoutes::update));
    routes.json<sdk::Response>({Method::del, one, "Delete a template"}, bind(this, &TemplateRoutes::remove));
    routes.json<sdk::UpdateActiveTemplateVersion, sdk::Response>(
        {Method::patch, one + "/versions", "Set the active version"}, bind(this, &TemplateRoutes::set_active_version));
}

asio::awaitable<Result<db::Template>> TemplateRoutes::find(const Request& request) {
    auto id = request.path_uuid("template");
    if (!id) co_return id.error();
    auto row = co_await context_.store.get_template_by_id(request.actor(), *id);
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_such_template();
    if (row && row->deleted) co_return no_such_template();
    co_return row;
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::answer(const Request& request, Uuid id) {
    auto row = co_await context_.store.get_template_by_id(request.actor(), id);
    if (!row) co_return row.error();
    std::vector<db::Template> rows;
    rows.push_back(std::move(*row));
    auto templates = co_await templates_to_sdk(context_.store, request.actor(), std::move(rows));
    if (!templates) co_return templates.error();
    co_return std::move(templates->front());
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::create(const Request& request, sdk::CreateTemplateRequest body) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto row = template_row(body, organization->id);
    if (!row) co_return row.error();
    auto now = context_.clock.now();
    row->created_at = now;
    row->created_by = request.caller().user_id;
    row->active_version_id = body.template_version_id;
    NewTemplate wanted{std::move(*row), body.template_version_id};
    auto created = co_await context_.store.transaction(db::TransactionOptions{}, insert_template,
                                                       std::cref(request.actor()), std::cref(wanted), now);
    if (!created && created.error().code() == ErrorCode::conflict) co_return name_taken(body.name);
    if (!created) co_return created.error();
    auto out = co_await answer(request, *created);
    co_return out;
}

asio::awaitable<Result<std::vector<sdk::Template>>> TemplateRoutes::list(const Request& request) {
    auto params = parse_list(request.http().query, request.caller().user_id);
    if (!params) co_return params.error();
    auto rows = co_await context_.store.list_templates(request.actor(), *params);
    if (!rows) co_return rows.error();
    auto templates = co_await templates_to_sdk(context_.store, request.actor(), std::move(*rows));
    co_return templates;
}

asio::awaitable<Result<std::vector<sdk::Template>>> TemplateRoutes::list_of_organization(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto params = parse_list(request.http().query, request.caller().user_id);
    if (!params) co_return params.error();
    params->organization_id = organization->id;
    auto rows = co_await context_.store.list_templates(request.actor(), *params);
    if (!rows) co_return rows.error();
    auto templates = co_await templates_to_sdk(context_.store, request.actor(), std::move(*rows));
    co_return templates;
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::get(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto out = co_await answer(request, row->id);
    co_return out;
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::get_by_name(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto row = co_await context_.store.get_template_by_organization_and_name(request.actor(), organization->id,
                                                                             request.path("templatename"));
    if (!row && row.error().code() == ErrorCode::not_found) co_return no_such_template();
    if (!row) co_return row.error();
    auto out = co_await answer(request, row->id);
    co_return out;
}

asio::awaitable<Result<http::Response>> TemplateRoutes::update(const Request& request) {
    auto body = sdk::decode<sdk::UpdateTemplateMeta>(request.http().body);
    if (!body) co_return body.error();
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto change = changed_row(*row, *body);
    if (!change) co_return change.error();
    if (auto problem = sdk::name_problem(change->name); !problem.empty())
        co_return invalid_argument("The template's settings cannot be used.").with_field("name", std::move(problem));
    if (is_same(*row, *change)) co_return http::Response{304, {}, std::string()};
    change->updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_template_meta(request.actor(), *change);
    if (!changed && changed.error().code() == ErrorCode::conflict) co_return name_taken(change->name);
    if (!changed) co_return changed.error();
    auto out = co_await answer(request, row->id);
    if (!out) co_return out.error();
    co_return http::Response::json(200, sdk::encode(*out));
}

asio::awaitable<Result<sdk::Response>> TemplateRoutes::remove(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto deleted = co_await context_.store.soft_delete_template(request.actor(), context_.clock.now(), row->id);
    if (!deleted) co_return deleted.error();
    if (*deleted == 0)
        co_return Error(ErrorCode::failed_precondition,
                        "All workspaces must be deleted before a template can be removed.");
    sdk::Response body;
    body.message = "Template has been deleted!";
    co_return body;
}

asio::awaitable<Result<sdk::Response>> TemplateRoutes::set_active_version(const Request& request,
                                                                          sdk::UpdateActiveTemplateVersion body) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto version = co_await context_.store.get_template_version_by_id(request.actor(), body.id);
    if (!version && version.error().code() == ErrorCode::not_found) co_return not_found("Template version not found.");
    if (!version) co_return version.error();
    if (version->template_id != row->id)
        co_return invalid_argument("The provided template version doesn't belong to the specified template.");
    if (version->archived) co_return invalid_argument("The provided template version is archived.");
    std::vector<Uuid> job_ids{version->job_id};
    auto jobs = co_await context_.store.get_template_version_jobs(request.actor(), job_ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty() || jobs->front().job_status != db::ProvisionerJobStatus::succeeded)
        co_return invalid_argument("Only versions that have been built successfully can be promoted.");
    auto changed =
        co_await context_.store.update_template_active_version(request.actor(), body.id, context_.clock.now(), row->id);
    if (!changed) co_return changed.error();
    sdk::Response answer;
    answer.message = "Updated the active template version!";
    co_return answer;
}

}  // namespace berth::coderd

#include "coderd/templates/template_routes.h"

#include "base/text.h"
#include "coderd/templates/convert.h"
#include "coderd/templates/examples.h"
#include "coderd/templates/template_settings.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/lookup.h"
#include "sdk/search.h"

namespace berth::coderd {
namespace {

Error taken(const std::string& name) {
    return Error(ErrorCode::conflict, "A template with the name \"" + name + "\" exists already.")
        .with_field("name", "is taken");
}

/// The version belongs to the organization and to no other template, and its import succeeded.
asio::awaitable<Result<db::TemplateVersion>> usable_version(Context& context, const Request& request,
                                                            Uuid version_id, Uuid organization_id,
                                                            std::optional<Uuid> template_id) {
    auto refuse = [](std::string detail) {
        return invalid_argument("The template version cannot be used.")
            .with_field("template_version_id", std::move(detail));
    };
    auto version = co_await context.store.get_template_version_by_id(request.actor(), version_id);
    if (!version && version.error().code() == ErrorCode::not_found)
        co_return not_found("There is no such template version.");
    if (!version) co_return version.error();
    if (version->organization_id != organization_id)
        co_return not_found("There is no such template version.");
    if (version->template_id && version->template_id != template_id)
        co_return refuse("belongs to another template");
    if (template_id && version->template_id != template_id)
        co_return refuse("does not belong to this template");
    if (version->archived) co_return refuse("is archived");
    std::vector<Uuid> ids(1, version->job_id);
    auto jobs = co_await context.store.get_template_version_jobs(request.actor(), ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty() || jobs->front().job_status != db::ProvisionerJobStatus::succeeded)
        co_return refuse("was not imported successfully");
    co_return version;
}

asio::awaitable<Result<void>> insert_template_of_version(db::Transaction& tx, const rbac::Actor& actor,
                                                         const db::InsertTemplateParams& row,
                                                         base::Time now) {
    auto inserted = co_await tx.insert_template(actor, row);
    if (!inserted) co_return inserted.error();
    auto joined = co_await tx.update_template_version_template(actor, row.id, now, row.active_version_id);
    if (!joined) co_return joined.error();
    // Somebody made a template of the version a moment ago.
    if (*joined == 0)
        co_return invalid_argument("The template version cannot be used.")
            .with_field("template_version_id", "belongs to another template");
    co_return Result<void>();
}

asio::awaitable<Result<db::ListTemplatesParams>> parse_list(Context& context, const Request& request) {
    db::ListTemplatesParams params;
    auto search = sdk::SearchQuery::parse(request.query("q").value_or(""));
    if (!search) co_return search.error();
    params.exact_name = search->text("exact_name").value_or("");
    params.fuzzy_name = search->text("name").value_or("");
    params.fuzzy_display_name = search->text("display_name").value_or("");
    params.exact_display_name = search->text("exact_display_name").value_or("");
    params.deprecated = search->boolean("deprecated");
    params.has_external_agent = search->boolean("has_external_agent");
    auto organization = search->text("organization");
    auto author = search->text("author");
    auto author_id = search->uuid("author_id");
    auto finished = search->finish();
    if (!finished) co_return finished.error();
    // Free words look for names.
    if (params.fuzzy_name.empty() && !search->words().empty())
        params.fuzzy_name = base::join(search->words(), " ");
    if (organization) {
        Result<db::Organization> row = not_found("no organization");
        auto id = Uuid::parse(*organization);
        if (id) {
            row = co_await context.store.get_organization_by_id(request.actor(), *id);
        } else if (*organization == "default") {
            row = co_await context.store.get_default_organization(request.actor());
        } else {
            row = co_await context.store.get_organization_by_name(request.actor(), *organization);
        }
        // An unknown organization has no templates.
        if (!row && row.error().code() != ErrorCode::not_found) co_return row.error();
        params.organization_id = row ? row->id : Uuid();
    }
    params.created_by = author_id;
    if (author) {
        std::optional<Uuid> id;
        if (*author == "me") {
            id = request.caller().user_id;
        } else {
            auto user = co_await context.store.get_user_by_email_or_username(request.actor(), "", *author);
            if (!user && user.error().code() != ErrorCode::not_found) co_return user.error();
            id = user ? user->id : Uuid();
        }
        params.created_by = id;
    }
    co_return params;
}

}  // namespace

void TemplateRoutes::register_routes(Routes& routes) {
    using http::Method;
    using Self = TemplateRoutes;
    const std::string organization = "/api/v2/organizations/{organization}/templates";
    const std::string one = "/api/v2/templates/{template}";
    const auto search = search_query(
        "name, exact_name, display_name, exact_display_name, organization, author, author_id, deprecated and "
        "has_external_agent");
    routes.json<sdk::CreateTemplateRequest, sdk::Template>(
        {Method::post, organization, "Create a template", Access::session, 201}, bind(this, &Self::create));
    routes.json<std::vector<sdk::Template>>(
        Endpoint{Method::get, organization, "List the templates of an organization"}.takes(search),
        bind(this, &Self::list_of_organization));
    routes.json<sdk::Template>({Method::get, organization + "/{templatename}", "Get a template by name"},
                               bind(this, &Self::get_by_name));
    routes.json<std::vector<sdk::TemplateExample>>(
        {Method::get, organization + "/examples", "List example templates"}, bind(this, &Self::examples));
    routes.json<std::vector<sdk::Template>>(
        Endpoint{Method::get, "/api/v2/templates", "List templates"}.takes(search), bind(this, &Self::list));
    routes.json<std::vector<sdk::TemplateExample>>(
        {Method::get, "/api/v2/templates/examples", "List example templates"}, bind(this, &Self::examples));
    routes.json<sdk::Template>({Method::get, one, "Get a template"}, bind(this, &Self::get));
    routes.raw<sdk::UpdateTemplateMeta, sdk::Template>({Method::patch, one, "Change a template's settings"},
                                                       bind(this, &Self::update));
    routes.json<sdk::Response>({Method::del, one, "Delete a template"}, bind(this, &Self::remove));
    routes.json<std::vector<sdk::TemplateVersion>>(
        Endpoint{Method::get, one + "/versions", "List a template's versions"}
            .takes(page_query())
            .takes(after_id_query())
            .takes({"include_archived", "boolean", "Lists archived ones too"}),
        bind(this, &Self::versions));
    routes.json<sdk::UpdateActiveTemplateVersion, sdk::Response>(
        {Method::patch, one + "/versions", "Set a template's active version"},
        bind(this, &Self::set_active_version));
    routes.json<sdk::ArchiveTemplateVersionsRequest, sdk::ArchiveTemplateVersionsResponse>(
        {Method::post, one + "/versions/archive", "Archive unused versions"},
        bind(this, &Self::archive_versions));
    routes.json<sdk::TemplateACL>({Method::get, one + "/acl", "Get who may use a template"},
                                  bind(this, &Self::acl));
    routes.json<sdk::UpdateTemplateACL, sdk::Response>(
        {Method::patch, one + "/acl", "Change who may use a template"}, bind(this, &Self::update_acl));
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::create(const Request& request,
                                                              sdk::CreateTemplateRequest body) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto row = new_template_row(body, organization->id, request.caller().user_id);
    if (!row) co_return row.error();
    auto same = co_await context_.store.get_template_by_organization_and_name(request.actor(),
                                                                              organization->id, body.name);
    if (same) co_return taken(body.name);
    auto version =
        co_await usable_version(context_, request, body.template_version_id, organization->id, std::nullopt);
    if (!version) co_return version.error();
    auto now = context_.clock.now();
    row->created_at = now;
    db::TransactionOptions options;
    auto inserted = co_await context_.store.transaction(options, insert_template_of_version,
                                                        std::cref(request.actor()), std::cref(*row), now);
    if (!inserted && db::is_conflict(inserted.error(), "templates_name_key")) co_return taken(body.name);
    if (!inserted) co_return inserted.error();
    auto made = co_await context_.store.get_template_by_id(request.actor(), row->id);
    if (!made) co_return made.error();
    auto answer = co_await template_to_sdk(context_, request.actor(), std::move(*made));
    co_return answer;
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::get(const Request& request) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto answer = co_await template_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<sdk::Template>> TemplateRoutes::get_by_name(const Request& request) {
    auto row = co_await find_template_by_name(context_.store, request);
    if (!row) co_return row.error();
    auto answer = co_await template_to_sdk(context_, request.actor(), std::move(*row));
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::Template>>> TemplateRoutes::list(const Request& request) {
    auto params = co_await parse_list(context_, request);
    if (!params) co_return params.error();
    auto rows = co_await context_.store.list_templates(request.actor(), *params);
    if (!rows) co_return rows.error();
    auto answer = co_await templates_to_sdk(context_, request.actor(), std::move(*rows));
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::Template>>> TemplateRoutes::list_of_organization(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto params = co_await parse_list(context_, request);
    if (!params) co_return params.error();
    params->organization_id = organization->id;
    auto rows = co_await context_.store.list_templates(request.actor(), *params);
    if (!rows) co_return rows.error();
    auto answer = co_await templates_to_sdk(context_, request.actor(), std::move(*rows));
    co_return answer;
}

asio::awaitable<Result<http::Response>> TemplateRoutes::update(const Request& request) {
    auto body = sdk::decode<sdk::UpdateTemplateMeta>(request.http().body);
    if (!body) co_return body.error();
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto change = changed_template_row(*row, *body);
    if (!change) co_return change.error();
    if (!changes_anything(*row, *change)) co_return http::Response{304, {}, std::string()};
    change->updated_at = context_.clock.now();
    auto updated = co_await context_.store.update_template_meta(request.actor(), *change);
    if (!updated && updated.error().code() == ErrorCode::conflict) co_return taken(change->name);
    if (!updated) co_return updated.error();
    auto answer = co_await get(request);
    if (!answer) co_return answer.error();
    co_return http::Response::json(200, sdk::encode(*answer));
}

asio::awaitable<Result<sdk::Response>> TemplateRoutes::remove(const Request& request) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto deleted =
        co_await context_.store.soft_delete_template(request.actor(), context_.clock.now(), row->id);
    if (!deleted) co_return deleted.error();
    if (*deleted == 0)
        co_return Error(ErrorCode::failed_precondition,
                        "The template has workspaces: delete them before the template.");
    sdk::Response answer;
    answer.message = "The template is deleted.";
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::TemplateVersion>>> TemplateRoutes::versions(const Request& request) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    db::ListTemplateVersionsParams params;
    params.template_id = row->id;
    params.include_archived = request.query("include_archived").value_or("") == "true";
    auto page = sdk::parse_pagination(request.http().query);
    if (!page) co_return page.error();
    params.row_limit = static_cast<std::int32_t>(page->limit);
    params.row_offset = static_cast<std::int32_t>(page->offset);
    if (!page->after_id.is_nil()) {
        // After what is not in the list, no page would be right.
        auto after = co_await context_.store.get_template_version_by_id(request.actor(), page->after_id);
        if (!after && after.error().code() != ErrorCode::not_found) co_return after.error();
        if (!after || after->template_id != row->id)
            co_return invalid_argument("The query has an invalid value.")
                .with_field("after_id", "is no version of this template");
        params.after_id = page->after_id;
    }
    auto rows = co_await context_.store.list_template_versions(request.actor(), params);
    if (!rows) co_return rows.error();
    auto answer = co_await versions_to_sdk(context_, request.actor(), std::move(*rows));
    co_return answer;
}

asio::awaitable<Result<sdk::Response>> TemplateRoutes::set_active_version(
    const Request& request, sdk::UpdateActiveTemplateVersion body) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto version = co_await usable_version(context_, request, body.id, row->organization_id, row->id);
    if (!version) co_return version.error();
    auto updated = co_await context_.store.update_template_active_version(request.actor(), version->id,
                                                                          context_.clock.now(), row->id);
    if (!updated) co_return updated.error();
    sdk::Response answer;
    answer.message = "The template's active version is set.";
    co_return answer;
}

asio::awaitable<Result<sdk::ArchiveTemplateVersionsResponse>> TemplateRoutes::archive_versions(
    const Request& request, sdk::ArchiveTemplateVersionsRequest body) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto archived = co_await context_.store.archive_unused_template_versions(
        request.actor(), context_.clock.now(), row->id, body.all);
    if (!archived) co_return archived.error();
    sdk::ArchiveTemplateVersionsResponse answer;
    answer.template_id = row->id;
    answer.archived_ids = std::move(*archived);
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::TemplateExample>>> TemplateRoutes::examples(const Request&) {
    co_return list_examples();
}

}  // namespace berth::coderd

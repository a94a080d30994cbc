#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "coderd/templates/dry_run_routes.h"
#include "sdk/builds.h"
#include "sdk/response.h"
#include "sdk/template_versions.h"

namespace berth::coderd {

/// Versions of templates: making them, what their import found, and dry runs.
class TemplateVersionRoutes {
public:
    explicit TemplateVersionRoutes(Context& context) : context_(context), dry_runs_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::TemplateVersion>> create(const Request& request,
                                                         sdk::CreateTemplateVersionRequest body);
    asio::awaitable<Result<sdk::TemplateVersion>> get(const Request& request);
    asio::awaitable<Result<sdk::TemplateVersion>> get_by_name(const Request& request);
    asio::awaitable<Result<sdk::TemplateVersion>> get_by_organization_and_name(const Request& request);
    asio::awaitable<Result<sdk::TemplateVersion>> get_previous(const Request& request);
    asio::awaitable<Result<sdk::TemplateVersion>> update(const Request& request,
                                                         sdk::PatchTemplateVersionRequest body);
    asio::awaitable<Result<http::Response>> cancel(const Request& request);
    asio::awaitable<Result<http::Response>> logs(const Request& request);
    asio::awaitable<Result<std::vector<sdk::WorkspaceResource>>> resources(const Request& request);
    asio::awaitable<Result<std::vector<sdk::TemplateVersionParameter>>> parameters(const Request& request);
    asio::awaitable<Result<std::vector<sdk::TemplateVersionVariable>>> variables(const Request& request);
    asio::awaitable<Result<std::vector<sdk::TemplateVersionExternalAuth>>> external_auth(
        const Request& request);
    asio::awaitable<Result<std::vector<sdk::Preset>>> presets(const Request& request);
    asio::awaitable<Result<sdk::Response>> archive(const Request& request);
    asio::awaitable<Result<sdk::Response>> unarchive(const Request& request);

private:
    asio::awaitable<Result<sdk::Response>> set_archived(const Request& request, bool archived);

    Context& context_;
    DryRunRoutes dry_runs_;
};

/// The version that {templateversion} names.
asio::awaitable<Result<db::TemplateVersion>> find_template_version(db::Store& store, const Request& request);
/// The same, once its import is over; failed_precondition before.
asio::awaitable<Result<db::TemplateVersion>> find_imported_version(Context& context, const Request& request);
/// The template that {template} names, an id; deleted ones are not found.
asio::awaitable<Result<db::Template>> find_template(db::Store& store, const Request& request);
/// The template {templatename} of {organization}.
asio::awaitable<Result<db::Template>> find_template_by_name(db::Store& store, const Request& request);

/// What is left to say when a cancel changed nothing: 412 with the reason.
http::Response cancel_answer(std::int64_t changed, const std::optional<base::Time>& completed_at);

}  // namespace berth::coderd

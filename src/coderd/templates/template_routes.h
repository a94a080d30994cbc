#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/response.h"
#include "sdk/template_versions.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// Templates: what workspaces are made of.
class TemplateRoutes {
public:
    explicit TemplateRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::Template>> create(const Request& request, sdk::CreateTemplateRequest body);
    asio::awaitable<Result<sdk::Template>> get(const Request& request);
    asio::awaitable<Result<sdk::Template>> get_by_name(const Request& request);
    asio::awaitable<Result<std::vector<sdk::Template>>> list(const Request& request);
    asio::awaitable<Result<std::vector<sdk::Template>>> list_of_organization(const Request& request);
    /// 304 when nothing would change.
    asio::awaitable<Result<http::Response>> update(const Request& request);
    /// 400 while live workspaces use it.
    asio::awaitable<Result<sdk::Response>> remove(const Request& request);
    asio::awaitable<Result<std::vector<sdk::TemplateVersion>>> versions(const Request& request);
    asio::awaitable<Result<sdk::Response>> set_active_version(const Request& request,
                                                              sdk::UpdateActiveTemplateVersion body);
    asio::awaitable<Result<sdk::ArchiveTemplateVersionsResponse>> archive_versions(
        const Request& request, sdk::ArchiveTemplateVersionsRequest body);
    asio::awaitable<Result<std::vector<sdk::TemplateExample>>> examples(const Request& request);
    asio::awaitable<Result<sdk::TemplateACL>> acl(const Request& request);
    asio::awaitable<Result<sdk::Response>> update_acl(const Request& request, sdk::UpdateTemplateACL body);

private:
    Context& context_;
};

}  // namespace berth::coderd

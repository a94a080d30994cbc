#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// Templates themselves; their versions are in version_routes.
class TemplateRoutes {
public:
    explicit TemplateRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<sdk::Template>> create(const Request& request, sdk::CreateTemplateRequest body);
    asio::awaitable<Result<std::vector<sdk::Template>>> list(const Request& request);
    asio::awaitable<Result<std::vector<sdk::Template>>> list_of_organization(const Request& request);
    asio::awaitable<Result<sdk::Template>> get(const Request& request);
    asio::awaitable<Result<sdk::Template>> get_by_name(const Request& request);
    /// PATCH: 304 when nothing would change.
    asio::awaitable<Result<http::Response>> update(const Request& request);
    /// 400 while workspaces live.
    asio::awaitable<Result<sdk::Response>> remove(const Request& request);
    asio::awaitable<Result<sdk::Response>> set_active_version(const Request& request,
                                                              sdk::UpdateActiveTemplateVersion body);

private:
    asio::awaitable<Result<db::Template>> find(const Request& request);
    asio::awaitable<Result<sdk::Template>> answer(const Request& request, Uuid id);

    Context& context_;
};

}  // namespace berth::coderd

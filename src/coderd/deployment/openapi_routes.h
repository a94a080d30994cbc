#pragma once

#include "coderd/api/routes.h"

namespace berth::coderd {

/// The OpenAPI document, made of the same table that the router is built from.
class OpenApiRoutes {
public:
    explicit OpenApiRoutes(const Routes& routes) : routes_(routes) {}
    void register_routes(Routes& routes);

    asio::awaitable<Result<http::Response>> openapi(const Request& request);
    [[nodiscard]] std::string document() const;

private:
    const Routes& routes_;
};

}  // namespace berth::coderd

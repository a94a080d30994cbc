#include "coderd/deployment/openapi_routes.h"

#include "base/text.h"
#include "base/version.h"
#include "sdk/openapi.h"

namespace berth::coderd {
namespace {

/// The noun a route is about: "workspaces" of "/api/v2/workspaces/{workspace}".
std::string_view tag_of(std::string_view pattern) {
    auto parts = base::split(pattern, '/');
    return parts.size() > 3 ? parts[3] : std::string_view("general");
}

}  // namespace

void OpenApiRoutes::register_routes(Routes& routes) {
    routes.raw({http::Method::get, "/api/v2/openapi.json", "Get this document", Access::open},
               bind(this, &OpenApiRoutes::openapi));
}

asio::awaitable<Result<http::Response>> OpenApiRoutes::openapi(const Request&) {
    co_return http::Response::json(200, document());
}

std::string OpenApiRoutes::document() const {
    std::vector<sdk::Operation> operations;
    for (const auto& route : routes_.all()) {
        sdk::Operation operation{.method = route.endpoint.method};
        operation.path = route.endpoint.pattern;
        operation.summary = route.endpoint.summary;
        operation.tag = tag_of(route.endpoint.pattern);
        operation.request = route.request_type;
        operation.response = route.response_type;
        operation.response_is_list = route.response_is_list;
        operation.success = route.endpoint.success;
        operation.authenticated = route.endpoint.access != Access::open;
        operation.query = route.endpoint.query;
        operations.push_back(operation);
    }
    return sdk::openapi_document("berth", base::version, operations);
}

}  // namespace berth::coderd

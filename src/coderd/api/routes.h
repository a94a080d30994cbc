#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/asio.h"
#include "coderd/api/errors.h"
#include "coderd/api/query_parameters.h"
#include "coderd/api/request.h"
#include "net/http/router.h"
#include "sdk/codec.h"

namespace berth::coderd {

/// How a route learns who calls.
enum class Access {
    open,         ///< no credentials asked
    session,      ///< an API key: header, cookie or query parameter
    agent,        ///< a workspace agent's token
    provisioner,  ///< the handler authenticates (key, PSK or session)
};

/// The response or body type of routes that have none.
struct Nothing {};

/// What a route is, for the router, the OpenAPI document and the dashboard's types.
struct Endpoint {
    http::Method method;
    /// "/api/v2/…" with {placeholders}.
    std::string pattern;
    std::string summary;
    Access access = Access::session;
    unsigned success = 200;
    std::size_t body_limit = 1 << 20;
    QueryParameters query = {};

    /// With what it reads from the query string, for the documents.
    Endpoint takes(const QueryParameters& parameters) && {
        query.insert(query.end(), parameters.begin(), parameters.end());
        return std::move(*this);
    }
    Endpoint takes(sdk::QueryParameter parameter) && {
        query.push_back(std::move(parameter));
        return std::move(*this);
    }
};

/// One row of the route table. `handle` never fails: errors are answers already.
struct RegisteredRoute {
    Endpoint endpoint;
    /// Type names of sdk/ for the documents; null when there is no JSON body.
    const sdk::TypeInfo* request_type = nullptr;
    const sdk::TypeInfo* response_type = nullptr;
    bool response_is_list = false;
    std::function<asio::awaitable<http::Response>(Request)> handle;
};

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {
    using value_type = T;
};

/// Collects the routes of all nouns. Each noun's `register_routes(Routes&)` calls it at start; afterwards it
/// is read-only.
///
///     routes.json<sdk::Workspace>({http::Method::get, "/api/v2/workspaces/{workspace}", "Get a workspace"},
///                                 bind(this, &WorkspaceRoutes::get));
///     routes.json<sdk::CreateTokenRequest, sdk::GenerateAPIKeyResponse>({…}, bind(this,
///     &KeyRoutes::create)); routes.raw({…}, bind(this, &FileRoutes::download));
class Routes {
public:
    template <class Res>
    using Handler = std::function<asio::awaitable<Result<Res>>(const Request&)>;
    template <class Req, class Res>
    using BodyHandler = std::function<asio::awaitable<Result<Res>>(const Request&, Req)>;

    /// No request body; a JSON answer (or none when Res is Nothing).
    template <class Res>
    void json(Endpoint endpoint, Handler<Res> handler) {
        RegisteredRoute route = describe<Nothing, Res>(endpoint);
        route.handle = [success = endpoint.success, handler = std::move(handler)](Request request) {
            return answer<Res>(success, handler, std::move(request));
        };
        add(std::move(route));
    }

    /// A JSON body, decoded before the handler runs (400 with the field when it does not fit).
    template <class Req, class Res>
    void json(Endpoint endpoint, BodyHandler<Req, Res> handler) {
        RegisteredRoute route = describe<Req, Res>(endpoint);
        route.handle = [success = endpoint.success, handler = std::move(handler)](Request request) {
            return answer_body<Req, Res>(success, handler, std::move(request));
        };
        add(std::move(route));
    }

    /// The handler makes the whole answer (files, streams, WebSockets, unusual statuses). The types are what
    /// it reads and answers where that is JSON, for the documents.
    template <class Req = Nothing, class Res = Nothing>
    void raw(Endpoint endpoint, Handler<http::Response> handler) {
        add_raw(describe<Req, Res>(std::move(endpoint)), std::move(handler));
    }

    [[nodiscard]] const std::vector<RegisteredRoute>& all() const { return routes_; }

private:
    void add(RegisteredRoute route) { routes_.push_back(std::move(route)); }
    void add_raw(RegisteredRoute route, Handler<http::Response> handler);

    template <class Req, class Res>
    static RegisteredRoute describe(Endpoint endpoint) {
        RegisteredRoute route;
        route.endpoint = std::move(endpoint);
        if constexpr (!std::is_same_v<Req, Nothing>) route.request_type = &sdk::type_info<Req>();
        if constexpr (is_vector<Res>::value) {
            route.response_type = &sdk::type_info<typename is_vector<Res>::value_type>();
            route.response_is_list = true;
        } else if constexpr (!std::is_same_v<Res, Nothing>) {
            route.response_type = &sdk::type_info<Res>();
        }
        return route;
    }

    template <class Res>
    static http::Response success_response(unsigned status, const Result<Res>& result) {
        if (!result) return error_response(result.error());
        if constexpr (std::is_same_v<Res, Nothing>) {
            return http::Response{status, {}, std::string()};
        } else {
            return http::Response::json(status, sdk::encode(*result));
        }
    }

    template <class Res>
    static asio::awaitable<http::Response> answer(unsigned status, const Handler<Res>& handler,
                                                  Request request) {
        auto result = co_await handler(request);
        co_return success_response<Res>(status, result);
    }

    template <class Req, class Res>
    static asio::awaitable<http::Response> answer_body(unsigned status, const BodyHandler<Req, Res>& handler,
                                                       Request request) {
        auto body = sdk::decode<Req>(request.http().body);
        if (!body) co_return error_response(body.error());
        auto result = co_await handler(request, std::move(*body));
        co_return success_response<Res>(status, result);
    }

    std::vector<RegisteredRoute> routes_;
};

/// `bind(this, &Noun::method)`: a member coroutine as a handler. The object must outlive the server.
template <class Object, class Return, class... Args>
auto bind(Object* object, Return (Object::*method)(Args...)) {
    return [object, method](Args... args) { return (object->*method)(std::forward<Args>(args)...); };
}

}  // namespace berth::coderd

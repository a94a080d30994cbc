#include "coderd/api/dispatcher.h"

#include <set>

#include "base/text.h"
#include "base/version.h"
#include "sdk/endpoints.h"

namespace berth::coderd {
namespace {

constexpr std::string_view session_cookie = "coder_session_token";

asio::awaitable<http::Response> not_built(std::string name) {
    co_return message_response(
        501, "This part of the API is not available in this version of berth: " + name + ".");
}

http::RouteHandler unbuilt_handler(std::string name) {
    return [name = std::move(name)](http::Request&) { return not_built(name); };
}

/// "GET /a/{}/b": two patterns that match the same requests give the same text.
std::string shape(http::Method method, std::string_view pattern) {
    std::string text(to_string(method));
    for (auto segment : base::split(pattern, '/')) {
        text += '/';
        text += segment.starts_with('{') ? std::string_view("{}") : segment;
    }
    return text;
}

/// Some endpoints are listed with one of the values that their placeholder takes.
std::string general_pattern(std::string_view path) {
    std::string text;
    for (auto segment : base::split(path.substr(1), '/')) {
        text += '/';
        text += segment == "default" || segment == "me" ? std::string_view("{named}") : segment;
    }
    return text;
}

http::Response not_found_response(const http::Request& request) {
    if (request.path.starts_with("/api/")) return message_response(404, "Route not found.");
    return http::Response::text(404, "404 page not found\n");
}

http::Response method_not_allowed(const std::vector<http::Method>& allowed) {
    auto response = message_response(405, "This route does not take that method.");
    std::string list;
    for (auto method : allowed)
        list += (list.empty() ? "" : ", ") + std::string(to_string(method));
    response.headers.set("Allow", list);
    return response;
}

}  // namespace

bool is_cross_site_write(const http::Request& request) {
    bool only_reads = request.method == http::Method::get || request.method == http::Method::head ||
                      request.method == http::Method::options;
    // Browsers let any page open a WebSocket anywhere, and read what comes back.
    if (only_reads && !request.wants_websocket()) return false;
    // A custom header cannot be sent across sites without our consent, so the cookie is not what
    // authenticates.
    if (!request.cookie(session_cookie) || request.headers.get("Coder-Session-Token")) return false;
    auto site = request.headers.get("Sec-Fetch-Site");
    if (site) return *site != "same-origin" && *site != "none";
    auto origin = request.headers.get("Origin");
    if (!origin) return false;
    auto host = request.headers.get("Host").value_or("");
    return *origin != "http://" + std::string(host) && *origin != "https://" + std::string(host);
}

Dispatcher::Dispatcher(const Routes& routes, Authenticator& authenticator, base::Logger log)
    : routes_(routes),
      authenticator_(authenticator),
      anonymous_(std::make_shared<Caller>()),
      log_(std::move(log)) {
    add_routes();
    add_unbuilt_endpoints();
}

void Dispatcher::add_routes() {
    for (const auto& route : routes_.all()) {
        router_.add({route.endpoint.method, route.endpoint.pattern,
                     [this, &route](http::Request& request) { return call(route, request); },
                     route.endpoint.body_limit});
    }
}

void Dispatcher::add_unbuilt_endpoints() {
    std::set<std::string> taken;
    for (const auto& route : routes_.all())
        taken.insert(shape(route.endpoint.method, route.endpoint.pattern));
    for (const auto& endpoint : sdk::endpoints()) {
        auto pattern = general_pattern(endpoint.path);
        if (!taken.insert(shape(endpoint.method, pattern)).second) continue;
        router_.add({endpoint.method, pattern, unbuilt_handler(std::string(endpoint.name))});
    }
}

asio::awaitable<std::optional<http::Response>> Dispatcher::refuse_large(const http::Request& header) {
    auto match = router_.match(header.method, header.path);
    for (const auto& route : routes_.all()) {
        if (match.route == nullptr || route.endpoint.method != header.method ||
            route.endpoint.pattern != match.route->pattern)
            continue;
        auto caller = co_await authenticate(route.endpoint.access, header);
        if (!caller) {
            auto response = error_response(caller.error());
            response.headers.set("X-Coder-Build-Version", std::string(base::version));
            co_return response;
        }
    }
    co_return std::nullopt;
}

std::size_t Dispatcher::body_limit(const http::Request& header) const {
    auto match = router_.match(header.method, header.path);
    return match.route != nullptr ? match.route->body_limit : 64 << 10;
}

asio::awaitable<http::Response> Dispatcher::handle(http::Request& request) {
    auto response = co_await dispatch(request);
    response.headers.set("X-Coder-Build-Version", std::string(base::version));
    response.headers.set("X-Content-Type-Options", "nosniff");
    co_return response;
}

http::Response Dispatcher::reject(unsigned status, std::string_view message) const {
    auto response = message_response(status, std::string(message));
    response.headers.set("X-Coder-Build-Version", std::string(base::version));
    return response;
}

asio::awaitable<http::Response> Dispatcher::dispatch(http::Request& request) {
    auto match = router_.match(request.method, request.path);
    if (match.route == nullptr) {
        if (!match.allowed.empty()) co_return method_not_allowed(match.allowed);
        co_return not_found_response(request);
    }
    if (is_cross_site_write(request))
        co_return message_response(
            403, "This request comes from another site; send it with a session header instead.");
    request.path_parameters = std::move(match.parameters);
    auto response = co_await match.route->handler(request);
    co_return response;
}

asio::awaitable<http::Response> Dispatcher::call(const RegisteredRoute& route, http::Request& request) {
    auto caller = co_await authenticate(route.endpoint.access, request);
    if (!caller) co_return error_response(caller.error());
    auto response = co_await route.handle(Request(request, *caller));
    if (response.status >= 500) {
        log_.error("request failed", field("method", to_string(request.method)),
                   field("route", route.endpoint.pattern), field("status", response.status));
    } else {
        log_.debug("request", field("method", to_string(request.method)),
                   field("route", route.endpoint.pattern), field("status", response.status));
    }
    co_return response;
}

asio::awaitable<Result<std::shared_ptr<const Caller>>> Dispatcher::authenticate(
    Access access, const http::Request& request) {
    switch (access) {
        case Access::open:
        case Access::provisioner:
            co_return anonymous_;
        case Access::session: {
            auto caller = co_await authenticator_.session(request);
            co_return caller;
        }
        case Access::agent: {
            auto caller = co_await authenticator_.agent(request);
            co_return caller;
        }
    }
    co_return internal_error("unknown kind of access");
}

}  // namespace berth::coderd

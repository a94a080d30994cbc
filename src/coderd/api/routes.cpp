#include "coderd/api/routes.h"

namespace berth::coderd {
namespace {

asio::awaitable<http::Response> answer_raw(const Routes::Handler<http::Response>& handler, Request request) {
    auto result = co_await handler(request);
    if (!result) co_return error_response(result.error());
    co_return std::move(*result);
}

}  // namespace

void Routes::add_raw(RegisteredRoute route, Handler<http::Response> handler) {
    route.handle = [handler = std::move(handler)](Request request) {
        return answer_raw(handler, std::move(request));
    };
    add(std::move(route));
}

}  // namespace berth::coderd

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace berth::http {

using RouteHandler = std::function<asio::awaitable<Response>(Request&)>;

struct Route {
    Method method;
    /// "/api/v2/users/{user}/keys/{id}"; a last segment "{rest...}" takes all that is left.
    std::string pattern;
    RouteHandler handler;
    std::size_t body_limit = 1 << 20;
};

/// A tree of path segments: literals win over {placeholders}, which win over {rest...}. Built once, then
/// read-only and shared by all loops.
class Router {
public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;
    /// A second route with the same method and shape is a broken invariant (throws std::logic_error).
    void add(Route route);

    struct Match {
        const Route* route = nullptr;
        std::vector<std::pair<std::string, std::string>> parameters;
        /// The path exists, but not with this method; these are the ones it has.
        std::vector<Method> allowed;
    };
    [[nodiscard]] Match match(Method method, std::string_view decoded_path) const;
    /// HEAD falls back to GET.

private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace berth::http

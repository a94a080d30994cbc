#include "net/http/router.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/text.h"

namespace berth::http {

/// One segment of all routes that share what comes before it.
struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> placeholder;
    /// Routes that end here, and those that take the rest from here.
    std::vector<std::unique_ptr<Route>> ends;
    std::vector<std::unique_ptr<Route>> rests;
};

namespace {

bool is_placeholder(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool is_rest(std::string_view segment) { return is_placeholder(segment) && segment.ends_with("...}"); }

/// "/a/b" -> {"a", "b"}; "/" -> {""}.
std::vector<std::string_view> segments_of(std::string_view path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    auto segments = base::split(path, '/');
    if (segments.empty()) segments.emplace_back();
    return segments;
}

const Route* find(const std::vector<std::unique_ptr<Route>>& routes, Method method) {
    for (const auto& route : routes)
        if (route->method == method) return route.get();
    if (method == Method::head) return find(routes, Method::get);
    return nullptr;
}

void note_allowed(const std::vector<std::unique_ptr<Route>>& routes, std::vector<Method>& allowed) {
    for (const auto& route : routes)
        if (std::find(allowed.begin(), allowed.end(), route->method) == allowed.end())
            allowed.push_back(route->method);
}

/// The values of the route's placeholders, read off the path that it matched.
std::vector<std::pair<std::string, std::string>> parameters_of(const Route& route,
                                                               const std::vector<std::string_view>& path) {
    std::vector<std::pair<std::string, std::string>> parameters;
    auto pattern = segments_of(route.pattern);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (!is_placeholder(pattern[i])) continue;
        std::string_view name = pattern[i].substr(1, pattern[i].size() - 2);
        if (!is_rest(pattern[i])) {
            parameters.emplace_back(name, path[i]);
            continue;
        }
        std::string rest;
        for (std::size_t at = i; at < path.size(); ++at) {
            if (at > i) rest += '/';
            rest += path[at];
        }
        parameters.emplace_back(name.substr(0, name.size() - 3), std::move(rest));
    }
    return parameters;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Route route) {
    if (!route.pattern.starts_with('/'))
        throw std::logic_error("a route starts with a slash: " + route.pattern);
    auto segments = segments_of(route.pattern);
    Node* node = root_.get();
    bool rest = false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        std::string_view segment = segments[i];
        if (is_rest(segment)) {
            if (i + 1 != segments.size()) throw std::logic_error("{rest...} comes last: " + route.pattern);
            rest = true;
        } else if (is_placeholder(segment)) {
            if (!node->placeholder) node->placeholder = std::make_unique<Node>();
            node = node->placeholder.get();
        } else {
            auto& child = node->literals[std::string(segment)];
            if (!child) child = std::make_unique<Node>();
            node = child.get();
        }
    }
    auto& routes = rest ? node->rests : node->ends;
    for (const auto& other : routes)
        if (other->method == route.method)
            throw std::logic_error("two routes of one shape: " + other->pattern + " and " + route.pattern);
    routes.push_back(std::make_unique<Route>(std::move(route)));
}

Router::Match Router::match(Method method, std::string_view decoded_path) const {
    /// Depth-first with literals before placeholders before rests; a dead end goes back.
    struct Search {
        Method method;
        const std::vector<std::string_view>& path;
        std::vector<Method> allowed;

        const Route* visit(const Node& node, std::size_t at) {
            if (at == path.size()) {
                if (const Route* route = find(node.ends, method)) return route;
                note_allowed(node.ends, allowed);
                return nullptr;
            }
            if (auto literal = node.literals.find(path[at]); literal != node.literals.end())
                if (const Route* route = visit(*literal->second, at + 1)) return route;
            // An empty segment is no value: "/users/" is not "/users/{user}".
            if (node.placeholder && !path[at].empty())
                if (const Route* route = visit(*node.placeholder, at + 1)) return route;
            if (const Route* route = find(node.rests, method)) return route;
            note_allowed(node.rests, allowed);
            return nullptr;
        }
    };
    Match match;
    auto path = segments_of(decoded_path);
    // Deeper than any route with placeholders: only {rest...} may match, and visit() ends early by itself.
    Search search{method, path, {}};
    match.route = search.visit(*root_, 0);
    if (match.route != nullptr) {
        match.parameters = parameters_of(*match.route, path);
    } else {
        match.allowed = std::move(search.allowed);
    }
    return match;
}

}  // namespace berth::http

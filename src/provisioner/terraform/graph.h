#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::terraform {

/// Which resource needs which, from `terraform graph`. Nodes are addresses without instance keys
/// ("module.m.coder_env.x"), in both the short form and the older one with "[root] … (expand)".
class Graph {
public:
    /// How far other nodes are from one: 1 is direct.
    using Distances = std::map<std::string, int, std::less<>>;

    static Result<Graph> parse(std::string_view dot);

    /// What `node` needs, directly or through others.
    [[nodiscard]] Distances needs(const std::string& node) const { return walk(forward_, node); }
    /// What needs `node`.
    [[nodiscard]] Distances needed_by(const std::string& node) const { return walk(backward_, node); }

private:
    using Edges = std::map<std::string, std::vector<std::string>, std::less<>>;
    static Distances walk(const Edges& edges, const std::string& from);

    Edges forward_;
    Edges backward_;
};

}  // namespace berth::terraform

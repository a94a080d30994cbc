#include "provisioner/terraform/graph.h"

#include <deque>
#include <optional>

#include "base/text.h"

namespace berth::terraform {
namespace {

constexpr std::size_t max_edges = 1'000'000;

/// Takes one quoted name from the front of `text`.
std::optional<std::string> take_name(std::string_view& text) {
    text = base::trim(text);
    if (text.empty() || text.front() != '"') return std::nullopt;
    std::string name;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return name;
        }
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        name += text[i];
    }
    return std::nullopt;
}

std::string node_name(std::string name) {
    constexpr std::string_view prefix = "[root] ";
    constexpr std::string_view suffix = " (expand)";
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
    if (name.ends_with(suffix)) name.erase(name.size() - suffix.size());
    return name;
}

}  // namespace

Result<Graph> Graph::parse(std::string_view dot) {
    Graph graph;
    std::size_t edges = 0;
    for (auto line : base::split(dot, '\n')) {
        auto from = take_name(line);
        if (!from) continue;
        line = base::trim(line);
        if (!line.starts_with("->")) continue;
        line.remove_prefix(2);
        auto to = take_name(line);
        if (!to) continue;
        if (++edges > max_edges) return Error(ErrorCode::too_large, "terraform's graph has too many edges");
        auto source = node_name(std::move(*from));
        auto target = node_name(std::move(*to));
        graph.backward_[target].push_back(source);
        graph.forward_[std::move(source)].push_back(std::move(target));
    }
    return graph;
}

Graph::Distances Graph::walk(const Edges& edges, const std::string& from) {
    Distances distances;
    std::deque<std::pair<const std::string*, int>> open{{&from, 0}};
    while (!open.empty()) {
        auto [node, distance] = open.front();
        open.pop_front();
        auto it = edges.find(*node);
        if (it == edges.end()) continue;
        for (const auto& next : it->second) {
            if (next == from) continue;
            if (distances.try_emplace(next, distance + 1).second) open.emplace_back(&next, distance + 1);
        }
    }
    return distances;
}

}  // namespace berth::terraform

#include "provisioner/terraform/links.h"

#include <algorithm>

#include "base/text.h"

namespace berth::terraform {
namespace {

std::size_t common_prefix(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

/// "coder_agent.a[0].id" -> the block "coder_agent.a" and its key 0.
struct Reference {
    std::string block;
    InstanceKey key;
};

Reference read_reference(std::string_view text) {
    Reference out;
    auto bracket = text.find('[');
    auto plain = without_keys(text);
    auto parts = base::split(plain, '.');
    if (parts.size() < 2) return out;
    out.block = std::string(parts[0]) + "." + std::string(parts[1]);
    if (bracket != out.block.size()) return out;
    auto key = text.substr(bracket + 1, text.find(']', bracket) - bracket - 1);
    if (key.size() >= 2 && key.front() == '"') out.key = std::string(key.substr(1, key.size() - 2));
    if (auto number = base::parse_int<std::int64_t>(key)) out.key = *number;
    return out;
}

}  // namespace

Linker::Linker(const Model& model, const Graph& graph) : model_(model), graph_(graph) {
    for (const auto& instance : model.instances) {
        if (instance.data) continue;
        blocks_[instance.config_address].push_back(&instance);
        for (std::string_view attribute : {"id", "subagent_id"}) {
            auto id = instance.text(attribute);
            if (!id.empty()) ids_[std::string(id)].push_back(&instance);
        }
    }
}

std::string Link::alternatives() const {
    std::string text = instance->address;
    for (std::size_t i = 0; i < rivals.size(); ++i)
        text += (i + 1 == rivals.size() ? " and " : ", ") + rivals[i]->address;
    return text;
}

Link Linker::target(const Instance& child, std::string_view attribute, const Wanted& wanted) const {
    if (auto value = child.text(attribute); !value.empty())
        if (auto found = by_value(child, value, wanted); found.instance != nullptr) return found;
    if (auto found = by_reference(child, wanted); found.instance != nullptr) return found;
    return nearest(child, graph_.needs(child.config_address), wanted);
}

Link Linker::nearest_dependent(const Instance& on, const Wanted& wanted) const {
    return nearest(on, graph_.needed_by(on.config_address), wanted);
}

Linker::Candidates Linker::of_block(const std::string& config_address, const Wanted& wanted) const {
    Candidates out;
    auto it = blocks_.find(config_address);
    if (it != blocks_.end())
        std::copy_if(it->second.begin(), it->second.end(), std::back_inserter(out),
                     [&](const Instance* candidate) { return wanted(*candidate); });
    return out;
}

Link Linker::by_value(const Instance& child, std::string_view value, const Wanted& wanted) const {
    auto it = ids_.find(value);
    if (it == ids_.end()) return {};
    Candidates same;
    std::copy_if(it->second.begin(), it->second.end(), std::back_inserter(same),
                 [&](const Instance* candidate) { return wanted(*candidate) && candidate != &child; });
    if (same.empty()) return {};
    if (same.size() == 1) return {same.front(), {}};
    // Different resources can share an id; the nearest of them is meant.
    auto near = nearest(child, graph_.needs(child.config_address), [&](const Instance& candidate) {
        return std::find(same.begin(), same.end(), &candidate) != same.end();
    });
    return near.instance != nullptr ? near : Link{same.front(), {same.begin() + 1, same.end()}};
}

Link Linker::by_reference(const Instance& child, const Wanted& wanted) const {
    auto it = model_.references.find(child.config_address);
    if (it == model_.references.end()) return {};
    auto own = child.type.size() + 1 + child.name.size();
    auto module = child.config_address.substr(
        0, child.config_address.size() - std::min(own, child.config_address.size()));
    Link link;
    for (const auto& text : it->second) {
        auto reference = read_reference(text);
        auto candidates = of_block(module + reference.block, wanted);
        if (candidates.empty()) continue;
        auto meant = matching(candidates, child, reference.key);
        if (link.instance == nullptr) {
            link = std::move(meant);
            continue;
        }
        // Terraform writes "coder_agent.main.id" and "coder_agent.main" for one reference.
        if (meant.instance->config_address != link.instance->config_address &&
            std::find(link.rivals.begin(), link.rivals.end(), meant.instance) == link.rivals.end())
            link.rivals.push_back(meant.instance);
    }
    return link;
}

Link Linker::nearest(const Instance& from, const Graph::Distances& distances, const Wanted& wanted) const {
    int best = 0;
    std::vector<Candidates> found;
    for (const auto& [node, distance] : distances) {
        if (!found.empty() && distance > best) continue;
        auto candidates = of_block(node, wanted);
        if (candidates.empty()) continue;
        if (distance < best) found.clear();
        best = distance;
        found.push_back(std::move(candidates));
    }
    if (found.empty()) return {};
    auto link = matching(found.front(), from, {});
    for (auto block = found.begin() + 1; block != found.end(); ++block)
        link.rivals.insert(link.rivals.end(), block->begin(), block->end());
    return link;
}

Link Linker::matching(const Candidates& candidates, const Instance& other, const InstanceKey& key) {
    auto score = [&](const Instance* candidate) {
        const auto& wanted = std::holds_alternative<std::monostate>(key) ? other.key : key;
        return std::pair(common_prefix(candidate->module, other.module), candidate->key == wanted);
    };
    Link link;
    link.instance =
        *std::max_element(candidates.begin(), candidates.end(),
                          [&](const Instance* a, const Instance* b) { return score(a) < score(b); });
    auto best = score(link.instance);
    for (const auto* candidate : candidates)
        if (candidate != link.instance && score(candidate) == best) link.rivals.push_back(candidate);
    return link;
}

}  // namespace berth::terraform

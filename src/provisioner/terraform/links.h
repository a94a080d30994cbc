#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "provisioner/terraform/graph.h"
#include "provisioner/terraform/model.h"

namespace berth::terraform {

/// Which instance is meant, and which others would be as well: of those the first address is taken.
struct Link {
    const Instance* instance = nullptr;
    std::vector<const Instance*> rivals;

    /// "a, b and c", with the rivals.
    [[nodiscard]] std::string alternatives() const;
};

/// Finds which instance another one means. Values decide where they are known (after apply); before, the
/// references written in the configuration do, and at last the dependency graph.
class Linker {
public:
    using Wanted = std::function<bool(const Instance&)>;

    Linker(const Model& model, const Graph& graph);

    /// What `child`'s `attribute` (agent_id, resource_id) points at, among the instances that are `wanted`.
    [[nodiscard]] Link target(const Instance& child, std::string_view attribute, const Wanted& wanted) const;
    /// The wanted instance that depends on `on` by the shortest way.
    [[nodiscard]] Link nearest_dependent(const Instance& on, const Wanted& wanted) const;

private:
    using Candidates = std::vector<const Instance*>;

    [[nodiscard]] Candidates of_block(const std::string& config_address, const Wanted& wanted) const;
    [[nodiscard]] Link by_value(const Instance& child, std::string_view value, const Wanted& wanted) const;
    [[nodiscard]] Link by_reference(const Instance& child, const Wanted& wanted) const;
    [[nodiscard]] Link nearest(const Instance& from, const Graph::Distances& distances,
                               const Wanted& wanted) const;
    /// Of several instances of one block, the one that belongs with `other`: nearest module, then the same
    /// key.
    static Link matching(const Candidates& candidates, const Instance& other, const InstanceKey& key);

    const Model& model_;
    const Graph& graph_;
    std::map<std::string, Candidates, std::less<>> blocks_;
    std::map<std::string, Candidates, std::less<>> ids_;
};

}  // namespace berth::terraform

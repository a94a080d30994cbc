#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "rbac/resource.h"

namespace berth::rbac {

/// Actions per resource.
class PermissionSet {
public:
    /// `Resource::wildcard` adds to every resource. Only actions valid for the resource are kept.
    void add(Resource resource, ActionSet actions);
    void add(const PermissionSet& other);
    [[nodiscard]] ActionSet actions(Resource resource) const {
        return actions_[static_cast<std::size_t>(resource)];
    }
    [[nodiscard]] bool contains(Resource resource, Action action) const {
        return actions(resource).contains(action);
    }
    static PermissionSet all();
    bool operator==(const PermissionSet&) const = default;

private:
    std::array<ActionSet, resource_count> actions_{};
};

/// One entry of an API key's allow list: "workspace:<uuid>", "template:*", "*:*".
struct AllowTarget {
    Resource resource = Resource::wildcard;
    /// None stands for every object.
    std::optional<Uuid> id = {};

    static Result<AllowTarget> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    bool operator==(const AllowTarget&) const = default;
};

/// What a credential keeps of its owner's power: never more, often less. A default Scope allows nothing.
struct Scope {
    PermissionSet permissions;
    std::vector<AllowTarget> allow_list;

    static Scope all();
    /// Expands names ("all", "coder:workspaces.operate", "template:*", "workspace:read"); their union holds.
    /// invalid_argument names the first unknown one. An empty allow list stands for "*:*".
    static Result<Scope> from_names(std::span<const std::string> names,
                                    std::vector<AllowTarget> allow_list = {});

    /// Whether the allow list covers an object; one without id only by an entry for every object.
    [[nodiscard]] bool covers(Resource resource, const std::optional<Uuid>& id) const;
};

bool is_scope_name(std::string_view name);
/// Scope names that people may give to their own keys: the low-level public ones and the composites.
std::span<const std::string_view> public_scope_names();

}  // namespace berth::rbac

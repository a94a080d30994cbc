#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "rbac/resource.h"

namespace berth::rbac {

/// Which users or groups were given which actions on one object, as its JSON column holds it:
/// `{"<uuid>": ["read", "use"], "<uuid>": ["*"]}`.
class Acl {
public:
    Acl() = default;
    /// What cannot be read (no JSON, foreign keys, unknown actions) grants nothing.
    static Acl parse(std::string_view json);

    void grant(const Uuid& subject, ActionSet actions);
    [[nodiscard]] ActionSet granted(const Uuid& subject) const;
    [[nodiscard]] bool empty() const { return entries_.empty(); }

private:
    std::vector<std::pair<Uuid, ActionSet>> entries_;
};

/// The thing an action is about. What is not set is not known or does not exist (a thing about to be created
/// has no id), and then nothing that depends on it is granted. Nil identifiers count as not set.
struct Object {
    Resource resource;
    std::optional<Uuid> id = {};
    std::optional<Uuid> owner = {};
    std::optional<Uuid> organization = {};
    Acl user_acl = {};
    Acl group_acl = {};
};

}  // namespace berth::rbac

#include "coderd/users/assignable.h"

#include <algorithm>

#include "rbac/role.h"

namespace berth::coderd {

Result<void> check_assignable(const std::vector<std::string>& held, const std::vector<std::string>& before,
                              const std::vector<std::string>& after) {
    auto may_assign = [&](const std::string& role) {
        return std::any_of(held.begin(), held.end(),
                           [&](const std::string& own) { return rbac::may_assign(own, role); });
    };
    auto contains = [](const std::vector<std::string>& list, const std::string& name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    for (const auto& role : after)
        if (!contains(before, role) && !may_assign(role))
            return Error(ErrorCode::permission_denied, "You may not give the role \"" + role + "\".");
    for (const auto& role : before)
        if (!contains(after, role) && !may_assign(role))
            return Error(ErrorCode::permission_denied, "You may not take the role \"" + role + "\" away.");
    return {};
}

}  // namespace berth::coderd

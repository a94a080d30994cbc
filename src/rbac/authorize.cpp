#include "rbac/authorize.h"

#include <algorithm>

#include "base/text.h"

namespace berth::rbac {
namespace {

std::optional<Uuid> set_or_none(const std::optional<Uuid>& id) {
    return id && !id->is_nil() ? id : std::nullopt;
}

bool granted_by_list(const Actor& actor, Action action, const Object& object) {
    if (object.user_acl.granted(actor.id()).contains(action)) return true;
    return std::any_of(actor.groups().begin(), actor.groups().end(),
                       [&](const Uuid& group) { return object.group_acl.granted(group).contains(action); });
}

bool roles_allow(const Actor& actor, Action action, const Object& object) {
    if (actor.site().denies(object.resource, action)) return false;
    if (actor.site().allows(object.resource, action)) return true;
    if (!actor.is_user()) return false;

    auto owner = set_or_none(object.owner);
    bool owns = owner && *owner == actor.id();
    auto organization_id = set_or_none(object.organization);
    if (!organization_id) return owns && actor.own().allows(object.resource, action);

    const auto* organization = actor.organization(*organization_id);
    if (organization == nullptr || organization->everything.denies(object.resource, action)) return false;
    if (organization->everything.allows(object.resource, action)) return true;
    if (owns && organization->own.denies(object.resource, action)) return false;
    if (owns && organization->own.allows(object.resource, action)) return true;
    return granted_by_list(actor, action, object);
}

bool scopes_allow(const Actor& actor, Action action, const Object& object) {
    // A user without any scope came from no credential; system actors are narrow already.
    if (actor.scopes().empty()) return !actor.is_user();
    auto id = set_or_none(object.id);
    return std::all_of(actor.scopes().begin(), actor.scopes().end(), [&](const Scope& scope) {
        return scope.permissions.contains(object.resource, action) && scope.covers(object.resource, id);
    });
}

std::string spoken(std::string_view name) { return base::replace_all(std::string(name), "_", " "); }

}  // namespace

Result<void> authorize(const Actor& actor, Action action, const Object& object) {
    if (roles_allow(actor, action, object) && scopes_allow(actor, action, object)) return {};
    return Error(ErrorCode::permission_denied, "You may not " + spoken(to_string(action)) + " this " +
                                                   spoken(to_string(object.resource)) + ".");
}

Result<void> authorize_system(const Actor& actor, std::initializer_list<SystemActor> allowed) {
    for (SystemActor one : allowed)
        if (actor.is(one)) return {};
    return Error(ErrorCode::permission_denied, "Only the server itself may do this.");
}

Error hidden(Resource) { return not_found("Resource not found or you do not have access to it."); }

}  // namespace berth::rbac

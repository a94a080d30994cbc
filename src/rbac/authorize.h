#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rbac/actor.h"
#include "rbac/object.h"

namespace berth::rbac {

/// permission_denied unless `actor` may do `action` to `object`. The levels, from wide to narrow:
/// site, organization of the object, ownership, the object's access lists. A level that forbids ends the
/// search; the first that allows wins. Ownership and lists of an object that belongs to an organization count
/// only for its members. Every scope of the actor must allow as well. A caller that reads by id turns the
/// refusal into not_found (hidden()), so that nobody learns what exists.
Result<void> authorize(const Actor& actor, Action action, const Object& object);

/// permission_denied unless `actor` is one of these system actors.
Result<void> authorize_system(const Actor& actor, std::initializer_list<SystemActor> allowed);

/// The not_found that a refused read answers: the same as for an object that is not there.
Error hidden(Resource resource);

}  // namespace berth::rbac

#include "rbac/scope.h"

#include <algorithm>
#include <initializer_list>

namespace berth::rbac {
namespace {

using enum Action;

struct Grant {
    Resource resource;
    ActionSet actions;
};

/// A scope named after what people want to do, with all that this needs.
struct Composite {
    std::string_view name;
    std::vector<Grant> grants;
};

const std::vector<Composite>& composites() {
    static const std::vector<Composite> rows{
        {"coder:all", {{Resource::wildcard, ActionSet::all()}}},
        {"coder:application_connect", {{Resource::workspace, application_connect}}},
        {"coder:apikeys.manage_self", {{Resource::api_key, {create, read, update, delete_}}}},
        {"coder:templates.build",
         {{Resource::template_, read}, {Resource::file, {create, read}}, {Resource::provisioner_jobs, read}}},
        {"coder:templates.author",
         {{Resource::template_, {create, read, update, delete_, view_insights}},
          {Resource::file, {create, read}}}},
        {"coder:workspaces.access",
         {{Resource::template_, read}, {Resource::workspace, {read, ssh, application_connect}}}},
        {"coder:workspaces.create",
         {{Resource::template_, {read, use}}, {Resource::workspace, {create, read, update}}}},
        {"coder:workspaces.delete",
         {{Resource::template_, {read, use}}, {Resource::workspace, {read, delete_}}}},
        {"coder:workspaces.operate",
         {{Resource::template_, read}, {Resource::workspace, {read, update, start, stop}}}},
    };
    return rows;
}

/// Low-level scopes people may give to their keys; the wildcard of a resource comes with them.
struct PublicResource {
    Resource resource;
    bool wildcard;
    std::initializer_list<Action> actions;
};

constexpr PublicResource public_resources[] = {
    {Resource::api_key, true, {create, delete_, read, update}},
    {Resource::file, true, {create, read}},
    {Resource::organization, true, {delete_, read, update}},
    {Resource::task, true, {create, delete_, read, update}},
    {Resource::template_, true, {create, delete_, read, update, use}},
    {Resource::user, false, {read_personal, update_personal}},
    {Resource::user_secret, true, {create, delete_, read, update}},
    {Resource::workspace, true, {application_connect, create, delete_, read, ssh, start, stop, update}},
};

std::vector<std::string> make_public_names() {
    std::vector<std::string> names;
    for (const auto& row : public_resources) {
        std::string prefix = std::string(to_string(row.resource)) + ":";
        if (row.wildcard) names.push_back(prefix + "*");
        for (Action action : row.actions)
            names.push_back(prefix + std::string(to_string(action)));
    }
    for (const auto& composite : composites())
        names.emplace_back(composite.name);
    return names;
}

/// Adds what a name stands for; false when it stands for nothing.
bool expand(std::string_view name, PermissionSet& into) {
    if (name == "all") name = "coder:all";
    if (name == "application_connect") name = "coder:application_connect";
    for (const auto& composite : composites()) {
        if (composite.name != name) continue;
        for (const auto& grant : composite.grants)
            into.add(grant.resource, grant.actions);
        return true;
    }
    auto colon = name.find(':');
    if (colon == std::string_view::npos) return false;
    auto resource = parse_resource(name.substr(0, colon));
    if (!resource || *resource == Resource::wildcard) return false;
    auto verb = name.substr(colon + 1);
    if (verb == "*") {
        into.add(*resource, ActionSet::all());
        return true;
    }
    auto action = parse_action(verb);
    if (!action || !valid_actions(*resource).contains(*action)) return false;
    into.add(*resource, *action);
    return true;
}

}  // namespace

void PermissionSet::add(Resource resource, ActionSet actions) {
    if (resource == Resource::wildcard) {
        for (Resource each : all_resources())
            if (each != Resource::wildcard) add(each, actions);
    }
    actions_[static_cast<std::size_t>(resource)] |= actions & valid_actions(resource);
}

void PermissionSet::add(const PermissionSet& other) {
    for (std::size_t at = 0; at < actions_.size(); ++at)
        actions_[at] |= other.actions_[at];
}

PermissionSet PermissionSet::all() {
    PermissionSet set;
    set.add(Resource::wildcard, ActionSet::all());
    return set;
}

Result<AllowTarget> AllowTarget::parse(std::string_view text) {
    auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return invalid_argument("An allow list entry is written <resource>:<id> or <resource>:*.");
    auto resource = parse_resource(text.substr(0, colon));
    if (!resource) return invalid_argument("The allow list names an unknown resource.");
    auto id = text.substr(colon + 1);
    if (id == "*") return AllowTarget{*resource, std::nullopt};
    auto uuid = Uuid::parse(id);
    if (!uuid || *resource == Resource::wildcard)
        return invalid_argument("An allow list entry needs the id of one object, or * for all of its kind.");
    return AllowTarget{*resource, *uuid};
}

std::string AllowTarget::to_string() const {
    return std::string(rbac::to_string(resource)) + ":" + (id ? id->to_string() : "*");
}

Scope Scope::all() { return {PermissionSet::all(), {AllowTarget{}}}; }

Result<Scope> Scope::from_names(std::span<const std::string> names, std::vector<AllowTarget> allow_list) {
    Scope scope;
    for (const auto& name : names) {
        if (!expand(name, scope.permissions))
            return invalid_argument("Unknown scope.", "\"" + name + "\" is not a scope of this server.");
    }
    if (allow_list.empty()) allow_list.push_back({});
    scope.allow_list = std::move(allow_list);
    return scope;
}

bool Scope::covers(Resource resource, const std::optional<Uuid>& id) const {
    return std::any_of(allow_list.begin(), allow_list.end(), [&](const AllowTarget& target) {
        if (target.resource != Resource::wildcard && target.resource != resource) return false;
        return !target.id || (id && *target.id == *id);
    });
}

bool is_scope_name(std::string_view name) {
    PermissionSet ignored;
    return expand(name, ignored);
}

std::span<const std::string_view> public_scope_names() {
    static const std::vector<std::string> names = make_public_names();
    static const std::vector<std::string_view> views(names.begin(), names.end());
    return views;
}

}  // namespace berth::rbac

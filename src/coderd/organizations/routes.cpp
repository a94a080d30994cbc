#include "coderd/organizations/routes.h"

#include "coderd/api/search_terms.h"
#include "coderd/users/assignable.h"
#include "coderd/users/convert.h"
#include "coderd/users/lookup.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

sdk::Organization organization_to_sdk(const db::Organization& row) {
    sdk::Organization organization;
    organization.id = row.id;
    organization.name = row.name;
    organization.display_name = row.display_name;
    organization.icon = row.icon;
    organization.description = row.description;
    organization.created_at = row.created_at;
    organization.updated_at = row.updated_at;
    organization.is_default = row.is_default;
    return organization;
}

std::vector<sdk::Organization> organizations_to_sdk(const std::vector<db::Organization>& rows) {
    std::vector<sdk::Organization> organizations;
    for (const auto& row : rows)
        organizations.push_back(organization_to_sdk(row));
    return organizations;
}

void fill_member(sdk::OrganizationMember& member, const db::OrganizationMember& row) {
    member.user_id = row.user_id;
    member.organization_id = row.organization_id;
    member.created_at = row.created_at;
    member.updated_at = row.updated_at;
    for (const auto& role : row.roles)
        member.roles.push_back(slim_organization_role(role, row.organization_id));
}

std::vector<sdk::Permission> permissions_to_sdk(const std::vector<rbac::Permission>& permissions) {
    std::vector<sdk::Permission> out;
    for (const auto& permission : permissions)
        out.push_back({permission.negate, std::string(to_string(permission.resource)),
                       permission.action ? std::string(to_string(*permission.action)) : "*"});
    return out;
}

sdk::AssignableRoles role_to_sdk(const rbac::Role& role, bool assignable) {
    sdk::AssignableRoles out;
    out.name = role.name;
    out.display_name = role.display_name;
    if (role.organization_id) out.organization_id = role.organization_id->to_string();
    out.site_permissions = permissions_to_sdk(role.site);
    out.user_permissions = permissions_to_sdk(role.user);
    out.organization_permissions = permissions_to_sdk(role.organization);
    out.organization_member_permissions = permissions_to_sdk(role.member);
    out.assignable = assignable;
    out.built_in = true;
    return out;
}

/// The object a check is about; `unknown` resources are refused.
Result<rbac::Object> checked_object(const sdk::AuthorizationObject& text, const Uuid& caller) {
    auto resource = rbac::parse_resource(text.resource_type);
    if (!resource)
        return invalid_argument("The check cannot be made.")
            .with_field("resource_type", "there is no resource \"" + text.resource_type + "\"");
    rbac::Object object{.resource = *resource};
    auto read_id = [](const std::string& id, std::string_view field,
                      std::optional<Uuid>& into) -> Result<void> {
        if (id.empty()) return {};
        into = Uuid::parse(id);
        if (!into)
            return invalid_argument("The check cannot be made.")
                .with_field(std::string(field), "must be a UUID");
        return {};
    };
    auto owner =
        read_id(text.owner_id == "me" ? caller.to_string() : text.owner_id, "owner_id", object.owner);
    if (!owner) return owner.error();
    auto organization = read_id(text.organization_id, "organization_id", object.organization);
    if (!organization) return organization.error();
    auto id = read_id(text.resource_id, "resource_id", object.id);
    if (!id) return id.error();
    return object;
}

/// The roles of a user that count in an organization: those of the site and those held there.
asio::awaitable<Result<std::vector<std::string>>> held_roles(db::Store& store, Uuid organization_id,
                                                             Uuid user_id) {
    const auto& reader = rbac::Actor::system(rbac::SystemActor::key_reader);
    auto user = co_await store.get_authorization_of_user(reader, user_id);
    if (!user) co_return user.error();
    std::vector<std::string> roles = user->rbac_roles;
    auto member = co_await store.get_organization_member(reader, organization_id, user_id);
    if (!member && member.error().code() != ErrorCode::not_found) co_return member.error();
    if (member) roles.insert(roles.end(), member->roles.begin(), member->roles.end());
    co_return roles;
}

/// `q` of a list of members.
Result<db::ListOrganizationMembersParams> parse_member_list(const Request& request, Uuid organization_id) {
    auto search = sdk::SearchQuery::parse(request.query("q").value_or(""));
    if (!search) return search.error();
    db::ListOrganizationMembersParams params;
    params.organization_id = organization_id;
    params.user_id = search->uuid("user_id");
    params.include_system = search->boolean("include_system").value_or(false);
    if (auto id = search->integer("github_user_id")) params.github_user_id = std::to_string(*id);
    if (!search->words().empty())
        return bad_term("q", search->words().front(),
                        "has no key; members are found by user_id, "
                        "include_system and github_user_id");
    auto done = search->finish();
    if (!done) return done.error();
    return params;
}

bool allowed(const rbac::Actor& actor, rbac::Action action, rbac::Object object, bool any_organization) {
    if (!any_organization) return rbac::authorize(actor, action, object).ok();
    for (const auto& organization : actor.organizations()) {
        object.organization = organization.id;
        if (rbac::authorize(actor, action, object)) return true;
    }
    return rbac::authorize(actor, action, object).ok();
}

}  // namespace

void OrganizationRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<std::vector<sdk::Organization>>({Method::get, "/api/v2/organizations", "List organizations"},
                                                bind(this, &OrganizationRoutes::list));
    routes.json<sdk::Organization>(
        {Method::get, "/api/v2/organizations/{organization}", "Get an organization"},
        bind(this, &OrganizationRoutes::get));
    routes.json<std::vector<sdk::Organization>>(
        {Method::get, "/api/v2/users/{user}/organizations", "List a user's organizations"},
        bind(this, &OrganizationRoutes::list_of_user));
    routes.json<sdk::Organization>(
        {Method::get, "/api/v2/users/{user}/organizations/{organization}", "Get a user's organization"},
        bind(this, &OrganizationRoutes::get_of_user));
    for (const char* pattern :
         {"/api/v2/organizations/{organization}/members", "/api/v2/organizations/{organization}/members/"}) {
        routes.json<std::vector<sdk::OrganizationMemberWithUserData>>(
            Endpoint{Method::get, pattern, "List members"}.takes(
                search_query("user_id, include_system and github_user_id")),
            bind(this, &OrganizationRoutes::members));
    }
    routes.json<sdk::OrganizationMember>(
        {Method::post, "/api/v2/organizations/{organization}/members/{user}", "Add a member"},
        bind(this, &OrganizationRoutes::add_member));
    routes.json<Nothing>({Method::del, "/api/v2/organizations/{organization}/members/{user}",
                          "Remove a member", Access::session, 204},
                         bind(this, &OrganizationRoutes::remove_member));
    routes.json<sdk::UpdateRoles, sdk::OrganizationMember>(
        {Method::put, "/api/v2/organizations/{organization}/members/{user}/roles", "Set a member's roles"},
        bind(this, &OrganizationRoutes::update_member_roles));
    routes.json<std::vector<sdk::AssignableRoles>>({Method::get, "/api/v2/users/roles", "List site roles"},
                                                   bind(this, &OrganizationRoutes::site_roles));
    routes.json<std::vector<sdk::AssignableRoles>>(
        {Method::get, "/api/v2/organizations/{organization}/members/roles", "List organization roles"},
        bind(this, &OrganizationRoutes::organization_roles));
    routes.json<sdk::AuthorizationRequest, sdk::AuthorizationResponse>(
        {Method::post, "/api/v2/authcheck", "Check permissions"}, bind(this, &OrganizationRoutes::authcheck));
}

asio::awaitable<Result<std::vector<sdk::Organization>>> OrganizationRoutes::list(const Request& request) {
    auto rows = co_await context_.store.list_organizations(request.actor());
    if (!rows) co_return rows.error();
    co_return organizations_to_sdk(*rows);
}

asio::awaitable<Result<sdk::Organization>> OrganizationRoutes::get(const Request& request) {
    auto row = co_await find_organization(context_.store, request);
    if (!row) co_return row.error();
    co_return organization_to_sdk(*row);
}

asio::awaitable<Result<std::vector<sdk::Organization>>> OrganizationRoutes::list_of_user(
    const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto rows = co_await context_.store.list_organizations_of_user(request.actor(), user->id);
    if (!rows) co_return rows.error();
    co_return organizations_to_sdk(*rows);
}

asio::awaitable<Result<sdk::Organization>> OrganizationRoutes::get_of_user(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto organization = co_await get(request);
    co_return organization;
}

asio::awaitable<Result<std::vector<sdk::OrganizationMemberWithUserData>>> OrganizationRoutes::members(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto params = parse_member_list(request, organization->id);
    if (!params) co_return params.error();
    auto rows = co_await context_.store.list_organization_members(request.actor(), *params);
    if (!rows) co_return rows.error();
    std::vector<sdk::OrganizationMemberWithUserData> members;
    for (const auto& row : *rows) {
        sdk::OrganizationMemberWithUserData member;
        fill_member(member, row.organization_member);
        member.username = row.username;
        member.name = row.name;
        member.avatar_url = row.avatar_url;
        member.email = row.email;
        for (const auto& role : row.rbac_roles)
            member.global_roles.push_back(slim_site_role(role));
        members.push_back(std::move(member));
    }
    co_return members;
}

asio::awaitable<Result<sdk::OrganizationMember>> OrganizationRoutes::add_member(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    db::InsertOrganizationMemberParams row;
    row.organization_id = organization->id;
    row.user_id = user->id;
    row.created_at = context_.clock.now();
    auto added = co_await context_.store.insert_organization_member(request.actor(), row);
    if (!added && added.error().code() == ErrorCode::conflict)
        co_return Error(ErrorCode::conflict, "The user is a member of this organization already.");
    if (!added) co_return added.error();
    sdk::OrganizationMember member;
    fill_member(member, *added);
    co_return member;
}

asio::awaitable<Result<Nothing>> OrganizationRoutes::remove_member(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->id == request.caller().user_id)
        co_return invalid_argument("You cannot remove yourself from an organization.");
    auto removed =
        co_await context_.store.delete_organization_member(request.actor(), organization->id, user->id);
    if (!removed) co_return removed.error();
    co_return Nothing{};
}

asio::awaitable<Result<sdk::OrganizationMember>> OrganizationRoutes::update_member_roles(
    const Request& request, sdk::UpdateRoles body) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->id == request.caller().user_id)
        co_return invalid_argument("You cannot change your own organization roles.");
    for (const auto& role : body.roles)
        if (!rbac::built_in_organization_role(role, organization->id))
            co_return invalid_argument("The roles cannot be given.")
                .with_field("roles", "there is no role \"" + role + "\"");
    rbac::Object roles_of_organization{.resource = rbac::Resource::assign_org_role,
                                       .organization = organization->id};
    auto may_assign = rbac::authorize(request.actor(), rbac::Action::assign, roles_of_organization);
    if (!may_assign) co_return may_assign.error();
    auto held = co_await held_roles(context_.store, organization->id, request.caller().user_id);
    if (!held) co_return held.error();
    auto member_now =
        co_await context_.store.get_organization_member(request.actor(), organization->id, user->id);
    if (!member_now) co_return member_now.error();
    auto assignable = check_assignable(*held, member_now->roles, body.roles);
    if (!assignable) co_return assignable.error();
    db::UpdateOrganizationMemberRolesParams change;
    change.organization_id = organization->id;
    change.user_id = user->id;
    change.roles = body.roles;
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_organization_member_roles(request.actor(), change);
    if (!changed) co_return changed.error();
    sdk::OrganizationMember member;
    fill_member(member, *changed);
    co_return member;
}

asio::awaitable<Result<std::vector<sdk::AssignableRoles>>> OrganizationRoutes::site_roles(
    const Request& request) {
    bool assignable =
        rbac::authorize(request.actor(), rbac::Action::assign, {.resource = rbac::Resource::assign_role})
            .ok();
    std::vector<sdk::AssignableRoles> roles;
    for (auto name : rbac::built_in_site_role_names())
        if (auto role = rbac::built_in_site_role(name)) roles.push_back(role_to_sdk(*role, assignable));
    co_return roles;
}

asio::awaitable<Result<std::vector<sdk::AssignableRoles>>> OrganizationRoutes::organization_roles(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    bool assignable =
        rbac::authorize(request.actor(), rbac::Action::assign,
                        {.resource = rbac::Resource::assign_org_role, .organization = organization->id})
            .ok();
    std::vector<sdk::AssignableRoles> roles;
    for (auto name : rbac::built_in_organization_role_names())
        if (auto role = rbac::built_in_organization_role(name, organization->id))
            roles.push_back(role_to_sdk(*role, assignable));
    co_return roles;
}

asio::awaitable<Result<sdk::AuthorizationResponse>> OrganizationRoutes::authcheck(
    const Request& request, sdk::AuthorizationRequest body) {
    sdk::AuthorizationResponse answer;
    for (const auto& [name, check] : body.checks) {
        auto action = rbac::parse_action(check.action);
        if (!action)
            co_return invalid_argument("The check cannot be made.")
                .with_field("action", "there is no action \"" + check.action + "\"");
        auto object = checked_object(check.object, request.caller().user_id);
        if (!object) co_return object.error();
        answer[name] = allowed(request.actor(), *action, *object, check.object.any_org);
    }
    co_return answer;
}

}  // namespace berth::coderd

#include "coderd/users/routes.h"

#include "coderd/api/convert.h"
#include "coderd/users/assignable.h"
#include "coderd/users/convert.h"
#include "coderd/users/create_user.h"
#include "coderd/users/git_ssh_key.h"
#include "coderd/users/list_query.h"
#include "coderd/users/lookup.h"
#include "coderd/users/password.h"

namespace berth::coderd {
namespace {

sdk::GitSSHKey to_sdk_key(const db::GitSSHKey& row) {
    sdk::GitSSHKey key;
    key.user_id = row.user_id;
    key.created_at = row.created_at;
    key.updated_at = row.updated_at;
    key.public_key = row.public_key;
    return key;
}

/// Whoever may delete a person or change their password ends their sessions with it, even without a say over
/// keys.
asio::awaitable<Result<void>> end_sessions(db::Queries& queries, Uuid user_id) {
    auto ended =
        co_await queries.delete_api_keys_of_user(rbac::Actor::system(rbac::SystemActor::key_reader), user_id);
    co_return ended;
}

/// What was issued to a user must not outlive them.
asio::awaitable<Result<void>> delete_with_sessions(db::Transaction& tx, const rbac::Actor& actor,
                                                   Uuid user_id, base::Time now) {
    auto deleted = co_await tx.delete_user(actor, now, user_id);
    if (!deleted) co_return deleted.error();
    auto ended = co_await end_sessions(tx, user_id);
    co_return ended;
}

bool is_owner(const std::vector<std::string>& roles) {
    return std::find(roles.begin(), roles.end(), rbac::role_name::owner) != roles.end();
}

/// A user administrator who could remove owners, or sign in as one, would be above them.
asio::awaitable<Result<void>> check_rank(db::Store& store, Uuid caller, const db::User& user,
                                         std::string what) {
    if (user.id == caller || !is_owner(user.rbac_roles)) co_return Result<void>();
    auto giver =
        co_await store.get_authorization_of_user(rbac::Actor::system(rbac::SystemActor::key_reader), caller);
    if (!giver) co_return giver.error();
    if (!is_owner(giver->rbac_roles))
        co_return Error(ErrorCode::permission_denied, "Only an owner may " + what + " an owner.");
    co_return Result<void>();
}

Error taken(const Error& conflict) {
    return Error(ErrorCode::conflict, "A user with this username exists already.", conflict.detail())
        .with_field("username", "is taken");
}

}  // namespace

void UserRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<sdk::GetUsersResponse>(Endpoint{Method::get, "/api/v2/users", "List users"}
                                           .takes(search_query("search, status, role and login_type"))
                                           .takes(page_query())
                                           .takes(after_id_query()),
                                       bind(this, &UserRoutes::list));
    routes.json<sdk::CreateUserRequestWithOrgs, sdk::User>(
        {Method::post, "/api/v2/users", "Create a user", Access::session, 201},
        bind(this, &UserRoutes::create));
    routes.json<sdk::ValidateUserPasswordRequest, sdk::ValidateUserPasswordResponse>(
        {Method::post, "/api/v2/users/validate-password", "Check a password's strength", Access::open},
        bind(this, &UserRoutes::validate_password));
    routes.json<sdk::User>({Method::get, "/api/v2/users/{user}", "Get a user"}, bind(this, &UserRoutes::get));
    routes.json<sdk::Response>({Method::del, "/api/v2/users/{user}", "Delete a user"},
                               bind(this, &UserRoutes::remove));
    routes.json<sdk::UpdateUserProfileRequest, sdk::User>(
        {Method::put, "/api/v2/users/{user}/profile", "Change a user's profile"},
        bind(this, &UserRoutes::update_profile));
    routes.json<sdk::User>({Method::put, "/api/v2/users/{user}/status/activate", "Activate a user"},
                           bind(this, &UserRoutes::activate));
    routes.json<sdk::User>({Method::put, "/api/v2/users/{user}/status/suspend", "Suspend a user"},
                           bind(this, &UserRoutes::suspend));
    routes.json<sdk::UpdateUserPasswordRequest, Nothing>(
        {Method::put, "/api/v2/users/{user}/password", "Change a password", Access::session, 204},
        bind(this, &UserRoutes::update_password));
    routes.json<sdk::UserRoles>({Method::get, "/api/v2/users/{user}/roles", "Get a user's roles"},
                                bind(this, &UserRoutes::roles));
    routes.json<sdk::UpdateRoles, sdk::User>(
        {Method::put, "/api/v2/users/{user}/roles", "Set a user's roles"},
        bind(this, &UserRoutes::update_roles));
    routes.json<sdk::UserAppearanceSettings>(
        {Method::get, "/api/v2/users/{user}/appearance", "Get appearance settings"},
        bind(this, &UserRoutes::appearance));
    routes.json<sdk::UpdateUserAppearanceSettingsRequest, sdk::UserAppearanceSettings>(
        {Method::put, "/api/v2/users/{user}/appearance", "Set appearance settings"},
        bind(this, &UserRoutes::update_appearance));
    routes.json<sdk::GitSSHKey>({Method::get, "/api/v2/users/{user}/gitsshkey", "Get a user's git SSH key"},
                                bind(this, &UserRoutes::git_ssh_key));
    routes.json<sdk::GitSSHKey>({Method::put, "/api/v2/users/{user}/gitsshkey", "Make a new git SSH key"},
                                bind(this, &UserRoutes::regenerate_git_ssh_key));
    routes.json<sdk::UserLoginType>(
        {Method::get, "/api/v2/users/{user}/login-type", "Get a user's login type"},
        bind(this, &UserRoutes::login_type));
}

asio::awaitable<Result<sdk::GetUsersResponse>> UserRoutes::list(const Request& request) {
    auto params = parse_user_list(request.http().query);
    if (!params) co_return params.error();
    auto rows = co_await context_.store.list_users(request.actor(), *params);
    if (!rows) co_return rows.error();
    sdk::GetUsersResponse answer;
    std::vector<db::User> people;
    for (auto& row : *rows) {
        answer.count = row.total_count;
        people.push_back(std::move(row.user));
    }
    if (people.empty() && params->row_offset > 0) {
        // A page past the end has no row that could carry the count.
        params->row_offset = 0;
        params->row_limit = 1;
        auto first = co_await context_.store.list_users(request.actor(), *params);
        if (!first) co_return first.error();
        if (!first->empty()) answer.count = first->front().total_count;
    }
    auto users = co_await users_to_sdk(context_.store, request.actor(), std::move(people));
    if (!users) co_return users.error();
    answer.users = std::move(*users);
    co_return answer;
}

asio::awaitable<Result<sdk::User>> UserRoutes::create(const Request& request,
                                                      sdk::CreateUserRequestWithOrgs body) {
    NewUser user;
    user.email = body.email;
    user.username = body.username;
    user.name = body.name;
    user.organizations = body.organization_ids;
    user.status =
        body.user_status == sdk::UserStatus::active ? db::UserStatus::active : db::UserStatus::dormant;
    auto login_type = body.login_type == sdk::LoginType::unset ? sdk::LoginType::password : body.login_type;
    if (login_type != sdk::LoginType::password && login_type != sdk::LoginType::none)
        co_return invalid_argument("The user cannot be created.")
            .with_field("login_type", "must be password or none");
    user.login_type = login_type == sdk::LoginType::none ? db::LoginType::none : db::LoginType::password;
    if (user.login_type == db::LoginType::none && !body.password.empty())
        co_return invalid_argument("The user cannot be created.")
            .with_field("password", "must be empty without password login");
    if (user.login_type == db::LoginType::password) {
        auto good = check_new_password(body.password);
        if (!good) co_return good.error();
        auto hash = co_await hash_password(context_.runtime, SecretString(body.password));
        if (!hash) co_return hash.error();
        user.hashed_password = *hash;
    }
    auto created = co_await create_user(context_, request.actor(), std::move(user));
    if (!created) co_return created.error();
    auto answer = co_await user_to_sdk(context_.store, request.actor(), std::move(*created));
    co_return answer;
}

asio::awaitable<Result<sdk::User>> UserRoutes::get(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto answer = co_await user_to_sdk(context_.store, request.actor(), std::move(*user));
    co_return answer;
}

asio::awaitable<Result<sdk::Response>> UserRoutes::remove(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->id == request.caller().user_id)
        co_return Error(ErrorCode::permission_denied, "You cannot delete yourself.");
    auto allowed = co_await check_rank(context_.store, request.caller().user_id, *user, "delete");
    if (!allowed) co_return allowed.error();
    auto workspaces = co_await context_.store.count_workspaces_of_owner(request.actor(), user->id);
    if (!workspaces) co_return workspaces.error();
    if (*workspaces > 0)
        co_return Error(ErrorCode::failed_precondition,
                        "You cannot delete a user that has workspaces. Delete their workspaces first.");
    auto actor = request.actor();
    db::TransactionOptions options;
    auto deleted = co_await context_.store.transaction(options, delete_with_sessions, std::cref(actor),
                                                       user->id, context_.clock.now());
    if (!deleted) co_return deleted.error();
    sdk::Response answer;
    answer.message = "User has been deleted!";
    co_return answer;
}

asio::awaitable<Result<sdk::User>> UserRoutes::update_profile(const Request& request,
                                                              sdk::UpdateUserProfileRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    db::UpdateUserProfileParams change;
    change.id = user->id;
    change.username = body.username;
    change.name = body.name;
    change.avatar_url = user->avatar_url;
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_user_profile(request.actor(), change);
    if (!changed && changed.error().code() == ErrorCode::conflict) co_return taken(changed.error());
    if (!changed) co_return changed.error();
    auto answer = co_await user_to_sdk(context_.store, request.actor(), std::move(*changed));
    co_return answer;
}

asio::awaitable<Result<sdk::User>> UserRoutes::activate(const Request& request) {
    return set_status(request, db::UserStatus::active);
}

asio::awaitable<Result<sdk::User>> UserRoutes::suspend(const Request& request) {
    return set_status(request, db::UserStatus::suspended);
}

asio::awaitable<Result<sdk::User>> UserRoutes::set_status(const Request& request, db::UserStatus status) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (status == db::UserStatus::suspended) {
        if (user->id == request.caller().user_id) co_return invalid_argument("You cannot suspend yourself.");
        if (is_owner(user->rbac_roles))
            co_return invalid_argument(
                "You cannot suspend a user with the role \"owner\". Remove the role first.");
    }
    auto changed =
        co_await context_.store.update_user_status(request.actor(), status, context_.clock.now(), user->id);
    if (!changed) co_return changed.error();
    auto answer = co_await user_to_sdk(context_.store, request.actor(), std::move(*changed));
    co_return answer;
}

asio::awaitable<Result<Nothing>> UserRoutes::update_password(const Request& request,
                                                             sdk::UpdateUserPasswordRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->login_type != db::LoginType::password)
        co_return invalid_argument("Users without password login have no password to change.");
    bool self = user->id == request.caller().user_id;
    auto allowed =
        co_await check_rank(context_.store, request.caller().user_id, *user, "change the password of");
    if (!allowed) co_return allowed.error();
    if (self || !body.old_password.empty()) {
        auto stored = co_await context_.store.get_user_password(
            rbac::Actor::system(rbac::SystemActor::key_reader), user->id);
        if (!stored) co_return stored.error();
        bool fits =
            co_await verify_password(context_.runtime, stored->reveal(), SecretString(body.old_password));
        if (!fits)
            co_return invalid_argument("Old password is incorrect.")
                .with_field("old_password", "is incorrect");
    }
    auto good = check_new_password(body.password);
    if (!good) co_return good.error();
    auto hash = co_await hash_password(context_.runtime, SecretString(body.password));
    if (!hash) co_return hash.error();
    auto stored = co_await context_.store.upsert_user_password(request.actor(), user->id, SecretString(*hash),
                                                               context_.clock.now());
    if (!stored) co_return stored.error();
    auto ended = co_await end_sessions(context_.store, user->id);
    if (!ended) co_return ended.error();
    co_return Nothing{};
}

asio::awaitable<Result<sdk::UserRoles>> UserRoutes::roles(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    sdk::UserRoles answer;
    answer.roles = user->rbac_roles;
    std::vector<Uuid> ids{user->id};
    auto memberships = co_await context_.store.list_memberships_of_users(request.actor(), ids);
    if (!memberships) co_return memberships.error();
    for (const auto& membership : *memberships)
        answer.organization_roles[membership.organization_id.to_string()] = membership.roles;
    co_return answer;
}

asio::awaitable<Result<sdk::User>> UserRoutes::update_roles(const Request& request, sdk::UpdateRoles body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->id == request.caller().user_id) co_return invalid_argument("You cannot change your own roles.");
    auto giver = co_await context_.store.get_authorization_of_user(
        rbac::Actor::system(rbac::SystemActor::key_reader), request.caller().user_id);
    if (!giver) co_return giver.error();
    for (const auto& role : body.roles)
        if (!rbac::built_in_site_role(role))
            co_return invalid_argument("The roles cannot be given.")
                .with_field("roles", "there is no role \"" + role + "\"");
    auto allowed = check_assignable(giver->rbac_roles, user->rbac_roles, body.roles);
    if (!allowed) co_return allowed.error();
    auto changed = co_await context_.store.update_user_roles(request.actor(), body.roles,
                                                             context_.clock.now(), user->id);
    if (!changed) co_return changed.error();
    auto answer = co_await user_to_sdk(context_.store, request.actor(), std::move(*changed));
    co_return answer;
}

asio::awaitable<Result<sdk::UserAppearanceSettings>> UserRoutes::appearance(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    sdk::UserAppearanceSettings settings;
    settings.theme_preference = user->theme_preference;
    settings.terminal_font =
        sdk::parse_enum<sdk::TerminalFontName>(user->terminal_font).value_or(sdk::TerminalFontName::unset);
    co_return settings;
}

asio::awaitable<Result<sdk::UserAppearanceSettings>> UserRoutes::update_appearance(
    const Request& request, sdk::UpdateUserAppearanceSettingsRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    db::UpdateUserAppearanceParams change;
    change.id = user->id;
    change.theme_preference = body.theme_preference;
    change.terminal_font = std::string(sdk::to_string(body.terminal_font));
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_user_appearance(request.actor(), change);
    if (!changed) co_return changed.error();
    sdk::UserAppearanceSettings settings;
    settings.theme_preference = body.theme_preference;
    settings.terminal_font = body.terminal_font;
    co_return settings;
}

asio::awaitable<Result<sdk::GitSSHKey>> UserRoutes::git_ssh_key(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto key = co_await context_.store.get_git_ssh_key(request.actor(), user->id);
    if (!key) co_return key.error();
    co_return to_sdk_key(*key);
}

asio::awaitable<Result<sdk::GitSSHKey>> UserRoutes::regenerate_git_ssh_key(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto row = new_git_ssh_key(context_.vault, user->id, context_.clock.now());
    auto key = co_await context_.store.upsert_git_ssh_key(request.actor(), row);
    if (!key) co_return key.error();
    co_return to_sdk_key(*key);
}

asio::awaitable<Result<sdk::ValidateUserPasswordResponse>> UserRoutes::validate_password(
    const Request&, sdk::ValidateUserPasswordRequest body) {
    sdk::ValidateUserPasswordResponse answer;
    auto good = check_new_password(body.password);
    answer.valid = good.ok();
    if (!good && !good.error().fields().empty()) answer.details = good.error().fields().front().detail;
    co_return answer;
}

asio::awaitable<Result<sdk::UserLoginType>> UserRoutes::login_type(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    sdk::UserLoginType answer;
    answer.login_type = to_sdk<sdk::LoginType>(user->login_type);
    co_return answer;
}

}  // namespace berth::coderd

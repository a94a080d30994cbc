#include "coderd/users/sessions.h"

#include "coderd/users/api_key.h"
#include "coderd/users/authenticator.h"
#include "coderd/users/create_user.h"
#include "coderd/users/password.h"
#include "sdk/response.h"

namespace berth::coderd {
namespace {

std::string cookie(const ServerOptions& options, std::string_view value, std::string_view attributes) {
    std::string text =
        std::string(session_token_cookie) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax";
    if (options.secure_cookie || options.access_url.starts_with("https://")) text += "; Secure";
    return text + std::string(attributes);
}

/// One answer for "no such user", "wrong password" and "no password login": it must not tell which.
Error wrong_credentials() { return {ErrorCode::unauthenticated, "Incorrect email or password."}; }

}  // namespace

void SessionRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<sdk::Response>({Method::get, "/api/v2/users/first", "Check for a first user", Access::open},
                               bind(this, &SessionRoutes::has_first_user));
    routes.json<sdk::CreateFirstUserRequest, sdk::CreateFirstUserResponse>(
        {Method::post, "/api/v2/users/first", "Create the first user", Access::open, 201},
        bind(this, &SessionRoutes::create_first_user));
    routes.raw<sdk::LoginWithPasswordRequest, sdk::LoginWithPasswordResponse>(
        {Method::post, "/api/v2/users/login", "Log in with a password", Access::open, 201},
        bind(this, &SessionRoutes::login));
    routes.raw<Nothing, sdk::Response>({Method::post, "/api/v2/users/logout", "Log out"},
                                       bind(this, &SessionRoutes::logout));
    routes.json<sdk::AuthMethods>(
        {Method::get, "/api/v2/users/authmethods", "List login methods", Access::open},
        bind(this, &SessionRoutes::auth_methods));
}

asio::awaitable<Result<sdk::Response>> SessionRoutes::has_first_user(const Request&) {
    auto count = co_await context_.store.count_users(rbac::Actor::system(rbac::SystemActor::bootstrap));
    if (!count) co_return count.error();
    if (*count == 0) co_return not_found("The first user has not been created.");
    sdk::Response body;
    body.message = "The first user has been created.";
    co_return body;
}

asio::awaitable<Result<sdk::CreateFirstUserResponse>> SessionRoutes::create_first_user(
    const Request&, sdk::CreateFirstUserRequest body) {
    const auto& actor = rbac::Actor::system(rbac::SystemActor::bootstrap);
    // Again when it is made; this spares strangers' requests the hashing.
    auto none = co_await check_no_users(context_.store);
    if (!none) co_return none.error();
    auto good = check_new_password(body.password);
    if (!good) co_return good.error();
    auto hash = co_await hash_password(context_.runtime, SecretString(body.password));
    if (!hash) co_return hash.error();
    NewUser user;
    user.email = body.email;
    user.username = body.username;
    user.name = body.name;
    user.hashed_password = *hash;
    user.roles = {std::string(rbac::role_name::owner)};
    user.must_be_first = true;
    auto organization = co_await context_.store.get_default_organization(actor);
    if (!organization) co_return organization.error();
    user.organizations = {organization->id};
    auto created = co_await create_user(context_, actor, std::move(user));
    if (!created) co_return created.error();
    sdk::CreateFirstUserResponse answer;
    answer.user_id = created->id;
    answer.organization_id = organization->id;
    co_return answer;
}

asio::awaitable<Result<http::Response>> SessionRoutes::login(const Request& request) {
    auto body = sdk::decode<sdk::LoginWithPasswordRequest>(request.http().body);
    if (!body) co_return body.error();
    if (context_.options.disable_password_auth)
        co_return Error(ErrorCode::permission_denied, "Password authentication is disabled.");
    const auto& reader = rbac::Actor::system(rbac::SystemActor::key_reader);
    auto user = co_await context_.store.get_user_by_email_or_username(reader, body->email, "");
    if (!user && user.error().code() != ErrorCode::not_found) co_return user.error();
    SecretString hash;
    if (user) {
        auto stored = co_await context_.store.get_user_password(reader, user->id);
        if (stored) hash = *stored;
        if (!stored && stored.error().code() != ErrorCode::not_found) co_return stored.error();
    }
    bool fits = co_await verify_password(context_.runtime, hash.reveal(), SecretString(body->password));
    if (!user || !fits || user->login_type != db::LoginType::password) co_return wrong_credentials();
    if (user->status == db::UserStatus::suspended)
        co_return Error(ErrorCode::unauthenticated,
                        "Your account is suspended. Contact an admin to reactivate it.");

    auto now = context_.clock.now();
    auto token = ApiKeyToken::generate();
    auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(context_.options.session_lifetime);
    db::InsertAPIKeyParams row;
    row.id = token.id;
    row.hashed_secret = token.hashed_secret();
    row.user_id = user->id;
    row.created_at = now;
    row.expires_at = now + lifetime;
    row.login_type = db::LoginType::password;
    row.lifetime_seconds = lifetime.count();
    row.ip_address = request.http().remote_address;
    row.scopes = {"coder:all"};
    row.allow_list = {"*:*"};
    // The person is who they say: they may make a session of their own.
    auto actor = co_await actor_of_user(context_.store, user->id, rbac::Scope::all());
    if (!actor) co_return actor.error();
    auto inserted = co_await context_.store.insert_api_key(*actor, row);
    if (!inserted) co_return inserted.error();

    sdk::LoginWithPasswordResponse answer;
    answer.session_token = token.text().reveal();
    auto response = http::Response::json(201, sdk::encode(answer));
    response.headers.add("Set-Cookie", cookie(context_.options, token.text().reveal(),
                                              "; Max-Age=" + std::to_string(lifetime.count())));
    co_return response;
}

asio::awaitable<Result<http::Response>> SessionRoutes::logout(const Request& request) {
    auto deleted = co_await context_.store.delete_api_key_by_id(request.actor(), request.caller().api_key_id);
    if (!deleted && deleted.error().code() != ErrorCode::not_found) co_return deleted.error();
    auto response = message_response(200, "Logged out!");
    response.headers.add("Set-Cookie", cookie(context_.options, "", "; Max-Age=0"));
    co_return response;
}

asio::awaitable<Result<sdk::AuthMethods>> SessionRoutes::auth_methods(const Request&) {
    sdk::AuthMethods methods;
    methods.password.enabled = !context_.options.disable_password_auth;
    co_return methods;
}

}  // namespace berth::coderd

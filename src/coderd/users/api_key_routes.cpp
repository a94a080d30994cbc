#include "coderd/users/api_key_routes.h"

#include "base/crypto.h"
#include "coderd/api/convert.h"
#include "coderd/users/api_key.h"
#include "coderd/users/lookup.h"
#include "rbac/scope.h"

namespace berth::coderd {
namespace {

sdk::APIKey key_to_sdk(const db::APIKey& row) {
    sdk::APIKey key;
    key.id = row.id;
    key.user_id = row.user_id;
    key.last_used = row.last_used;
    key.expires_at = row.expires_at;
    key.created_at = row.created_at;
    key.updated_at = row.updated_at;
    key.login_type = to_sdk<sdk::LoginType>(row.login_type);
    key.scopes = row.scopes;
    // The older, single form of the same.
    bool connect_only = row.scopes.size() == 1 && row.scopes.front() == "coder:application_connect";
    key.scope = connect_only ? "application_connect" : "all";
    key.token_name = row.token_name;
    key.lifetime_seconds = row.lifetime_seconds;
    for (const auto& text : row.allow_list) {
        auto colon = text.find(':');
        key.allow_list.push_back(
            {text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)});
    }
    return key;
}

/// The owner of prebuilt workspaces must never hold a key: whoever claims one would inherit its rights.
Error no_system_keys() { return {ErrorCode::permission_denied, "System users have no API keys."}; }

/// The scopes asked for in either spelling; "coder:all" when none.
Result<std::vector<std::string>> wanted_scopes(const sdk::CreateTokenRequest& body) {
    std::vector<std::string> scopes = body.scopes;
    if (scopes.empty() && !body.scope.empty())
        scopes.push_back(body.scope == "application_connect" ? "coder:application_connect"
                         : body.scope == "all"               ? "coder:all"
                                                             : body.scope);
    if (scopes.empty()) scopes.emplace_back("coder:all");
    auto known = rbac::public_scope_names();
    for (const auto& scope : scopes)
        if (std::find(known.begin(), known.end(), scope) == known.end())
            return invalid_argument("The token cannot be created.")
                .with_field("scopes", "there is no scope \"" + scope + "\"");
    return scopes;
}

Result<std::vector<std::string>> wanted_allow_list(const sdk::CreateTokenRequest& body) {
    std::vector<std::string> list;
    for (const auto& target : body.allow_list) {
        std::string text = target.type + ":" + target.id;
        auto parsed = rbac::AllowTarget::parse(text);
        if (!parsed)
            return invalid_argument("The token cannot be created.")
                .with_field("allow_list", parsed.error().message());
        list.push_back(text);
    }
    if (list.empty()) list.emplace_back("*:*");
    return list;
}

db::InsertAPIKeyParams key_row(const ApiKeyToken& token, Uuid user_id, base::Time now,
                               std::chrono::seconds lifetime, const std::string& address) {
    db::InsertAPIKeyParams row;
    row.id = token.id;
    row.hashed_secret = token.hashed_secret();
    row.user_id = user_id;
    row.created_at = now;
    row.expires_at = now + lifetime;
    row.lifetime_seconds = lifetime.count();
    row.ip_address = address;
    row.login_type = db::LoginType::token;
    row.scopes = {"coder:all"};
    row.allow_list = {"*:*"};
    return row;
}

}  // namespace

void ApiKeyRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<sdk::GenerateAPIKeyResponse>(
        {Method::post, "/api/v2/users/{user}/keys", "Create a session key", Access::session, 201},
        bind(this, &ApiKeyRoutes::create_session_key));
    routes.json<sdk::CreateTokenRequest, sdk::GenerateAPIKeyResponse>(
        {Method::post, "/api/v2/users/{user}/keys/tokens", "Create a token", Access::session, 201},
        bind(this, &ApiKeyRoutes::create_token));
    routes.json<std::vector<sdk::APIKeyWithOwner>>(
        Endpoint{Method::get, "/api/v2/users/{user}/keys/tokens", "List tokens"}.takes(
            {"include_all", "boolean", "Tokens of everybody that the caller may see"}),
        bind(this, &ApiKeyRoutes::list_tokens));
    routes.json<sdk::TokenConfig>(
        {Method::get, "/api/v2/users/{user}/keys/tokens/tokenconfig", "Get limits of tokens"},
        bind(this, &ApiKeyRoutes::token_config));
    routes.json<sdk::APIKey>({Method::get, "/api/v2/users/{user}/keys/tokens/{name}", "Get a token by name"},
                             bind(this, &ApiKeyRoutes::get_by_name));
    routes.json<sdk::APIKey>({Method::get, "/api/v2/users/{user}/keys/{id}", "Get a key"},
                             bind(this, &ApiKeyRoutes::get));
    routes.json<Nothing>(
        {Method::del, "/api/v2/users/{user}/keys/{id}", "Delete a key", Access::session, 204},
        bind(this, &ApiKeyRoutes::remove));
}

asio::awaitable<Result<sdk::GenerateAPIKeyResponse>> ApiKeyRoutes::create_session_key(
    const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->is_system) co_return no_system_keys();
    auto token = ApiKeyToken::generate();
    auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(context_.options.session_lifetime);
    auto row = key_row(token, user->id, context_.clock.now(), lifetime, request.http().remote_address);
    row.login_type = db::LoginType::password;
    auto inserted = co_await context_.store.insert_api_key(request.actor(), row);
    if (!inserted) co_return inserted.error();
    co_return sdk::GenerateAPIKeyResponse{token.text().reveal()};
}

asio::awaitable<Result<sdk::GenerateAPIKeyResponse>> ApiKeyRoutes::create_token(
    const Request& request, sdk::CreateTokenRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    if (user->is_system) co_return no_system_keys();
    auto scopes = wanted_scopes(body);
    if (!scopes) co_return scopes.error();
    auto allow_list = wanted_allow_list(body);
    if (!allow_list) co_return allow_list.error();
    auto longest = co_await longest_lifetime(request, user->id);
    if (!longest) co_return longest.error();
    base::Duration lifetime =
        body.lifetime.count() == 0 ? context_.options.default_token_lifetime : body.lifetime;
    if (lifetime < std::chrono::seconds(1) || lifetime > *longest)
        co_return invalid_argument("The token cannot be created.")
            .with_field("lifetime", "must be from 1s to " + base::format_go_duration(*longest));

    auto token = ApiKeyToken::generate();
    auto row =
        key_row(token, user->id, context_.clock.now(),
                std::chrono::duration_cast<std::chrono::seconds>(lifetime), request.http().remote_address);
    row.token_name = body.token_name.empty() ? "token-" + base::random_alphanumeric(8) : body.token_name;
    row.scopes = std::move(*scopes);
    row.allow_list = std::move(*allow_list);
    auto inserted = co_await context_.store.insert_api_key(request.actor(), row);
    if (!inserted && inserted.error().code() == ErrorCode::conflict)
        co_return Error(ErrorCode::conflict,
                        "A token with the name \"" + row.token_name + "\" exists already.")
            .with_field("token_name", "is taken");
    if (!inserted) co_return inserted.error();
    co_return sdk::GenerateAPIKeyResponse{token.text().reveal()};
}

asio::awaitable<Result<std::vector<sdk::APIKeyWithOwner>>> ApiKeyRoutes::list_tokens(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    Result<std::vector<db::APIKey>> rows = std::vector<db::APIKey>();
    if (request.query("include_all") == "true") {
        rows = co_await context_.store.list_api_keys(request.actor(), db::LoginType::token, false,
                                                     context_.clock.now());
    } else {
        db::ListAPIKeysOfUserParams own;
        own.user_id = user->id;
        own.login_type = db::LoginType::token;
        own.now = context_.clock.now();
        rows = co_await context_.store.list_api_keys_of_user(request.actor(), own);
    }
    if (!rows) co_return rows.error();
    std::vector<Uuid> owners;
    for (const auto& row : *rows)
        owners.push_back(row.user_id);
    auto people = co_await context_.store.get_users_by_ids(request.actor(), owners);
    if (!people) co_return people.error();
    std::map<Uuid, std::string> names;
    for (const auto& person : *people)
        names[person.id] = person.username;
    std::vector<sdk::APIKeyWithOwner> keys;
    for (const auto& row : *rows) {
        sdk::APIKeyWithOwner key;
        static_cast<sdk::APIKey&>(key) = key_to_sdk(row);
        key.username = names[row.user_id];
        keys.push_back(std::move(key));
    }
    co_return keys;
}

asio::awaitable<Result<sdk::APIKey>> ApiKeyRoutes::get(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto key = co_await context_.store.get_api_key_by_id(request.actor(), request.path("id"));
    if (!key) co_return key.error();
    if (key->user_id != user->id) co_return not_found("This user has no such key.");
    co_return key_to_sdk(*key);
}

asio::awaitable<Result<sdk::APIKey>> ApiKeyRoutes::get_by_name(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto key = co_await context_.store.get_api_key_by_name(request.actor(), user->id, request.path("name"));
    if (!key) co_return key.error();
    co_return key_to_sdk(*key);
}

asio::awaitable<Result<Nothing>> ApiKeyRoutes::remove(const Request& request) {
    auto key = co_await get(request);
    if (!key) co_return key.error();
    auto deleted = co_await context_.store.delete_api_key_by_id(request.actor(), key->id);
    if (!deleted) co_return deleted.error();
    co_return Nothing{};
}

asio::awaitable<Result<sdk::TokenConfig>> ApiKeyRoutes::token_config(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto longest = co_await longest_lifetime(request, user->id);
    if (!longest) co_return longest.error();
    co_return sdk::TokenConfig{*longest};
}

asio::awaitable<Result<base::Duration>> ApiKeyRoutes::longest_lifetime(const Request&, Uuid user_id) {
    auto row = co_await context_.store.get_authorization_of_user(
        rbac::Actor::system(rbac::SystemActor::key_reader), user_id);
    if (!row) co_return row.error();
    const auto& roles = row->rbac_roles;
    bool owner = std::find(roles.begin(), roles.end(), rbac::role_name::owner) != roles.end();
    auto longest = context_.options.max_token_lifetime;
    if (owner && context_.options.max_admin_token_lifetime.count() > 0)
        longest = std::min(longest, context_.options.max_admin_token_lifetime);
    co_return longest;
}

}  // namespace berth::coderd

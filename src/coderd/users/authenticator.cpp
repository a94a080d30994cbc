#include "coderd/users/authenticator.h"

#include <boost/json.hpp>

#include "base/crypto.h"
#include "coderd/users/api_key.h"

namespace berth::coderd {
namespace {

Error not_signed_in(std::string detail) {
    return {ErrorCode::unauthenticated,
            "You are signed out or your session has expired. Please sign in again to continue.",
            std::move(detail)};
}

std::vector<rbac::Role> site_roles(const std::vector<std::string>& names) {
    std::vector<rbac::Role> roles;
    for (const auto& name : names)
        if (auto role = rbac::built_in_site_role(name)) roles.push_back(std::move(*role));
    return roles;
}

/// {"<organization>": ["<role>", …]}, as the query builds it.
std::vector<rbac::OrganizationRoles> memberships(const std::string& json) {
    std::vector<rbac::OrganizationRoles> out;
    boost::system::error_code error;
    auto parsed = boost::json::parse(json, error);
    if (error || !parsed.is_object()) return out;
    for (const auto& [key, names] : parsed.as_object()) {
        auto id = Uuid::parse(key);
        if (!id || !names.is_array()) continue;
        rbac::OrganizationRoles membership{.organization = *id};
        for (const auto& name : names.as_array()) {
            if (!name.is_string()) continue;
            if (auto role = rbac::built_in_organization_role(std::string_view(name.as_string()), *id))
                membership.roles.push_back(std::move(*role));
        }
        out.push_back(std::move(membership));
    }
    return out;
}

Result<rbac::Scope> scope_of(const db::APIKey& key) {
    std::vector<rbac::AllowTarget> targets;
    for (const auto& text : key.allow_list) {
        auto target = rbac::AllowTarget::parse(text);
        if (!target) return target.error();
        targets.push_back(*target);
    }
    return rbac::Scope::from_names(key.scopes, std::move(targets));
}

}  // namespace

std::optional<SecretString> session_token(const http::Request& request) {
    if (auto header = request.headers.get(session_token_header); header && !header->empty())
        return SecretString(std::string(*header));
    if (auto cookie = request.cookie(session_token_cookie); cookie && !cookie->empty())
        return SecretString(std::string(*cookie));
    if (auto query = request.query.get(session_token_cookie); query && !query->empty())
        return SecretString(std::string(*query));
    constexpr std::string_view bearer = "Bearer ";
    if (auto header = request.headers.get("Authorization"); header && header->starts_with(bearer))
        return SecretString(std::string(header->substr(bearer.size())));
    return std::nullopt;
}

asio::awaitable<Result<rbac::Actor>> actor_of_user(db::Queries& store, Uuid user_id, rbac::Scope scope) {
    auto row =
        co_await store.get_authorization_of_user(rbac::Actor::system(rbac::SystemActor::key_reader), user_id);
    if (!row) co_return row.error();
    if (row->deleted || row->status == db::UserStatus::suspended)
        co_return not_signed_in("The account is suspended or deleted.");
    auto roles = site_roles(row->rbac_roles);
    auto organizations = memberships(row->memberships);
    co_return rbac::Actor::user(row->id, row->username, roles, organizations, row->group_ids,
                                std::move(scope));
}

asio::awaitable<Result<std::shared_ptr<const Caller>>> StoreAuthenticator::session(
    const http::Request& request) {
    auto text = session_token(request);
    if (!text) co_return not_signed_in("No session token was sent.");
    auto token = ApiKeyToken::parse(text->reveal());
    if (!token) co_return not_signed_in("The session token is malformed.");
    const auto& reader = rbac::Actor::system(rbac::SystemActor::key_reader);
    auto key = co_await context_.store.get_api_key_by_id(reader, token->id);
    if (!key && key.error().code() == ErrorCode::not_found)
        co_return not_signed_in("The session token is unknown.");
    if (!key) co_return key.error();
    if (!base::constant_time_equal(key->hashed_secret, token->hashed_secret()))
        co_return not_signed_in("The session token is unknown.");
    if (key->expires_at <= context_.clock.now()) co_return not_signed_in("The session has expired.");

    auto scope = scope_of(*key);
    if (!scope) co_return scope.error();
    auto actor = co_await actor_of_user(context_.store, key->user_id, std::move(*scope));
    if (!actor) co_return actor.error();
    co_await note_use(*key, request);
    auto caller = std::make_shared<Caller>();
    caller->user_id = key->user_id;
    caller->username = actor->name();
    caller->api_key_id = key->id;
    caller->actor = std::move(*actor);
    co_return std::shared_ptr<const Caller>(std::move(caller));
}

asio::awaitable<void> StoreAuthenticator::note_use(const db::APIKey& key, const http::Request& request) {
    auto now = context_.clock.now();
    if (now - key.last_used < std::chrono::minutes(1)) co_return;
    db::UpdateAPIKeyUseParams use;
    use.id = key.id;
    use.last_used = now;
    use.ip_address = request.remote_address;
    // Sessions slide; tokens end when their owner said.
    use.expires_at = key.login_type == db::LoginType::token
                         ? key.expires_at
                         : std::max(key.expires_at, now + std::chrono::seconds(key.lifetime_seconds));
    const auto& reader = rbac::Actor::system(rbac::SystemActor::key_reader);
    auto noted = co_await context_.store.update_api_key_use(reader, use);
    if (!noted) context_.log.warn("the use of an API key was not noted", field("error", noted.error()));
    auto seen = co_await context_.store.update_user_last_seen(reader, now, key.user_id);
    if (!seen) context_.log.warn("the visit of a user was not noted", field("error", seen.error()));
}

asio::awaitable<Result<std::shared_ptr<const Caller>>> StoreAuthenticator::agent(
    const http::Request& request) {
    auto text = session_token(request);
    if (!text) co_return not_signed_in("No agent token was sent.");
    auto token = Uuid::parse(text->reveal());
    if (!token) co_return not_signed_in("The agent token is malformed.");
    auto row = co_await context_.store.get_workspace_agent_by_auth_token(
        rbac::Actor::system(rbac::SystemActor::key_reader), *token);
    if (!row && row.error().code() == ErrorCode::not_found)
        co_return not_signed_in("The agent token is unknown, or its workspace has a newer build.");
    if (!row) co_return row.error();
    auto caller = std::make_shared<Caller>();
    caller->actor = rbac::Actor::system(rbac::SystemActor::agent);
    caller->agent =
        AgentIdentity{row->workspace_agent.id, row->workspace.id, row->build_id, row->workspace.owner_id};
    co_return std::shared_ptr<const Caller>(std::move(caller));
}

}  // namespace berth::coderd

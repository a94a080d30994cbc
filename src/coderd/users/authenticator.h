#pragma once

#include "coderd/api/dispatcher.h"
#include "coderd/context.h"

namespace berth::coderd {

inline constexpr std::string_view session_token_header = "Coder-Session-Token";
inline constexpr std::string_view session_token_cookie = "coder_session_token";

/// The token a request carries: header, cookie, query parameter (for WebSockets), or "Authorization: Bearer".
std::optional<SecretString> session_token(const http::Request& request);

/// What an actor is made of, read afresh for every request so that a role taken away is gone at once.
asio::awaitable<Result<rbac::Actor>> actor_of_user(db::Queries& store, Uuid user_id, rbac::Scope scope);

/// Looks credentials up in the database.
class StoreAuthenticator final : public Authenticator {
public:
    explicit StoreAuthenticator(Context& context) : context_(context) {}

    asio::awaitable<Result<std::shared_ptr<const Caller>>> session(const http::Request& request) override;
    asio::awaitable<Result<std::shared_ptr<const Caller>>> agent(const http::Request& request) override;

private:
    /// Notes the use of a key, at most once a minute; a session that is used lives on.
    asio::awaitable<void> note_use(const db::APIKey& key, const http::Request& request);

    Context& context_;
};

}  // namespace berth::coderd

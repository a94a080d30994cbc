#include "sdk/client.h"
#include "sdk/client_call.h"

namespace berth::sdk {

asio::awaitable<Result<bool>> Client::has_first_user() {
    http::ClientRequest request{http::Method::get, "/api/v2/users/first", request_headers(), {}};
    auto answer = co_await http_->send(std::move(request));
    if (!answer) co_return answer.error();
    if (answer->status == 404 && !answer->headers.get("X-Coder-Build-Version"))
        co_return not_found("There is no berth or Coder server at " + server().to_string() + ".");
    if (answer->status == 404) co_return false;
    if (answer->status >= 300) co_return error_from_response(*answer);
    co_return true;
}

asio::awaitable<Result<CreateFirstUserResponse>> Client::create_first_user(CreateFirstUserRequest request) {
    return fetch<CreateFirstUserResponse>(*this, http::Method::post, "/api/v2/users/first", encode(request));
}

asio::awaitable<Result<AuthMethods>> Client::auth_methods() {
    return get<AuthMethods>(*this, "/api/v2/users/authmethods");
}

asio::awaitable<Result<LoginWithPasswordResponse>> Client::login(LoginWithPasswordRequest request) {
    return fetch<LoginWithPasswordResponse>(*this, http::Method::post, "/api/v2/users/login",
                                            encode(request));
}

asio::awaitable<Result<void>> Client::logout() {
    return perform(*this, http::Method::post, "/api/v2/users/logout");
}

asio::awaitable<Result<User>> Client::user(std::string ident) {
    return get<User>(*this, Target("/api/v2/users/").value(ident));
}

asio::awaitable<Result<GetUsersResponse>> Client::users(std::string q, Pagination page) {
    return get<GetUsersResponse>(*this, Target("/api/v2/users").page(page).query("q", q));
}

asio::awaitable<Result<GenerateAPIKeyResponse>> Client::create_api_key(std::string user) {
    return fetch<GenerateAPIKeyResponse>(*this, http::Method::post,
                                         Target("/api/v2/users/").value(user).path("/keys"));
}

asio::awaitable<Result<GenerateAPIKeyResponse>> Client::create_token(std::string user,
                                                                     CreateTokenRequest request) {
    return fetch<GenerateAPIKeyResponse>(*this, http::Method::post,
                                         Target("/api/v2/users/").value(user).path("/keys/tokens"),
                                         encode(request));
}

asio::awaitable<Result<std::vector<APIKeyWithOwner>>> Client::tokens(std::string user, bool include_all) {
    Target target("/api/v2/users/");
    target.value(user).path("/keys/tokens").query("include_all", include_all ? "true" : "false");
    return get<std::vector<APIKeyWithOwner>>(*this, target);
}

asio::awaitable<Result<APIKey>> Client::token_by_name(std::string user, std::string name) {
    return get<APIKey>(*this, Target("/api/v2/users/").value(user).path("/keys/tokens/").value(name));
}

asio::awaitable<Result<void>> Client::delete_api_key(std::string user, std::string id) {
    return perform(*this, http::Method::del, Target("/api/v2/users/").value(user).path("/keys/").value(id));
}

asio::awaitable<Result<GitSSHKey>> Client::git_ssh_key(std::string user) {
    return get<GitSSHKey>(*this, Target("/api/v2/users/").value(user).path("/gitsshkey"));
}

asio::awaitable<Result<std::vector<UserSecret>>> Client::user_secrets(std::string user) {
    return get<std::vector<UserSecret>>(*this, Target("/api/v2/users/").value(user).path("/secrets"));
}

asio::awaitable<Result<UserSecret>> Client::create_user_secret(std::string user,
                                                               CreateUserSecretRequest request) {
    return fetch<UserSecret>(*this, http::Method::post, Target("/api/v2/users/").value(user).path("/secrets"),
                             encode(request));
}

asio::awaitable<Result<UserSecret>> Client::update_user_secret(std::string user, std::string name,
                                                               UpdateUserSecretRequest request) {
    return fetch<UserSecret>(*this, http::Method::patch,
                             Target("/api/v2/users/").value(user).path("/secrets/").value(name),
                             encode(request));
}

asio::awaitable<Result<void>> Client::delete_user_secret(std::string user, std::string name) {
    return perform(*this, http::Method::del,
                   Target("/api/v2/users/").value(user).path("/secrets/").value(name));
}

asio::awaitable<Result<std::vector<Organization>>> Client::organizations() {
    return get<std::vector<Organization>>(*this, "/api/v2/organizations");
}

asio::awaitable<Result<std::vector<Organization>>> Client::organizations_of(std::string user) {
    return get<std::vector<Organization>>(*this, Target("/api/v2/users/").value(user).path("/organizations"));
}

asio::awaitable<Result<Organization>> Client::organization(std::string ident) {
    return get<Organization>(*this, Target("/api/v2/organizations/").value(ident));
}

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class OAuth2ProviderGrantType : std::uint8_t {
    unset,
    authorization_code,
    refresh_token,
    password,
    client_credentials,
    implicit,
    unknown,
};
const TypeInfo& describe(const OAuth2ProviderGrantType*);

enum class OAuth2ProviderResponseType : std::uint8_t { unset, code, token, unknown };
const TypeInfo& describe(const OAuth2ProviderResponseType*);

enum class OAuth2TokenEndpointAuthMethod : std::uint8_t {
    unset,
    client_secret_basic,
    client_secret_post,
    none,
    unknown,
};
const TypeInfo& describe(const OAuth2TokenEndpointAuthMethod*);

enum class OAuth2PKCECodeChallengeMethod : std::uint8_t { unset, s256, plain, unknown };
const TypeInfo& describe(const OAuth2PKCECodeChallengeMethod*);

enum class OAuth2TokenType : std::uint8_t { unset, bearer, dpop, unknown };
const TypeInfo& describe(const OAuth2TokenType*);

enum class OAuth2RevocationTokenTypeHint : std::uint8_t { unset, access_token, refresh_token, unknown };
const TypeInfo& describe(const OAuth2RevocationTokenTypeHint*);

enum class OAuth2ErrorCode : std::uint8_t {
    unset,
    invalid_request,
    invalid_client,
    invalid_grant,
    unauthorized_client,
    unsupported_grant_type,
    invalid_scope,
    access_denied,
    unsupported_response_type,
    server_error,
    temporarily_unavailable,
    unsupported_token_type,
    invalid_target,
    unknown,
};
const TypeInfo& describe(const OAuth2ErrorCode*);

struct OAuth2AppEndpoints {
    std::string authorization;
    std::string token;
    std::string token_revoke;
    std::string device_authorization;
};
const TypeInfo& describe(const OAuth2AppEndpoints*);

struct OAuth2ProviderApp {
    Uuid id;
    std::string name;
    std::string callback_url;
    std::string icon;
    OAuth2AppEndpoints endpoints;
};
const TypeInfo& describe(const OAuth2ProviderApp*);

struct OAuth2ProviderAppFilter {
    Uuid user_id;
};
const TypeInfo& describe(const OAuth2ProviderAppFilter*);

struct PostOAuth2ProviderAppRequest {
    std::string name;
    std::string callback_url;
    std::string icon;
};
const TypeInfo& describe(const PostOAuth2ProviderAppRequest*);

struct PutOAuth2ProviderAppRequest {
    std::string name;
    std::string callback_url;
    std::string icon;
};
const TypeInfo& describe(const PutOAuth2ProviderAppRequest*);

struct OAuth2ProviderAppSecretFull {
    Uuid id;
    std::string client_secret_full;
};
const TypeInfo& describe(const OAuth2ProviderAppSecretFull*);

struct OAuth2ProviderAppSecret {
    Uuid id;
    std::optional<base::Time> last_used_at;
    std::string client_secret_truncated;
};
const TypeInfo& describe(const OAuth2ProviderAppSecret*);

struct OAuth2Error {
    OAuth2ErrorCode error{};
    std::string error_description;
    std::string error_uri;
};
const TypeInfo& describe(const OAuth2Error*);

struct OAuth2TokenRequest {
    OAuth2ProviderGrantType grant_type{};
    std::string code;
    std::string redirect_uri;
    std::string client_id;
    std::string client_secret;
    std::string code_verifier;
    std::string refresh_token;
    std::string resource;
    std::string scope;
};
const TypeInfo& describe(const OAuth2TokenRequest*);

struct OAuth2TokenResponse {
    std::string access_token;
    OAuth2TokenType token_type{};
    std::int64_t expires_in = 0;
    std::string refresh_token;
    std::string scope;
    std::optional<base::Time> expiry;
};
const TypeInfo& describe(const OAuth2TokenResponse*);

struct OAuth2TokenRevocationRequest {
    std::string token;
    OAuth2RevocationTokenTypeHint token_type_hint{};
    std::string client_id;
    std::string client_secret;
};
const TypeInfo& describe(const OAuth2TokenRevocationRequest*);

struct OAuth2DeviceFlowCallbackResponse {
    std::string redirect_url;
};
const TypeInfo& describe(const OAuth2DeviceFlowCallbackResponse*);

struct OAuth2AuthorizationServerMetadata {
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string registration_endpoint;
    std::string revocation_endpoint;
    std::vector<OAuth2ProviderResponseType> response_types_supported;
    std::vector<OAuth2ProviderGrantType> grant_types_supported;
    std::vector<OAuth2PKCECodeChallengeMethod> code_challenge_methods_supported;
    std::vector<std::string> scopes_supported;
    std::vector<OAuth2TokenEndpointAuthMethod> token_endpoint_auth_methods_supported;
};
const TypeInfo& describe(const OAuth2AuthorizationServerMetadata*);

struct OAuth2ProtectedResourceMetadata {
    std::string resource;
    std::vector<std::string> authorization_servers;
    std::vector<std::string> scopes_supported;
    std::vector<std::string> bearer_methods_supported;
};
const TypeInfo& describe(const OAuth2ProtectedResourceMetadata*);

}  // namespace berth::sdk

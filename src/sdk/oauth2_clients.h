#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/oauth2.h"

namespace berth::sdk {

struct OAuth2ClientRegistrationRequest {
    std::vector<std::string> redirect_uris;
    std::string client_name;
    std::string client_uri;
    std::string logo_uri;
    std::string tos_uri;
    std::string policy_uri;
    std::string jwks_uri;
    RawJson jwks;
    std::string software_id;
    std::string software_version;
    std::string software_statement;
    std::vector<OAuth2ProviderGrantType> grant_types;
    std::vector<OAuth2ProviderResponseType> response_types;
    OAuth2TokenEndpointAuthMethod token_endpoint_auth_method{};
    std::string scope;
    std::vector<std::string> contacts;
};
const TypeInfo& describe(const OAuth2ClientRegistrationRequest*);

struct OAuth2ClientRegistrationResponse {
    std::string client_id;
    std::string client_secret;
    std::int64_t client_id_issued_at = 0;
    std::int64_t client_secret_expires_at = 0;
    std::vector<std::string> redirect_uris;
    std::string client_name;
    std::string client_uri;
    std::string logo_uri;
    std::string tos_uri;
    std::string policy_uri;
    std::string jwks_uri;
    RawJson jwks;
    std::string software_id;
    std::string software_version;
    std::vector<OAuth2ProviderGrantType> grant_types;
    std::vector<OAuth2ProviderResponseType> response_types;
    OAuth2TokenEndpointAuthMethod token_endpoint_auth_method{};
    std::string scope;
    std::vector<std::string> contacts;
    std::string registration_access_token;
    std::string registration_client_uri;
};
const TypeInfo& describe(const OAuth2ClientRegistrationResponse*);

struct OAuth2ClientConfiguration {
    std::string client_id;
    std::int64_t client_id_issued_at = 0;
    std::int64_t client_secret_expires_at = 0;
    std::vector<std::string> redirect_uris;
    std::string client_name;
    std::string client_uri;
    std::string logo_uri;
    std::string tos_uri;
    std::string policy_uri;
    std::string jwks_uri;
    RawJson jwks;
    std::string software_id;
    std::string software_version;
    std::vector<OAuth2ProviderGrantType> grant_types;
    std::vector<OAuth2ProviderResponseType> response_types;
    OAuth2TokenEndpointAuthMethod token_endpoint_auth_method{};
    std::string scope;
    std::vector<std::string> contacts;
    std::string registration_access_token;
    std::string registration_client_uri;
};
const TypeInfo& describe(const OAuth2ClientConfiguration*);

}  // namespace berth::sdk

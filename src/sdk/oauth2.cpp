#include "sdk/oauth2.h"

namespace berth::sdk {

const TypeInfo& describe(const OAuth2ProviderGrantType*) {
    static constexpr std::string_view values[] = {
        "", "authorization_code", "refresh_token", "password", "client_credentials", "implicit", "unknown",
    };
    static const TypeInfo info = enumeration("OAuth2ProviderGrantType", values);
    return info;
}

const TypeInfo& describe(const OAuth2ProviderResponseType*) {
    static constexpr std::string_view values[] = {"", "code", "token", "unknown"};
    static const TypeInfo info = enumeration("OAuth2ProviderResponseType", values);
    return info;
}

const TypeInfo& describe(const OAuth2TokenEndpointAuthMethod*) {
    static constexpr std::string_view values[] = {
        "", "client_secret_basic", "client_secret_post", "none", "unknown",
    };
    static const TypeInfo info = enumeration("OAuth2TokenEndpointAuthMethod", values);
    return info;
}

const TypeInfo& describe(const OAuth2PKCECodeChallengeMethod*) {
    static constexpr std::string_view values[] = {"", "S256", "plain", "unknown"};
    static const TypeInfo info = enumeration("OAuth2PKCECodeChallengeMethod", values);
    return info;
}

const TypeInfo& describe(const OAuth2TokenType*) {
    static constexpr std::string_view values[] = {"", "Bearer", "DPoP", "unknown"};
    static const TypeInfo info = enumeration("OAuth2TokenType", values);
    return info;
}

const TypeInfo& describe(const OAuth2RevocationTokenTypeHint*) {
    static constexpr std::string_view values[] = {"", "access_token", "refresh_token", "unknown"};
    static const TypeInfo info = enumeration("OAuth2RevocationTokenTypeHint", values);
    return info;
}

const TypeInfo& describe(const OAuth2ErrorCode*) {
    static constexpr std::string_view values[] = {
        "",
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "access_denied",
        "unsupported_response_type",
        "server_error",
        "temporarily_unavailable",
        "unsupported_token_type",
        "invalid_target",
        "unknown",
    };
    static const TypeInfo info = enumeration("OAuth2ErrorCode", values);
    return info;
}

const TypeInfo& describe(const OAuth2AppEndpoints*) {
    using T = OAuth2AppEndpoints;
    static const Field fields[] = {
        field("authorization", &T::authorization),
        field("token", &T::token),
        field("token_revoke", &T::token_revoke),
        field("device_authorization", &T::device_authorization),
    };
    static const TypeInfo info = object("OAuth2AppEndpoints", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ProviderApp*) {
    using T = OAuth2ProviderApp;
    static const Field fields[] = {
        field("id", &T::id),     field("name", &T::name),           field("callback_url", &T::callback_url),
        field("icon", &T::icon), field("endpoints", &T::endpoints),
    };
    static const TypeInfo info = object("OAuth2ProviderApp", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ProviderAppFilter*) {
    using T = OAuth2ProviderAppFilter;
    static const Field fields[] = {
        field("user_id", &T::user_id).omitempty(),
    };
    static const TypeInfo info = object("OAuth2ProviderAppFilter", fields);
    return info;
}

const TypeInfo& describe(const PostOAuth2ProviderAppRequest*) {
    using T = PostOAuth2ProviderAppRequest;
    static const Field fields[] = {
        field("name", &T::name).required().check(Check::oauth2_app_name),
        field("callback_url", &T::callback_url).required().check(Check::http_url),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("PostOAuth2ProviderAppRequest", fields);
    return info;
}

const TypeInfo& describe(const PutOAuth2ProviderAppRequest*) {
    using T = PutOAuth2ProviderAppRequest;
    static const Field fields[] = {
        field("name", &T::name).required().check(Check::oauth2_app_name),
        field("callback_url", &T::callback_url).required().check(Check::http_url),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("PutOAuth2ProviderAppRequest", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ProviderAppSecretFull*) {
    using T = OAuth2ProviderAppSecretFull;
    static const Field fields[] = {
        field("id", &T::id),
        field("client_secret_full", &T::client_secret_full),
    };
    static const TypeInfo info = object("OAuth2ProviderAppSecretFull", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ProviderAppSecret*) {
    using T = OAuth2ProviderAppSecret;
    static const Field fields[] = {
        field("id", &T::id),
        field("last_used_at", &T::last_used_at),
        field("client_secret_truncated", &T::client_secret_truncated),
    };
    static const TypeInfo info = object("OAuth2ProviderAppSecret", fields);
    return info;
}

const TypeInfo& describe(const OAuth2Error*) {
    using T = OAuth2Error;
    static const Field fields[] = {
        field("error", &T::error),
        field("error_description", &T::error_description).omitempty(),
        field("error_uri", &T::error_uri).omitempty(),
    };
    static const TypeInfo info = object("OAuth2Error", fields);
    return info;
}

const TypeInfo& describe(const OAuth2TokenRequest*) {
    using T = OAuth2TokenRequest;
    static const Field fields[] = {
        field("grant_type", &T::grant_type),
        field("code", &T::code).omitempty(),
        field("redirect_uri", &T::redirect_uri).omitempty(),
        field("client_id", &T::client_id).omitempty(),
        field("client_secret", &T::client_secret).omitempty(),
        field("code_verifier", &T::code_verifier).omitempty(),
        field("refresh_token", &T::refresh_token).omitempty(),
        field("resource", &T::resource).omitempty(),
        field("scope", &T::scope).omitempty(),
    };
    static const TypeInfo info = object("OAuth2TokenRequest", fields);
    return info;
}

const TypeInfo& describe(const OAuth2TokenResponse*) {
    using T = OAuth2TokenResponse;
    static const Field fields[] = {
        field("access_token", &T::access_token),
        field("token_type", &T::token_type),
        field("expires_in", &T::expires_in).omitempty(),
        field("refresh_token", &T::refresh_token).omitempty(),
        field("scope", &T::scope).omitempty(),
        field("expiry", &T::expiry).omitempty(),
    };
    static const TypeInfo info = object("OAuth2TokenResponse", fields);
    return info;
}

const TypeInfo& describe(const OAuth2TokenRevocationRequest*) {
    using T = OAuth2TokenRevocationRequest;
    static const Field fields[] = {
        field("token", &T::token),
        field("token_type_hint", &T::token_type_hint).omitempty(),
        field("client_id", &T::client_id).omitempty(),
        field("client_secret", &T::client_secret).omitempty(),
    };
    static const TypeInfo info = object("OAuth2TokenRevocationRequest", fields);
    return info;
}

const TypeInfo& describe(const OAuth2DeviceFlowCallbackResponse*) {
    using T = OAuth2DeviceFlowCallbackResponse;
    static const Field fields[] = {
        field("redirect_url", &T::redirect_url),
    };
    static const TypeInfo info = object("OAuth2DeviceFlowCallbackResponse", fields);
    return info;
}

const TypeInfo& describe(const OAuth2AuthorizationServerMetadata*) {
    using T = OAuth2AuthorizationServerMetadata;
    static const Field fields[] = {
        field("issuer", &T::issuer),
        field("authorization_endpoint", &T::authorization_endpoint),
        field("token_endpoint", &T::token_endpoint),
        field("registration_endpoint", &T::registration_endpoint).omitempty(),
        field("revocation_endpoint", &T::revocation_endpoint).omitempty(),
        field("response_types_supported", &T::response_types_supported),
        field("grant_types_supported", &T::grant_types_supported).omitempty(),
        field("code_challenge_methods_supported", &T::code_challenge_methods_supported).omitempty(),
        field("scopes_supported", &T::scopes_supported).omitempty(),
        field("token_endpoint_auth_methods_supported", &T::token_endpoint_auth_methods_supported).omitempty(),
    };
    static const TypeInfo info = object("OAuth2AuthorizationServerMetadata", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ProtectedResourceMetadata*) {
    using T = OAuth2ProtectedResourceMetadata;
    static const Field fields[] = {
        field("resource", &T::resource),
        field("authorization_servers", &T::authorization_servers),
        field("scopes_supported", &T::scopes_supported).omitempty(),
        field("bearer_methods_supported", &T::bearer_methods_supported).omitempty(),
    };
    static const TypeInfo info = object("OAuth2ProtectedResourceMetadata", fields);
    return info;
}

}  // namespace berth::sdk

#include "sdk/oauth2_clients.h"

namespace berth::sdk {

const TypeInfo& describe(const OAuth2ClientRegistrationRequest*) {
    using T = OAuth2ClientRegistrationRequest;
    static const Field fields[] = {
        field("redirect_uris", &T::redirect_uris).omitempty(),
        field("client_name", &T::client_name).omitempty(),
        field("client_uri", &T::client_uri).omitempty(),
        field("logo_uri", &T::logo_uri).omitempty(),
        field("tos_uri", &T::tos_uri).omitempty(),
        field("policy_uri", &T::policy_uri).omitempty(),
        field("jwks_uri", &T::jwks_uri).omitempty(),
        field("jwks", &T::jwks).omitempty(),
        field("software_id", &T::software_id).omitempty(),
        field("software_version", &T::software_version).omitempty(),
        field("software_statement", &T::software_statement).omitempty(),
        field("grant_types", &T::grant_types).omitempty(),
        field("response_types", &T::response_types).omitempty(),
        field("token_endpoint_auth_method", &T::token_endpoint_auth_method).omitempty(),
        field("scope", &T::scope).omitempty(),
        field("contacts", &T::contacts).omitempty(),
    };
    static const TypeInfo info = object("OAuth2ClientRegistrationRequest", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ClientRegistrationResponse*) {
    using T = OAuth2ClientRegistrationResponse;
    static const Field fields[] = {
        field("client_id", &T::client_id),
        field("client_secret", &T::client_secret).omitempty(),
        field("client_id_issued_at", &T::client_id_issued_at).omitempty(),
        field("client_secret_expires_at", &T::client_secret_expires_at).omitempty(),
        field("redirect_uris", &T::redirect_uris).omitempty(),
        field("client_name", &T::client_name).omitempty(),
        field("client_uri", &T::client_uri).omitempty(),
        field("logo_uri", &T::logo_uri).omitempty(),
        field("tos_uri", &T::tos_uri).omitempty(),
        field("policy_uri", &T::policy_uri).omitempty(),
        field("jwks_uri", &T::jwks_uri).omitempty(),
        field("jwks", &T::jwks).omitempty(),
        field("software_id", &T::software_id).omitempty(),
        field("software_version", &T::software_version).omitempty(),
        field("grant_types", &T::grant_types),
        field("response_types", &T::response_types),
        field("token_endpoint_auth_method", &T::token_endpoint_auth_method),
        field("scope", &T::scope).omitempty(),
        field("contacts", &T::contacts).omitempty(),
        field("registration_access_token", &T::registration_access_token),
        field("registration_client_uri", &T::registration_client_uri),
    };
    static const TypeInfo info = object("OAuth2ClientRegistrationResponse", fields);
    return info;
}

const TypeInfo& describe(const OAuth2ClientConfiguration*) {
    using T = OAuth2ClientConfiguration;
    static const Field fields[] = {
        field("client_id", &T::client_id),
        field("client_id_issued_at", &T::client_id_issued_at),
        field("client_secret_expires_at", &T::client_secret_expires_at).omitempty(),
        field("redirect_uris", &T::redirect_uris).omitempty(),
        field("client_name", &T::client_name).omitempty(),
        field("client_uri", &T::client_uri).omitempty(),
        field("logo_uri", &T::logo_uri).omitempty(),
        field("tos_uri", &T::tos_uri).omitempty(),
        field("policy_uri", &T::policy_uri).omitempty(),
        field("jwks_uri", &T::jwks_uri).omitempty(),
        field("jwks", &T::jwks).omitempty(),
        field("software_id", &T::software_id).omitempty(),
        field("software_version", &T::software_version).omitempty(),
        field("grant_types", &T::grant_types),
        field("response_types", &T::response_types),
        field("token_endpoint_auth_method", &T::token_endpoint_auth_method),
        field("scope", &T::scope).omitempty(),
        field("contacts", &T::contacts).omitempty(),
        field("registration_access_token", &T::registration_access_token).omitempty(),
        field("registration_client_uri", &T::registration_client_uri),
    };
    static const TypeInfo info = object("OAuth2ClientConfiguration", fields);
    return info;
}

}  // namespace berth::sdk

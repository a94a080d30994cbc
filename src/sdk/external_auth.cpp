#include "sdk/external_auth.h"

namespace berth::sdk {

const TypeInfo& describe(const EnhancedExternalAuthProvider*) {
    static constexpr std::string_view values[] = {
        "",
        "azure-devops",
        "azure-devops-entra",
        "github",
        "gitlab",
        "bitbucket-cloud",
        "bitbucket-server",
        "slack",
        "jfrog",
        "gitea",
        "unknown",
    };
    static const TypeInfo info = enumeration("EnhancedExternalAuthProvider", values);
    return info;
}

const TypeInfo& describe(const ExternalAuthUser*) {
    using T = ExternalAuthUser;
    static const Field fields[] = {
        field("id", &T::id),
        field("login", &T::login),
        field("avatar_url", &T::avatar_url),
        field("profile_url", &T::profile_url),
        field("name", &T::name),
    };
    static const TypeInfo info = object("ExternalAuthUser", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthAppInstallation*) {
    using T = ExternalAuthAppInstallation;
    static const Field fields[] = {
        field("id", &T::id),
        field("account", &T::account),
        field("configure_url", &T::configure_url),
    };
    static const TypeInfo info = object("ExternalAuthAppInstallation", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuth*) {
    using T = ExternalAuth;
    static const Field fields[] = {
        field("authenticated", &T::authenticated),
        field("device", &T::device),
        field("display_name", &T::display_name),
        field("supports_revocation", &T::supports_revocation),
        field("user", &T::user),
        field("app_installable", &T::app_installable),
        field("installations", &T::installations),
        field("app_install_url", &T::app_install_url),
    };
    static const TypeInfo info = object("ExternalAuth", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthLinkProvider*) {
    using T = ExternalAuthLinkProvider;
    static const Field fields[] = {
        field("id", &T::id),
        field("type", &T::type),
        field("device", &T::device),
        field("display_name", &T::display_name),
        field("display_icon", &T::display_icon),
        field("allow_refresh", &T::allow_refresh),
        field("allow_validate", &T::allow_validate),
        field("supports_revocation", &T::supports_revocation),
        field("code_challenge_methods_supported", &T::code_challenge_methods_supported),
    };
    static const TypeInfo info = object("ExternalAuthLinkProvider", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthLink*) {
    using T = ExternalAuthLink;
    static const Field fields[] = {
        field("provider_id", &T::provider_id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("has_refresh_token", &T::has_refresh_token),
        field("expires", &T::expires),
        field("authenticated", &T::authenticated),
        field("validate_error", &T::validate_error),
    };
    static const TypeInfo info = object("ExternalAuthLink", fields);
    return info;
}

const TypeInfo& describe(const ListUserExternalAuthResponse*) {
    using T = ListUserExternalAuthResponse;
    static const Field fields[] = {
        field("providers", &T::providers),
        field("links", &T::links),
    };
    static const TypeInfo info = object("ListUserExternalAuthResponse", fields);
    return info;
}

const TypeInfo& describe(const DeleteExternalAuthByIDResponse*) {
    using T = DeleteExternalAuthByIDResponse;
    static const Field fields[] = {
        field("token_revoked", &T::token_revoked),
        field("token_revocation_error", &T::token_revocation_error).omitempty(),
    };
    static const TypeInfo info = object("DeleteExternalAuthByIDResponse", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthDevice*) {
    using T = ExternalAuthDevice;
    static const Field fields[] = {
        field("device_code", &T::device_code),
        field("user_code", &T::user_code),
        field("verification_uri", &T::verification_uri),
        field("expires_in", &T::expires_in),
        field("interval", &T::interval),
    };
    static const TypeInfo info = object("ExternalAuthDevice", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthDeviceExchange*) {
    using T = ExternalAuthDeviceExchange;
    static const Field fields[] = {
        field("device_code", &T::device_code),
    };
    static const TypeInfo info = object("ExternalAuthDeviceExchange", fields);
    return info;
}

}  // namespace berth::sdk

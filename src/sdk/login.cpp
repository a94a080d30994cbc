#include "sdk/login.h"

namespace berth::sdk {

const TypeInfo& describe(const AuthMethod*) {
    using T = AuthMethod;
    static const TypeInfo info = object("AuthMethod", {
        field("enabled", &T::enabled),
    });
    return info;
}

const TypeInfo& describe(const GithubAuthMethod*) {
    using T = GithubAuthMethod;
    static const TypeInfo info = object("GithubAuthMethod", {
        field("enabled", &T::enabled),
        field("default_provider_configured", &T::default_provider_configured),
    });
    return info;
}

const TypeInfo& describe(const OIDCAuthMethod*) {
    using T = OIDCAuthMethod;
    static const TypeInfo info = object("OIDCAuthMethod", {
        embedded<T, AuthMethod>(),
        field("signInText", &T::sign_in_text),
        field("iconUrl", &T::icon_url),
    });
    return info;
}

const TypeInfo& describe(const AuthMethods*) {
    using T = AuthMethods;
    static const TypeInfo info = object("AuthMethods", {
        field("terms_of_service_url", &T::terms_of_service_url).omitempty(),
        field("password", &T::password),
        field("github", &T::github),
        field("oidc", &T::oidc),
    });
    return info;
}

const TypeInfo& describe(const UserLoginType*) {
    using T = UserLoginType;
    static const TypeInfo info = object("UserLoginType", {
        field("login_type", &T::login_type),
    });
    return info;
}

const TypeInfo& describe(const LoginWithPasswordRequest*) {
    using T = LoginWithPasswordRequest;
    static const TypeInfo info = object("LoginWithPasswordRequest", {
        field("email", &T::email).required().check(Check::email),
        field("password", &T::password).required(),
    });
    return info;
}

const TypeInfo& describe(const LoginWithPasswordResponse*) {
    using T = LoginWithPasswordResponse;
    static const TypeInfo info = object("LoginWithPasswordResponse", {
        field("session_token", &T::session_token),
    });
    return info;
}

const TypeInfo& describe(const ValidateUserPasswordRequest*) {
    using T = ValidateUserPasswordRequest;
    static const TypeInfo info = object("ValidateUserPasswordRequest", {
        field("password", &T::password).required(),
    });
    return info;
}

const TypeInfo& describe(const ValidateUserPasswordResponse*) {
    using T = ValidateUserPasswordResponse;
    static const TypeInfo info = object("ValidateUserPasswordResponse", {
        field("valid", &T::valid),
        field("details", &T::details),
    });
    return info;
}

const TypeInfo& describe(const RequestOneTimePasscodeRequest*) {
    using T = RequestOneTimePasscodeRequest;
    static const TypeInfo info = object("RequestOneTimePasscodeRequest", {
        field("email", &T::email).required().check(Check::email),
    });
    return info;
}

const TypeInfo& describe(const ChangePasswordWithOneTimePasscodeRequest*) {
    using T = ChangePasswordWithOneTimePasscodeRequest;
    static const TypeInfo info = object("ChangePasswordWithOneTimePasscodeRequest", {
        field("email", &T::email).required().check(Check::email),
        field("password", &T::password).required(),
        field("one_time_passcode", &T::one_time_passcode).required(),
    });
    return info;
}

const TypeInfo& describe(const ConvertLoginRequest*) {
    using T = ConvertLoginRequest;
    static const TypeInfo info = object("ConvertLoginRequest", {
        field("to_type", &T::to_type).required(),
        field("password", &T::password).required(),
    });
    return info;
}

const TypeInfo& describe(const OAuthConversionResponse*) {
    using T = OAuthConversionResponse;
    static const TypeInfo info = object("OAuthConversionResponse", {
        field("state_string", &T::state_string),
        field("expires_at", &T::expires_at),
        field("to_type", &T::to_type),
        field("user_id", &T::user_id),
    });
    return info;
}

}  // namespace berth::sdk

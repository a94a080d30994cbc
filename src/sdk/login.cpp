#include "sdk/login.h"

namespace berth::sdk {

const TypeInfo& describe(const AuthMethod*) {
    using T = AuthMethod;
    static const Field fields[] = {
        field("enabled", &T::enabled),
    };
    static const TypeInfo info = object("AuthMethod", fields);
    return info;
}

const TypeInfo& describe(const GithubAuthMethod*) {
    using T = GithubAuthMethod;
    static const Field fields[] = {
        field("enabled", &T::enabled),
        field("default_provider_configured", &T::default_provider_configured),
    };
    static const TypeInfo info = object("GithubAuthMethod", fields);
    return info;
}

const TypeInfo& describe(const OIDCAuthMethod*) {
    using T = OIDCAuthMethod;
    static const Field fields[] = {
        embedded<T, AuthMethod>(),
        field("signInText", &T::sign_in_text),
        field("iconUrl", &T::icon_url),
    };
    static const TypeInfo info = object("OIDCAuthMethod", fields);
    return info;
}

const TypeInfo& describe(const AuthMethods*) {
    using T = AuthMethods;
    static const Field fields[] = {
        field("terms_of_service_url", &T::terms_of_service_url).omitempty(),
        field("password", &T::password),
        field("github", &T::github),
        field("oidc", &T::oidc),
    };
    static const TypeInfo info = object("AuthMethods", fields);
    return info;
}

const TypeInfo& describe(const UserLoginType*) {
    using T = UserLoginType;
    static const Field fields[] = {
        field("login_type", &T::login_type),
    };
    static const TypeInfo info = object("UserLoginType", fields);
    return info;
}

const TypeInfo& describe(const LoginWithPasswordRequest*) {
    using T = LoginWithPasswordRequest;
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
        field("password", &T::password).required(),
    };
    static const TypeInfo info = object("LoginWithPasswordRequest", fields);
    return info;
}

const TypeInfo& describe(const LoginWithPasswordResponse*) {
    using T = LoginWithPasswordResponse;
    static const Field fields[] = {
        field("session_token", &T::session_token),
    };
    static const TypeInfo info = object("LoginWithPasswordResponse", fields);
    return info;
}

const TypeInfo& describe(const ValidateUserPasswordRequest*) {
    using T = ValidateUserPasswordRequest;
    static const Field fields[] = {
        field("password", &T::password).required(),
    };
    static const TypeInfo info = object("ValidateUserPasswordRequest", fields);
    return info;
}

const TypeInfo& describe(const ValidateUserPasswordResponse*) {
    using T = ValidateUserPasswordResponse;
    static const Field fields[] = {
        field("valid", &T::valid),
        field("details", &T::details),
    };
    static const TypeInfo info = object("ValidateUserPasswordResponse", fields);
    return info;
}

const TypeInfo& describe(const RequestOneTimePasscodeRequest*) {
    using T = RequestOneTimePasscodeRequest;
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
    };
    static const TypeInfo info = object("RequestOneTimePasscodeRequest", fields);
    return info;
}

const TypeInfo& describe(const ChangePasswordWithOneTimePasscodeRequest*) {
    using T = ChangePasswordWithOneTimePasscodeRequest;
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
        field("password", &T::password).required(),
        field("one_time_passcode", &T::one_time_passcode).required(),
    };
    static const TypeInfo info = object("ChangePasswordWithOneTimePasscodeRequest", fields);
    return info;
}

const TypeInfo& describe(const ConvertLoginRequest*) {
    using T = ConvertLoginRequest;
    static const Field fields[] = {
        field("to_type", &T::to_type).required(),
        field("password", &T::password).required(),
    };
    static const TypeInfo info = object("ConvertLoginRequest", fields);
    return info;
}

const TypeInfo& describe(const OAuthConversionResponse*) {
    using T = OAuthConversionResponse;
    static const Field fields[] = {
        field("state_string", &T::state_string),
        field("expires_at", &T::expires_at),
        field("to_type", &T::to_type),
        field("user_id", &T::user_id),
    };
    static const TypeInfo info = object("OAuthConversionResponse", fields);
    return info;
}

}  // namespace berth::sdk

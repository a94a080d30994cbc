#pragma once

#include <string>

#include "sdk/codec.h"
#include "sdk/users.h"

namespace berth::sdk {

struct AuthMethod {
    bool enabled = false;
};
const TypeInfo& describe(const AuthMethod*);

struct GithubAuthMethod {
    bool enabled = false;
    bool default_provider_configured = false;
};
const TypeInfo& describe(const GithubAuthMethod*);

struct OIDCAuthMethod : AuthMethod {
    std::string sign_in_text;
    std::string icon_url;
};
const TypeInfo& describe(const OIDCAuthMethod*);

struct AuthMethods {
    std::string terms_of_service_url;
    AuthMethod password;
    GithubAuthMethod github;
    OIDCAuthMethod oidc;
};
const TypeInfo& describe(const AuthMethods*);

struct UserLoginType {
    LoginType login_type{};
};
const TypeInfo& describe(const UserLoginType*);

struct LoginWithPasswordRequest {
    std::string email;
    std::string password;
};
const TypeInfo& describe(const LoginWithPasswordRequest*);

struct LoginWithPasswordResponse {
    std::string session_token;
};
const TypeInfo& describe(const LoginWithPasswordResponse*);

struct ValidateUserPasswordRequest {
    std::string password;
};
const TypeInfo& describe(const ValidateUserPasswordRequest*);

struct ValidateUserPasswordResponse {
    bool valid = false;
    std::string details;
};
const TypeInfo& describe(const ValidateUserPasswordResponse*);

struct RequestOneTimePasscodeRequest {
    std::string email;
};
const TypeInfo& describe(const RequestOneTimePasscodeRequest*);

struct ChangePasswordWithOneTimePasscodeRequest {
    std::string email;
    std::string password;
    std::string one_time_passcode;
};
const TypeInfo& describe(const ChangePasswordWithOneTimePasscodeRequest*);

struct ConvertLoginRequest {
    LoginType to_type{};
    std::string password;
};
const TypeInfo& describe(const ConvertLoginRequest*);

struct OAuthConversionResponse {
    std::string state_string;
    base::Time expires_at = zero_time;
    LoginType to_type{};
    Uuid user_id;
};
const TypeInfo& describe(const OAuthConversionResponse*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class EnhancedExternalAuthProvider : std::uint8_t {
    unset,
    azure_devops,
    azure_devops_entra,
    github,
    gitlab,
    bitbucket_cloud,
    bitbucket_server,
    slack,
    jfrog,
    gitea,
    unknown,
};
const TypeInfo& describe(const EnhancedExternalAuthProvider*);

struct ExternalAuthUser {
    std::int64_t id = 0;
    std::string login;
    std::string avatar_url;
    std::string profile_url;
    std::string name;
};
const TypeInfo& describe(const ExternalAuthUser*);

struct ExternalAuthAppInstallation {
    std::int64_t id = 0;
    ExternalAuthUser account;
    std::string configure_url;
};
const TypeInfo& describe(const ExternalAuthAppInstallation*);

struct ExternalAuth {
    bool authenticated = false;
    bool device = false;
    std::string display_name;
    bool supports_revocation = false;
    std::optional<ExternalAuthUser> user;
    bool app_installable = false;
    std::vector<ExternalAuthAppInstallation> installations;
    std::string app_install_url;
};
const TypeInfo& describe(const ExternalAuth*);

struct ExternalAuthLinkProvider {
    std::string id;
    std::string type;
    bool device = false;
    std::string display_name;
    std::string display_icon;
    bool allow_refresh = false;
    bool allow_validate = false;
    bool supports_revocation = false;
    std::vector<std::string> code_challenge_methods_supported;
};
const TypeInfo& describe(const ExternalAuthLinkProvider*);

struct ExternalAuthLink {
    std::string provider_id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    bool has_refresh_token = false;
    base::Time expires = zero_time;
    bool authenticated = false;
    std::string validate_error;
};
const TypeInfo& describe(const ExternalAuthLink*);

struct ListUserExternalAuthResponse {
    std::vector<ExternalAuthLinkProvider> providers;
    std::vector<ExternalAuthLink> links;
};
const TypeInfo& describe(const ListUserExternalAuthResponse*);

struct DeleteExternalAuthByIDResponse {
    bool token_revoked = false;
    std::string token_revocation_error;
};
const TypeInfo& describe(const DeleteExternalAuthByIDResponse*);

struct ExternalAuthDevice {
    std::string device_code;
    std::string user_code;
    std::string verification_uri;
    std::int64_t expires_in = 0;
    std::int64_t interval = 0;
};
const TypeInfo& describe(const ExternalAuthDevice*);

struct ExternalAuthDeviceExchange {
    std::string device_code;
};
const TypeInfo& describe(const ExternalAuthDeviceExchange*);

}  // namespace berth::sdk

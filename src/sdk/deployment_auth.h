#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class PostgresAuth : std::uint8_t { unset, password, awsiamrds, unknown };
const TypeInfo& describe(const PostgresAuth*);

struct SessionLifetime {
    bool disable_expiry_refresh = false;
    base::Duration default_duration{};
    base::Duration refresh_default_duration{};
    base::Duration default_token_lifetime{};
    base::Duration max_token_lifetime{};
    base::Duration max_admin_token_lifetime{};
};
const TypeInfo& describe(const SessionLifetime*);

struct OAuth2GithubConfig {
    std::string client_id;
    std::string client_secret;
    bool device_flow = false;
    bool default_provider_enable = false;
    std::vector<std::string> allowed_orgs;
    std::vector<std::string> allowed_teams;
    bool allow_signups = false;
    bool allow_everyone = false;
    std::string enterprise_base_url;
};
const TypeInfo& describe(const OAuth2GithubConfig*);

struct OAuth2Config {
    OAuth2GithubConfig github;
};
const TypeInfo& describe(const OAuth2Config*);

struct OIDCConfig {
    bool allow_signups = false;
    std::string client_id;
    std::string client_secret;
    std::string client_key_file;
    std::string client_cert_file;
    std::vector<std::string> email_domain;
    std::string issuer_url;
    std::vector<std::string> scopes;
    bool ignore_email_verified = false;
    std::string username_field;
    std::string name_field;
    std::string email_field;
    std::map<std::string, std::string> auth_url_params;
    bool ignore_user_info = false;
    bool source_user_info_from_access_token = false;
    std::string organization_field;
    std::map<std::string, std::vector<Uuid>> organization_mapping;
    bool organization_assign_default = false;
    bool group_auto_create = false;
    std::string group_regex_filter;
    std::vector<std::string> group_allow_list;
    std::string groups_field;
    std::map<std::string, std::string> group_mapping;
    std::string user_role_field;
    std::map<std::string, std::vector<std::string>> user_role_mapping;
    std::vector<std::string> user_roles_default;
    std::string sign_in_text;
    std::string icon_url;
    std::string signups_disabled_text;
    bool skip_issuer_checks = false;
};
const TypeInfo& describe(const OIDCConfig*);

struct HTTPCookieConfig {
    bool secure_auth_cookie = false;
    std::string same_site;
};
const TypeInfo& describe(const HTTPCookieConfig*);

struct ExternalAuthConfig {
    std::string type;
    std::string client_id;
    std::string id;
    std::string auth_url;
    std::string token_url;
    std::string validate_url;
    std::string revoke_url;
    std::string app_install_url;
    std::string app_installations_url;
    bool no_refresh = false;
    std::vector<std::string> scopes;
    bool device_flow = false;
    std::string device_code_url;
    std::string mcp_url;
    std::string mcp_tool_allow_regex;
    std::string mcp_tool_deny_regex;
    std::string regex;
    std::string display_name;
    std::string display_icon;
    std::vector<std::string> code_challenge_methods_supported;
};
const TypeInfo& describe(const ExternalAuthConfig*);

}  // namespace berth::sdk

#include "sdk/deployment_auth.h"

namespace berth::sdk {

const TypeInfo& describe(const PostgresAuth*) {
    static constexpr std::string_view values[] = {"", "password", "awsiamrds", "unknown"};
    static const TypeInfo info = enumeration("PostgresAuth", values);
    return info;
}

const TypeInfo& describe(const SessionLifetime*) {
    using T = SessionLifetime;
    static const Field fields[] = {
        field("disable_expiry_refresh", &T::disable_expiry_refresh).omitempty(),
        field("default_duration", &T::default_duration),
        field("refresh_default_duration", &T::refresh_default_duration).omitempty(),
        field("default_token_lifetime", &T::default_token_lifetime).omitempty(),
        field("max_token_lifetime", &T::max_token_lifetime).omitempty(),
        field("max_admin_token_lifetime", &T::max_admin_token_lifetime).omitempty(),
    };
    static const TypeInfo info = object("SessionLifetime", fields);
    return info;
}

const TypeInfo& describe(const OAuth2GithubConfig*) {
    using T = OAuth2GithubConfig;
    static const Field fields[] = {
        field("client_id", &T::client_id),
        field("client_secret", &T::client_secret),
        field("device_flow", &T::device_flow),
        field("default_provider_enable", &T::default_provider_enable),
        field("allowed_orgs", &T::allowed_orgs),
        field("allowed_teams", &T::allowed_teams),
        field("allow_signups", &T::allow_signups),
        field("allow_everyone", &T::allow_everyone),
        field("enterprise_base_url", &T::enterprise_base_url),
    };
    static const TypeInfo info = object("OAuth2GithubConfig", fields);
    return info;
}

const TypeInfo& describe(const OAuth2Config*) {
    using T = OAuth2Config;
    static const Field fields[] = {
        field("github", &T::github),
    };
    static const TypeInfo info = object("OAuth2Config", fields);
    return info;
}

const TypeInfo& describe(const OIDCConfig*) {
    using T = OIDCConfig;
    static const Field fields[] = {
        field("allow_signups", &T::allow_signups),
        field("client_id", &T::client_id),
        field("client_secret", &T::client_secret),
        field("client_key_file", &T::client_key_file),
        field("client_cert_file", &T::client_cert_file),
        field("email_domain", &T::email_domain),
        field("issuer_url", &T::issuer_url),
        field("scopes", &T::scopes),
        field("ignore_email_verified", &T::ignore_email_verified),
        field("username_field", &T::username_field),
        field("name_field", &T::name_field),
        field("email_field", &T::email_field),
        field("auth_url_params", &T::auth_url_params),
        field("ignore_user_info", &T::ignore_user_info),
        field("source_user_info_from_access_token", &T::source_user_info_from_access_token),
        field("organization_field", &T::organization_field),
        field("organization_mapping", &T::organization_mapping),
        field("organization_assign_default", &T::organization_assign_default),
        field("group_auto_create", &T::group_auto_create),
        field("group_regex_filter", &T::group_regex_filter),
        field("group_allow_list", &T::group_allow_list),
        field("groups_field", &T::groups_field),
        field("group_mapping", &T::group_mapping),
        field("user_role_field", &T::user_role_field),
        field("user_role_mapping", &T::user_role_mapping),
        field("user_roles_default", &T::user_roles_default),
        field("sign_in_text", &T::sign_in_text),
        field("icon_url", &T::icon_url),
        field("signups_disabled_text", &T::signups_disabled_text),
        field("skip_issuer_checks", &T::skip_issuer_checks),
    };
    static const TypeInfo info = object("OIDCConfig", fields);
    return info;
}

const TypeInfo& describe(const HTTPCookieConfig*) {
    using T = HTTPCookieConfig;
    static const Field fields[] = {
        field("secure_auth_cookie", &T::secure_auth_cookie).omitempty(),
        field("same_site", &T::same_site).omitempty(),
    };
    static const TypeInfo info = object("HTTPCookieConfig", fields);
    return info;
}

const TypeInfo& describe(const ExternalAuthConfig*) {
    using T = ExternalAuthConfig;
    static const Field fields[] = {
        field("type", &T::type),
        field("client_id", &T::client_id),
        field("id", &T::id),
        field("auth_url", &T::auth_url),
        field("token_url", &T::token_url),
        field("validate_url", &T::validate_url),
        field("revoke_url", &T::revoke_url),
        field("app_install_url", &T::app_install_url),
        field("app_installations_url", &T::app_installations_url),
        field("no_refresh", &T::no_refresh),
        field("scopes", &T::scopes),
        field("device_flow", &T::device_flow),
        field("device_code_url", &T::device_code_url),
        field("mcp_url", &T::mcp_url),
        field("mcp_tool_allow_regex", &T::mcp_tool_allow_regex),
        field("mcp_tool_deny_regex", &T::mcp_tool_deny_regex),
        field("regex", &T::regex),
        field("display_name", &T::display_name),
        field("display_icon", &T::display_icon),
        field("code_challenge_methods_supported", &T::code_challenge_methods_supported),
    };
    static const TypeInfo info = object("ExternalAuthConfig", fields);
    return info;
}

}  // namespace berth::sdk

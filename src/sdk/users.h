#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/response.h"

namespace berth::sdk {

enum class UserStatus : std::uint8_t { unset, active, dormant, suspended, unknown };
const TypeInfo& describe(const UserStatus*);

enum class LoginType : std::uint8_t { unset, password, github, oidc, token, none, unknown };
const TypeInfo& describe(const LoginType*);

enum class TerminalFontName : std::uint8_t {
    unset,
    ibm_plex_mono,
    fira_code,
    source_code_pro,
    jetbrains_mono,
    unknown,
};
const TypeInfo& describe(const TerminalFontName*);

/// A role as lists of users show it.
struct SlimRole {
    std::string name;
    std::string display_name;
    std::string organization_id;
};
const TypeInfo& describe(const SlimRole*);

struct MinimalUser {
    Uuid id;
    std::string username;
    std::string name;
    std::string avatar_url;
};
const TypeInfo& describe(const MinimalUser*);

struct ReducedUser : MinimalUser {
    std::string email;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    base::Time last_seen_at = zero_time;
    UserStatus status{};
    LoginType login_type{};
    std::string theme_preference;
};
const TypeInfo& describe(const ReducedUser*);

struct User : ReducedUser {
    std::vector<Uuid> organization_ids;
    std::vector<SlimRole> roles;
};
const TypeInfo& describe(const User*);

struct GetUsersResponse {
    std::vector<User> users;
    std::int64_t count = 0;
};
const TypeInfo& describe(const GetUsersResponse*);

struct UsersRequest : Pagination {
    std::string search;
    UserStatus status{};
    std::string role;
    std::vector<LoginType> login_type;
    std::string q;
};
const TypeInfo& describe(const UsersRequest*);

struct CreateFirstUserTrialInfo {
    std::string first_name;
    std::string last_name;
    std::string phone_number;
    std::string job_title;
    std::string company_name;
    std::string country;
    std::string developers;
};
const TypeInfo& describe(const CreateFirstUserTrialInfo*);

struct CreateFirstUserRequest {
    std::string email;
    std::string username;
    std::string name;
    std::string password;
    bool trial = false;
    CreateFirstUserTrialInfo trial_info;
};
const TypeInfo& describe(const CreateFirstUserRequest*);

struct CreateFirstUserResponse {
    Uuid user_id;
    Uuid organization_id;
};
const TypeInfo& describe(const CreateFirstUserResponse*);

struct LicensorTrialRequest {
    std::string deployment_id;
    std::string email;
    std::string source;
    std::string first_name;
    std::string last_name;
    std::string phone_number;
    std::string job_title;
    std::string company_name;
    std::string country;
    std::string developers;
};
const TypeInfo& describe(const LicensorTrialRequest*);

struct CreateUserRequest {
    std::string email;
    std::string username;
    std::string name;
    std::string password;
    LoginType login_type{};
    bool disable_login = false;
    Uuid organization_id;
};
const TypeInfo& describe(const CreateUserRequest*);

/// `organization_id` is the older spelling: it is added to `organization_ids` when read.
struct CreateUserRequestWithOrgs {
    std::string email;
    std::string username;
    std::string name;
    std::string password;
    LoginType login_type{};
    std::optional<UserStatus> user_status;
    std::vector<Uuid> organization_ids;
    std::optional<Uuid> organization_id;
};
const TypeInfo& describe(const CreateUserRequestWithOrgs*);

struct UpdateUserProfileRequest {
    std::string username;
    std::string name;
};
const TypeInfo& describe(const UpdateUserProfileRequest*);

struct UpdateUserPasswordRequest {
    std::string old_password;
    std::string password;
};
const TypeInfo& describe(const UpdateUserPasswordRequest*);

struct UserAppearanceSettings {
    std::string theme_preference;
    TerminalFontName terminal_font{};
};
const TypeInfo& describe(const UserAppearanceSettings*);

struct UpdateUserAppearanceSettingsRequest {
    std::string theme_preference;
    TerminalFontName terminal_font{};
};
const TypeInfo& describe(const UpdateUserAppearanceSettingsRequest*);

struct UserPreferenceSettings {
    bool task_notification_alert_dismissed = false;
};
const TypeInfo& describe(const UserPreferenceSettings*);

struct UpdateUserPreferenceSettingsRequest {
    bool task_notification_alert_dismissed = false;
};
const TypeInfo& describe(const UpdateUserPreferenceSettingsRequest*);

struct UserQuietHoursScheduleResponse {
    std::string raw_schedule;
    bool user_set = false;
    bool user_can_set = false;
    std::string time;
    std::string timezone;
    base::Time next = zero_time;
};
const TypeInfo& describe(const UserQuietHoursScheduleResponse*);

struct UpdateUserQuietHoursScheduleRequest {
    std::string schedule;
};
const TypeInfo& describe(const UpdateUserQuietHoursScheduleRequest*);

struct UpdateRoles {
    std::vector<std::string> roles;
};
const TypeInfo& describe(const UpdateRoles*);

struct UserRoles {
    std::vector<std::string> roles;
    std::map<std::string, std::vector<std::string>> organization_roles;
};
const TypeInfo& describe(const UserRoles*);

struct UserParameter {
    std::string name;
    std::string value;
};
const TypeInfo& describe(const UserParameter*);

struct GitSSHKey {
    Uuid user_id;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    std::string public_key;
};
const TypeInfo& describe(const GitSSHKey*);

struct Country {
    std::string name;
    std::string flag;
};
const TypeInfo& describe(const Country*);

}  // namespace berth::sdk

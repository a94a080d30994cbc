#include "sdk/users.h"

namespace berth::sdk {

const TypeInfo& describe(const UserStatus*) {
    static constexpr std::string_view values[] = {"", "active", "dormant", "suspended", "unknown"};
    static const TypeInfo info = enumeration("UserStatus", values);
    return info;
}

const TypeInfo& describe(const LoginType*) {
    static constexpr std::string_view values[] = {
        "", "password", "github", "oidc", "token", "none", "unknown",
    };
    static const TypeInfo info = enumeration("LoginType", values);
    return info;
}

const TypeInfo& describe(const TerminalFontName*) {
    static constexpr std::string_view values[] = {
        "", "ibm-plex-mono", "fira-code", "source-code-pro", "jetbrains-mono", "unknown",
    };
    static const TypeInfo info = enumeration("TerminalFontName", values);
    return info;
}

const TypeInfo& describe(const SlimRole*) {
    using T = SlimRole;
    static const Field fields[] = {
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("organization_id", &T::organization_id).omitempty(),
    };
    static const TypeInfo info = object("SlimRole", fields);
    return info;
}

const TypeInfo& describe(const MinimalUser*) {
    using T = MinimalUser;
    static const Field fields[] = {
        field("id", &T::id),
        field("username", &T::username),
        field("name", &T::name).omitempty(),
        field("avatar_url", &T::avatar_url).omitempty(),
    };
    static const TypeInfo info = object("MinimalUser", fields);
    return info;
}

const TypeInfo& describe(const ReducedUser*) {
    using T = ReducedUser;
    static const Field fields[] = {
        embedded<T, MinimalUser>(),
        field("email", &T::email),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("last_seen_at", &T::last_seen_at).omitempty(),
        field("status", &T::status),
        field("login_type", &T::login_type),
        field("theme_preference", &T::theme_preference).omitempty(),
    };
    static const TypeInfo info = object("ReducedUser", fields);
    return info;
}

const TypeInfo& describe(const User*) {
    using T = User;
    static const Field fields[] = {
        embedded<T, ReducedUser>(),
        field("organization_ids", &T::organization_ids),
        field("roles", &T::roles),
    };
    static const TypeInfo info = object("User", fields);
    return info;
}

const TypeInfo& describe(const GetUsersResponse*) {
    using T = GetUsersResponse;
    static const Field fields[] = {
        field("users", &T::users),
        field("count", &T::count),
    };
    static const TypeInfo info = object("GetUsersResponse", fields);
    return info;
}

const TypeInfo& describe(const UsersRequest*) {
    using T = UsersRequest;
    static const Field fields[] = {
        field("search", &T::search).omitempty(), field("status", &T::status).omitempty(),
        field("role", &T::role).omitempty(),     field("login_type", &T::login_type).omitempty(),
        field("q", &T::q).omitempty(),           embedded<T, Pagination>(),
    };
    static const TypeInfo info = object("UsersRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateFirstUserTrialInfo*) {
    using T = CreateFirstUserTrialInfo;
    static const Field fields[] = {
        field("first_name", &T::first_name),     field("last_name", &T::last_name),
        field("phone_number", &T::phone_number), field("job_title", &T::job_title),
        field("company_name", &T::company_name), field("country", &T::country),
        field("developers", &T::developers),
    };
    static const TypeInfo info = object("CreateFirstUserTrialInfo", fields);
    return info;
}

const TypeInfo& describe(const CreateFirstUserRequest*) {
    using T = CreateFirstUserRequest;
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
        field("username", &T::username).required().check(Check::username),
        field("name", &T::name).check(Check::real_name),
        field("password", &T::password).required(),
        field("trial", &T::trial),
        field("trial_info", &T::trial_info),
    };
    static const TypeInfo info = object("CreateFirstUserRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateFirstUserResponse*) {
    using T = CreateFirstUserResponse;
    static const Field fields[] = {
        field("user_id", &T::user_id),
        field("organization_id", &T::organization_id),
    };
    static const TypeInfo info = object("CreateFirstUserResponse", fields);
    return info;
}

const TypeInfo& describe(const LicensorTrialRequest*) {
    using T = LicensorTrialRequest;
    static const Field fields[] = {
        field("deployment_id", &T::deployment_id),
        field("email", &T::email),
        field("source", &T::source),
        field("first_name", &T::first_name),
        field("last_name", &T::last_name),
        field("phone_number", &T::phone_number),
        field("job_title", &T::job_title),
        field("company_name", &T::company_name),
        field("country", &T::country),
        field("developers", &T::developers),
    };
    static const TypeInfo info = object("LicensorTrialRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateUserRequest*) {
    using T = CreateUserRequest;
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
        field("username", &T::username).required().check(Check::username),
        field("name", &T::name).check(Check::real_name),
        field("password", &T::password),
        field("login_type", &T::login_type),
        field("disable_login", &T::disable_login),
        field("organization_id", &T::organization_id),
    };
    static const TypeInfo info = object("CreateUserRequest", fields);
    return info;
}

const TypeInfo& describe(const CreateUserRequestWithOrgs*) {
    using T = CreateUserRequestWithOrgs;
    auto join_organizations = [](void* value) {
        auto& request = *static_cast<T*>(value);
        if (request.organization_id) request.organization_ids.push_back(*request.organization_id);
        request.organization_id.reset();
    };
    static const Field fields[] = {
        field("email", &T::email).required().check(Check::email),
        field("username", &T::username).required().check(Check::username),
        field("name", &T::name).check(Check::real_name),
        field("password", &T::password),
        field("login_type", &T::login_type),
        field("user_status", &T::user_status),
        field("organization_ids", &T::organization_ids),
        field("organization_id", &T::organization_id).omitempty().read_only(),
    };
    static const TypeInfo info = object("CreateUserRequestWithOrgs", fields, join_organizations);
    return info;
}

const TypeInfo& describe(const UpdateUserProfileRequest*) {
    using T = UpdateUserProfileRequest;
    static const Field fields[] = {
        field("username", &T::username).required().check(Check::username),
        field("name", &T::name).check(Check::real_name),
    };
    static const TypeInfo info = object("UpdateUserProfileRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserPasswordRequest*) {
    using T = UpdateUserPasswordRequest;
    static const Field fields[] = {
        field("old_password", &T::old_password),
        field("password", &T::password).required(),
    };
    static const TypeInfo info = object("UpdateUserPasswordRequest", fields);
    return info;
}

const TypeInfo& describe(const UserAppearanceSettings*) {
    using T = UserAppearanceSettings;
    static const Field fields[] = {
        field("theme_preference", &T::theme_preference),
        field("terminal_font", &T::terminal_font),
    };
    static const TypeInfo info = object("UserAppearanceSettings", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserAppearanceSettingsRequest*) {
    using T = UpdateUserAppearanceSettingsRequest;
    static const Field fields[] = {
        field("theme_preference", &T::theme_preference).required(),
        field("terminal_font", &T::terminal_font).required(),
    };
    static const TypeInfo info = object("UpdateUserAppearanceSettingsRequest", fields);
    return info;
}

const TypeInfo& describe(const UserPreferenceSettings*) {
    using T = UserPreferenceSettings;
    static const Field fields[] = {
        field("task_notification_alert_dismissed", &T::task_notification_alert_dismissed),
    };
    static const TypeInfo info = object("UserPreferenceSettings", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserPreferenceSettingsRequest*) {
    using T = UpdateUserPreferenceSettingsRequest;
    static const Field fields[] = {
        field("task_notification_alert_dismissed", &T::task_notification_alert_dismissed),
    };
    static const TypeInfo info = object("UpdateUserPreferenceSettingsRequest", fields);
    return info;
}

const TypeInfo& describe(const UserQuietHoursScheduleResponse*) {
    using T = UserQuietHoursScheduleResponse;
    static const Field fields[] = {
        field("raw_schedule", &T::raw_schedule), field("user_set", &T::user_set),
        field("user_can_set", &T::user_can_set), field("time", &T::time),
        field("timezone", &T::timezone),         field("next", &T::next),
    };
    static const TypeInfo info = object("UserQuietHoursScheduleResponse", fields);
    return info;
}

const TypeInfo& describe(const UpdateUserQuietHoursScheduleRequest*) {
    using T = UpdateUserQuietHoursScheduleRequest;
    static const Field fields[] = {
        field("schedule", &T::schedule).required(),
    };
    static const TypeInfo info = object("UpdateUserQuietHoursScheduleRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateRoles*) {
    using T = UpdateRoles;
    static const Field fields[] = {
        field("roles", &T::roles),
    };
    static const TypeInfo info = object("UpdateRoles", fields);
    return info;
}

const TypeInfo& describe(const UserRoles*) {
    using T = UserRoles;
    static const Field fields[] = {
        field("roles", &T::roles),
        field("organization_roles", &T::organization_roles),
    };
    static const TypeInfo info = object("UserRoles", fields);
    return info;
}

const TypeInfo& describe(const UserParameter*) {
    using T = UserParameter;
    static const Field fields[] = {
        field("name", &T::name),
        field("value", &T::value),
    };
    static const TypeInfo info = object("UserParameter", fields);
    return info;
}

const TypeInfo& describe(const GitSSHKey*) {
    using T = GitSSHKey;
    static const Field fields[] = {
        field("user_id", &T::user_id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("public_key", &T::public_key),
    };
    static const TypeInfo info = object("GitSSHKey", fields);
    return info;
}

const TypeInfo& describe(const Country*) {
    using T = Country;
    static const Field fields[] = {
        field("name", &T::name),
        field("flag", &T::flag),
    };
    static const TypeInfo info = object("Country", fields);
    return info;
}

}  // namespace berth::sdk

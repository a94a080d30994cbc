#include "sdk/apps.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceAppHealth*) {
    static constexpr std::string_view values[] = {
        "", "disabled", "initializing", "healthy", "unhealthy", "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAppHealth", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAppStatusState*) {
    static constexpr std::string_view values[] = {"", "working", "idle", "complete", "failure", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceAppStatusState", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAppSharingLevel*) {
    static constexpr std::string_view values[] = {
        "", "owner", "authenticated", "organization", "public", "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAppSharingLevel", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAppOpenIn*) {
    static constexpr std::string_view values[] = {"", "slim-window", "tab", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceAppOpenIn", values);
    return info;
}

const TypeInfo& describe(const Healthcheck*) {
    using T = Healthcheck;
    static const Field fields[] = {
        field("url", &T::url),
        field("interval", &T::interval),
        field("threshold", &T::threshold),
    };
    static const TypeInfo info = object("Healthcheck", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAppStatus*) {
    using T = WorkspaceAppStatus;
    static const Field fields[] = {
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("workspace_id", &T::workspace_id),
        field("agent_id", &T::agent_id),
        field("app_id", &T::app_id),
        field("state", &T::state),
        field("message", &T::message),
        field("uri", &T::uri),
        field("icon", &T::icon),
        field("needs_user_attention", &T::needs_user_attention),
    };
    static const TypeInfo info = object("WorkspaceAppStatus", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceApp*) {
    using T = WorkspaceApp;
    static const Field fields[] = {
        field("id", &T::id),
        field("url", &T::url).omitempty(),
        field("external", &T::external),
        field("slug", &T::slug),
        field("display_name", &T::display_name).omitempty(),
        field("command", &T::command).omitempty(),
        field("icon", &T::icon).omitempty(),
        field("subdomain", &T::subdomain),
        field("subdomain_name", &T::subdomain_name).omitempty(),
        field("sharing_level", &T::sharing_level),
        field("healthcheck", &T::healthcheck).omitempty(),
        field("health", &T::health),
        field("group", &T::group).omitempty(),
        field("hidden", &T::hidden),
        field("open_in", &T::open_in),
        field("tooltip", &T::tooltip).omitempty(),
        field("statuses", &T::statuses),
    };
    static const TypeInfo info = object("WorkspaceApp", fields);
    return info;
}

const TypeInfo& describe(const AppHostResponse*) {
    using T = AppHostResponse;
    static const Field fields[] = {
        field("host", &T::host),
    };
    static const TypeInfo info = object("AppHostResponse", fields);
    return info;
}

const TypeInfo& describe(const IssueReconnectingPTYSignedTokenRequest*) {
    using T = IssueReconnectingPTYSignedTokenRequest;
    static const Field fields[] = {
        field("url", &T::url).required(),
        field("agentID", &T::agent_id).required(),
    };
    static const TypeInfo info = object("IssueReconnectingPTYSignedTokenRequest", fields);
    return info;
}

const TypeInfo& describe(const IssueReconnectingPTYSignedTokenResponse*) {
    using T = IssueReconnectingPTYSignedTokenResponse;
    static const Field fields[] = {
        field("signed_token", &T::signed_token),
    };
    static const TypeInfo info = object("IssueReconnectingPTYSignedTokenResponse", fields);
    return info;
}

}  // namespace berth::sdk

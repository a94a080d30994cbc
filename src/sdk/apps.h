#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class WorkspaceAppHealth : std::uint8_t { unset, disabled, initializing, healthy, unhealthy, unknown };
const TypeInfo& describe(const WorkspaceAppHealth*);

enum class WorkspaceAppStatusState : std::uint8_t { unset, working, idle, complete, failure, unknown };
const TypeInfo& describe(const WorkspaceAppStatusState*);

enum class WorkspaceAppSharingLevel : std::uint8_t {
    unset,
    owner,
    authenticated,
    organization,
    public_,
    unknown,
};
const TypeInfo& describe(const WorkspaceAppSharingLevel*);

enum class WorkspaceAppOpenIn : std::uint8_t { unset, slim_window, tab, unknown };
const TypeInfo& describe(const WorkspaceAppOpenIn*);

struct Healthcheck {
    std::string url;
    std::int32_t interval = 0;
    std::int32_t threshold = 0;
};
const TypeInfo& describe(const Healthcheck*);

struct WorkspaceAppStatus {
    Uuid id;
    base::Time created_at = zero_time;
    Uuid workspace_id;
    Uuid agent_id;
    Uuid app_id;
    WorkspaceAppStatusState state{};
    std::string message;
    std::string uri;
    std::string icon;
    bool needs_user_attention = false;
};
const TypeInfo& describe(const WorkspaceAppStatus*);

struct WorkspaceApp {
    Uuid id;
    std::string url;
    bool external = false;
    std::string slug;
    std::string display_name;
    std::string command;
    std::string icon;
    bool subdomain = false;
    std::string subdomain_name;
    WorkspaceAppSharingLevel sharing_level{};
    Healthcheck healthcheck;
    WorkspaceAppHealth health{};
    std::string group;
    bool hidden = false;
    WorkspaceAppOpenIn open_in{};
    std::string tooltip;
    std::vector<WorkspaceAppStatus> statuses;
};
const TypeInfo& describe(const WorkspaceApp*);

struct AppHostResponse {
    std::string host;
};
const TypeInfo& describe(const AppHostResponse*);

struct IssueReconnectingPTYSignedTokenRequest {
    std::string url;
    Uuid agent_id;
};
const TypeInfo& describe(const IssueReconnectingPTYSignedTokenRequest*);

struct IssueReconnectingPTYSignedTokenResponse {
    std::string signed_token;
};
const TypeInfo& describe(const IssueReconnectingPTYSignedTokenResponse*);

}  // namespace berth::sdk

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

enum class ProxyHealthStatus : std::uint8_t { unset, ok, unreachable, unhealthy, unregistered, unknown };
const TypeInfo& describe(const ProxyHealthStatus*);

struct ProxyHealthReport {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};
const TypeInfo& describe(const ProxyHealthReport*);

struct WorkspaceProxyStatus {
    ProxyHealthStatus status{};
    ProxyHealthReport report;
    base::Time checked_at = zero_time;
};
const TypeInfo& describe(const WorkspaceProxyStatus*);

struct Region {
    Uuid id;
    std::string name;
    std::string display_name;
    std::string icon_url;
    bool healthy = false;
    std::string path_app_url;
    std::string wildcard_hostname;
};
const TypeInfo& describe(const Region*);

struct WorkspaceProxy : Region {
    bool derp_enabled = false;
    bool derp_only = false;
    WorkspaceProxyStatus status;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    bool deleted = false;
    std::string version;
};
const TypeInfo& describe(const WorkspaceProxy*);

struct RegionsResponse {
    std::vector<Region> regions;
};
const TypeInfo& describe(const RegionsResponse*);

struct WorkspaceProxiesResponse {
    std::vector<WorkspaceProxy> regions;
};
const TypeInfo& describe(const WorkspaceProxiesResponse*);

struct CreateWorkspaceProxyRequest {
    std::string name;
    std::string display_name;
    std::string icon;
};
const TypeInfo& describe(const CreateWorkspaceProxyRequest*);

struct UpdateWorkspaceProxyResponse {
    WorkspaceProxy proxy;
    std::string proxy_token;
};
const TypeInfo& describe(const UpdateWorkspaceProxyResponse*);

struct PatchWorkspaceProxy {
    Uuid id;
    std::string name;
    std::string display_name;
    std::string icon;
    bool regenerate_token = false;
};
const TypeInfo& describe(const PatchWorkspaceProxy*);

}  // namespace berth::sdk

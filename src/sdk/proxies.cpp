#include "sdk/proxies.h"

namespace berth::sdk {

const TypeInfo& describe(const ProxyHealthStatus*) {
    static constexpr std::string_view values[] = {
        "", "ok", "unreachable", "unhealthy", "unregistered", "unknown",
    };
    static const TypeInfo info = enumeration("ProxyHealthStatus", values);
    return info;
}

const TypeInfo& describe(const ProxyHealthReport*) {
    using T = ProxyHealthReport;
    static const Field fields[] = {
        field("errors", &T::errors),
        field("warnings", &T::warnings),
    };
    static const TypeInfo info = object("ProxyHealthReport", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceProxyStatus*) {
    using T = WorkspaceProxyStatus;
    static const Field fields[] = {
        field("status", &T::status),
        field("report", &T::report).omitempty(),
        field("checked_at", &T::checked_at),
    };
    static const TypeInfo info = object("WorkspaceProxyStatus", fields);
    return info;
}

const TypeInfo& describe(const Region*) {
    using T = Region;
    static const Field fields[] = {
        field("id", &T::id),
        field("name", &T::name),
        field("display_name", &T::display_name),
        field("icon_url", &T::icon_url),
        field("healthy", &T::healthy),
        field("path_app_url", &T::path_app_url),
        field("wildcard_hostname", &T::wildcard_hostname),
    };
    static const TypeInfo info = object("Region", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceProxy*) {
    using T = WorkspaceProxy;
    static const Field fields[] = {
        embedded<T, Region>(),
        field("derp_enabled", &T::derp_enabled),
        field("derp_only", &T::derp_only),
        field("status", &T::status).omitempty(),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("deleted", &T::deleted),
        field("version", &T::version),
    };
    static const TypeInfo info = object("WorkspaceProxy", fields);
    return info;
}

const TypeInfo& describe(const RegionsResponse*) {
    using T = RegionsResponse;
    static const Field fields[] = {
        field("regions", &T::regions),
    };
    static const TypeInfo info = object("RegionsResponse", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceProxiesResponse*) {
    using T = WorkspaceProxiesResponse;
    static const Field fields[] = {
        field("regions", &T::regions),
    };
    static const TypeInfo info = object("WorkspaceProxiesResponse", fields);
    return info;
}

const TypeInfo& describe(const CreateWorkspaceProxyRequest*) {
    using T = CreateWorkspaceProxyRequest;
    static const Field fields[] = {
        field("name", &T::name).required(),
        field("display_name", &T::display_name),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("CreateWorkspaceProxyRequest", fields);
    return info;
}

const TypeInfo& describe(const UpdateWorkspaceProxyResponse*) {
    using T = UpdateWorkspaceProxyResponse;
    static const Field fields[] = {
        field("proxy", &T::proxy),
        field("proxy_token", &T::proxy_token),
    };
    static const TypeInfo info = object("UpdateWorkspaceProxyResponse", fields);
    return info;
}

const TypeInfo& describe(const PatchWorkspaceProxy*) {
    using T = PatchWorkspaceProxy;
    static const Field fields[] = {
        field("id", &T::id).required(),
        field("name", &T::name).required(),
        field("display_name", &T::display_name).required(),
        field("icon", &T::icon).required(),
        field("regenerate_token", &T::regenerate_token),
    };
    static const TypeInfo info = object("PatchWorkspaceProxy", fields);
    return info;
}

}  // namespace berth::sdk

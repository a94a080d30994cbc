#include "sdk/agents.h"

namespace berth::sdk {

const TypeInfo& describe(const WorkspaceAgentStatus*) {
    static constexpr std::string_view values[] = {
        "", "connecting", "connected", "disconnected", "timeout", "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAgentStatus", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentLifecycle*) {
    static constexpr std::string_view values[] = {
        "",        "created",       "starting",         "start_timeout",  "start_error",
        "ready",   "shutting_down", "shutdown_timeout", "shutdown_error", "off",
        "unknown",
    };
    static const TypeInfo info = enumeration("WorkspaceAgentLifecycle", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentStartupScriptBehavior*) {
    static constexpr std::string_view values[] = {"", "blocking", "non-blocking", "unknown"};
    static const TypeInfo info = enumeration("WorkspaceAgentStartupScriptBehavior", values);
    return info;
}

const TypeInfo& describe(const DisplayApp*) {
    static constexpr std::string_view values[] = {
        "", "vscode", "vscode_insiders", "web_terminal", "port_forwarding_helper", "ssh_helper", "unknown",
    };
    static const TypeInfo info = enumeration("DisplayApp", values);
    return info;
}

const TypeInfo& describe(const AgentSubsystem*) {
    static constexpr std::string_view values[] = {"", "envbox", "envbuilder", "exectrace", "unknown"};
    static const TypeInfo info = enumeration("AgentSubsystem", values);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentHealth*) {
    using T = WorkspaceAgentHealth;
    static const Field fields[] = {
        field("healthy", &T::healthy),
        field("reason", &T::reason).omitempty(),
    };
    static const TypeInfo info = object("WorkspaceAgentHealth", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentLogSource*) {
    using T = WorkspaceAgentLogSource;
    static const Field fields[] = {
        field("workspace_agent_id", &T::workspace_agent_id),
        field("id", &T::id),
        field("created_at", &T::created_at),
        field("display_name", &T::display_name),
        field("icon", &T::icon),
    };
    static const TypeInfo info = object("WorkspaceAgentLogSource", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentScript*) {
    using T = WorkspaceAgentScript;
    static const Field fields[] = {
        field("id", &T::id),
        field("log_source_id", &T::log_source_id),
        field("log_path", &T::log_path),
        field("script", &T::script),
        field("cron", &T::cron),
        field("run_on_start", &T::run_on_start),
        field("run_on_stop", &T::run_on_stop),
        field("start_blocks_login", &T::start_blocks_login),
        field("timeout", &T::timeout),
        field("display_name", &T::display_name),
    };
    static const TypeInfo info = object("WorkspaceAgentScript", fields);
    return info;
}

const TypeInfo& describe(const DERPRegion*) {
    using T = DERPRegion;
    static const Field fields[] = {
        field("preferred", &T::preferred),
        field("latency_ms", &T::latency_ms),
    };
    static const TypeInfo info = object("DERPRegion", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgent*) {
    using T = WorkspaceAgent;
    static const Field fields[] = {
        field("id", &T::id),
        field("parent_id", &T::parent_id),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("first_connected_at", &T::first_connected_at).omitempty(),
        field("last_connected_at", &T::last_connected_at).omitempty(),
        field("disconnected_at", &T::disconnected_at).omitempty(),
        field("started_at", &T::started_at).omitempty(),
        field("ready_at", &T::ready_at).omitempty(),
        field("status", &T::status),
        field("lifecycle_state", &T::lifecycle_state),
        field("name", &T::name),
        field("resource_id", &T::resource_id),
        field("instance_id", &T::instance_id).omitempty(),
        field("architecture", &T::architecture),
        field("environment_variables", &T::environment_variables),
        field("operating_system", &T::operating_system),
        field("logs_length", &T::logs_length),
        field("logs_overflowed", &T::logs_overflowed),
        field("directory", &T::directory).omitempty(),
        field("expanded_directory", &T::expanded_directory).omitempty(),
        field("version", &T::version),
        field("api_version", &T::api_version),
        field("apps", &T::apps),
        field("latency", &T::latency).omitempty(),
        field("connection_timeout_seconds", &T::connection_timeout_seconds),
        field("troubleshooting_url", &T::troubleshooting_url),
        field("subsystems", &T::subsystems),
        field("health", &T::health),
        field("display_apps", &T::display_apps),
        field("log_sources", &T::log_sources),
        field("scripts", &T::scripts),
        field("startup_script_behavior", &T::startup_script_behavior),
    };
    static const TypeInfo info = object("WorkspaceAgent", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentLog*) {
    using T = WorkspaceAgentLog;
    static const Field fields[] = {
        field("id", &T::id),       field("created_at", &T::created_at), field("output", &T::output),
        field("level", &T::level), field("source_id", &T::source_id),
    };
    static const TypeInfo info = object("WorkspaceAgentLog", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentMetadataResult*) {
    using T = WorkspaceAgentMetadataResult;
    static const Field fields[] = {
        field("collected_at", &T::collected_at),
        field("age", &T::age),
        field("value", &T::value),
        field("error", &T::error),
    };
    static const TypeInfo info = object("WorkspaceAgentMetadataResult", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentMetadataDescription*) {
    using T = WorkspaceAgentMetadataDescription;
    static const Field fields[] = {
        field("display_name", &T::display_name), field("key", &T::key),         field("script", &T::script),
        field("interval", &T::interval),         field("timeout", &T::timeout),
    };
    static const TypeInfo info = object("WorkspaceAgentMetadataDescription", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentMetadata*) {
    using T = WorkspaceAgentMetadata;
    static const Field fields[] = {
        field("result", &T::result),
        field("description", &T::description),
    };
    static const TypeInfo info = object("WorkspaceAgentMetadata", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentListeningPort*) {
    using T = WorkspaceAgentListeningPort;
    static const Field fields[] = {
        field("process_name", &T::process_name),
        field("network", &T::network),
        field("port", &T::port),
    };
    static const TypeInfo info = object("WorkspaceAgentListeningPort", fields);
    return info;
}

const TypeInfo& describe(const WorkspaceAgentListeningPortsResponse*) {
    using T = WorkspaceAgentListeningPortsResponse;
    static const Field fields[] = {
        field("ports", &T::ports),
    };
    static const TypeInfo info = object("WorkspaceAgentListeningPortsResponse", fields);
    return info;
}

const TypeInfo& describe(const ExternalAgentCredentials*) {
    using T = ExternalAgentCredentials;
    static const Field fields[] = {
        field("command", &T::command),
        field("agent_token", &T::agent_token),
    };
    static const TypeInfo info = object("ExternalAgentCredentials", fields);
    return info;
}

const TypeInfo& describe(const AgentStatsReportResponse*) {
    using T = AgentStatsReportResponse;
    static const Field fields[] = {
        field("num_comms", &T::num_comms),
        field("rx_bytes", &T::rx_bytes),
        field("tx_bytes", &T::tx_bytes),
    };
    static const TypeInfo info = object("AgentStatsReportResponse", fields);
    return info;
}

}  // namespace berth::sdk

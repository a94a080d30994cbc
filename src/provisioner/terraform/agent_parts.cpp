#include "provisioner/terraform/agent_parts.h"

#include <fmt/format.h>

#include "provisioner/terraform/json_access.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

void add_display_apps(const json::object& values, pb::DisplayApps& out) {
    const auto* block = block_of(values, "display_apps");
    out.set_vscode(block == nullptr || bool_of(*block, "vscode"));
    out.set_vscode_insiders(block != nullptr && bool_of(*block, "vscode_insiders"));
    out.set_web_terminal(block == nullptr || bool_of(*block, "web_terminal"));
    out.set_ssh_helper(block == nullptr || bool_of(*block, "ssh_helper"));
    out.set_port_forwarding_helper(block == nullptr || bool_of(*block, "port_forwarding_helper"));
}

void add_metadata(const json::object& values, pb::Agent& agent) {
    for (const auto& item : array_of(values, "metadata")) {
        const auto* object = item.if_object();
        if (object == nullptr) continue;
        auto* out = agent.add_metadata();
        out->set_key(string_of(*object, "key"));
        out->set_display_name(string_of(*object, "display_name"));
        out->set_script(string_of(*object, "script"));
        out->set_interval(int_of(*object, "interval"));
        out->set_timeout(int_of(*object, "timeout"));
        out->set_order(int_of(*object, "order"));
    }
}

void add_monitoring(const json::object& values, pb::Agent& agent) {
    const auto* block = block_of(values, "resources_monitoring");
    if (block == nullptr) return;
    auto* out = agent.mutable_resources_monitoring();
    if (const auto* memory = block_of(*block, "memory")) {
        out->mutable_memory()->set_enabled(bool_of(*memory, "enabled"));
        out->mutable_memory()->set_threshold(int32_of(*memory, "threshold"));
    }
    for (const auto& item : array_of(*block, "volume")) {
        const auto* object = item.if_object();
        if (object == nullptr) continue;
        auto* volume = out->add_volumes();
        volume->set_path(string_of(*object, "path"));
        volume->set_enabled(bool_of(*object, "enabled"));
        volume->set_threshold(int32_of(*object, "threshold"));
    }
}

/// startup_script and shutdown_script are scripts like any other, with fixed names.
void add_built_in_scripts(const json::object& values, pb::Agent& agent) {
    if (auto script = text_of(values, "startup_script"); !script.empty()) {
        auto* out = agent.add_scripts();
        out->set_display_name("Startup Script");
        out->set_icon("/emojis/25b6-fe0f.png");
        out->set_log_path("coder-startup-script.log");
        out->set_script(std::string(script));
        out->set_run_on_start(true);
        out->set_start_blocks_login(text_of(values, "startup_script_behavior") == "blocking");
    }
    if (auto script = text_of(values, "shutdown_script"); !script.empty()) {
        auto* out = agent.add_scripts();
        out->set_display_name("Shutdown Script");
        out->set_icon("/emojis/25c0.png");
        out->set_log_path("coder-shutdown-script.log");
        out->set_script(std::string(script));
        out->set_run_on_stop(true);
    }
}

}  // namespace

pb::Agent make_agent(const Instance& instance) {
    const auto& values = instance.values;
    pb::Agent agent;
    agent.set_id(string_of(values, "id"));
    agent.set_name(instance.name);
    agent.set_operating_system(string_of(values, "os"));
    agent.set_architecture(string_of(values, "arch"));
    agent.set_directory(string_of(values, "dir"));
    agent.set_connection_timeout_seconds(int32_of(values, "connection_timeout"));
    agent.set_troubleshooting_url(string_of(values, "troubleshooting_url"));
    agent.set_motd_file(string_of(values, "motd_file"));
    agent.set_order(int_of(values, "order"));
    agent.set_api_key_scope(string_of(values, "api_key_scope"));
    if (const auto* env = object_of(values, "env"))
        for (const auto& [name, value] : *env)
            if (value.is_string())
                (*agent.mutable_env())[std::string(name)] = std::string(value.get_string());
    auto auth = text_of(values, "auth");
    if (auth.empty() || auth == "token") {
        agent.set_token(string_of(values, "token"));
    } else {
        agent.set_instance_id("");
    }
    add_metadata(values, agent);
    add_display_apps(values, *agent.mutable_display_apps());
    add_monitoring(values, agent);
    add_built_in_scripts(values, agent);
    return agent;
}

Result<pb::App> make_app(const Instance& instance) {
    const auto& values = instance.values;
    pb::App app;
    app.set_id(string_of(values, "id"));
    app.set_slug(values.contains("slug") ? string_of(values, "slug") : instance.name);
    app.set_display_name(string_of(values, "display_name"));
    app.set_command(string_of(values, "command"));
    app.set_url(string_of(values, "url"));
    app.set_icon(string_of(values, "icon"));
    app.set_subdomain(bool_of(values, "subdomain"));
    app.set_external(bool_of(values, "external"));
    app.set_order(int_of(values, "order"));
    app.set_hidden(bool_of(values, "hidden"));
    app.set_group(string_of(values, "group"));
    app.set_tooltip(string_of(values, "tooltip"));

    auto share = text_of(values, "share");
    if (share == "authenticated") {
        app.set_sharing_level(pb::AUTHENTICATED);
    } else if (share == "public") {
        app.set_sharing_level(pb::PUBLIC);
    } else if (!share.empty() && share != "owner") {
        return invalid_argument(fmt::format("{}: share = \"{}\" is not known (owner, authenticated, public)",
                                            instance.address, share));
    }
    auto open_in = text_of(values, "open_in");
    if (open_in.empty() || open_in == "slim-window") {
        app.set_open_in(pb::SLIM_WINDOW);
    } else if (open_in == "tab") {
        app.set_open_in(pb::TAB);
    } else if (open_in == "window") {
        app.set_open_in(pb::WINDOW);
    } else {
        return invalid_argument(fmt::format("{}: open_in = \"{}\" is not known", instance.address, open_in));
    }
    // Set only where the template has one: a message without stays without.
    if (const auto* check = block_of(values, "healthcheck")) {
        app.mutable_healthcheck()->set_url(string_of(*check, "url"));
        app.mutable_healthcheck()->set_interval(int32_of(*check, "interval"));
        app.mutable_healthcheck()->set_threshold(int32_of(*check, "threshold"));
    }
    return app;
}

pb::Script make_script(const Instance& instance) {
    const auto& values = instance.values;
    pb::Script script;
    script.set_display_name(string_of(values, "display_name"));
    script.set_icon(string_of(values, "icon"));
    script.set_script(string_of(values, "script"));
    script.set_cron(string_of(values, "cron"));
    script.set_start_blocks_login(bool_of(values, "start_blocks_login"));
    script.set_run_on_start(bool_of(values, "run_on_start"));
    script.set_run_on_stop(bool_of(values, "run_on_stop"));
    script.set_timeout_seconds(int32_of(values, "timeout"));
    script.set_log_path(string_of(values, "log_path"));
    return script;
}

pb::Env make_env(const Instance& instance) {
    pb::Env env;
    env.set_name(string_of(instance.values, "name"));
    env.set_value(string_of(instance.values, "value"));
    env.set_merge_strategy(string_of(instance.values, "merge_strategy"));
    return env;
}

pb::Devcontainer make_devcontainer(const Instance& instance) {
    pb::Devcontainer devcontainer;
    devcontainer.set_name(instance.name);
    devcontainer.set_id(string_of(instance.values, "id"));
    devcontainer.set_subagent_id(string_of(instance.values, "subagent_id"));
    devcontainer.set_workspace_folder(string_of(instance.values, "workspace_folder"));
    devcontainer.set_config_path(string_of(instance.values, "config_path"));
    return devcontainer;
}

}  // namespace berth::terraform

#include "provisioner/terraform/environment.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/text.h"

extern char** environ;  // NOLINT: POSIX names it so

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

/// Linux refuses longer "NAME=value" strings (MAX_ARG_STRLEN).
constexpr std::size_t max_entry = 128 << 10;

constexpr std::array<std::string_view, 4> stripped_prefixes{"CODER_", "TF_VAR_", "TF_CLI_ARGS", "TF_LOG"};
constexpr std::array<std::string_view, 3> stripped_names{"TF_DATA_DIR", "TF_WORKSPACE",
                                                         "TF_REATTACH_PROVIDERS"};

bool is_stripped(std::string_view name) {
    for (auto prefix : stripped_prefixes)
        if (name.starts_with(prefix)) return true;
    for (auto stripped : stripped_names)
        if (name == stripped) return true;
    return false;
}

std::string_view transition_name(pb::WorkspaceTransition transition) {
    switch (transition) {
        case pb::STOP:
            return "stop";
        case pb::DESTROY:
            return "delete";
        default:
            return "start";
    }
}

/// Collects variables and remembers the first that cannot be passed.
class Builder {
public:
    explicit Builder(Environment start) : environment_(std::move(start)) {}

    void set(std::string name, std::string value, std::string_view whose) {
        if (problem_) return;
        if (name.find('\0') != std::string::npos || name.find('=') != std::string::npos || name.empty())
            problem_ = fmt::format("the name of {} cannot be an environment variable's", whose);
        else if (value.find('\0') != std::string::npos)
            problem_ = fmt::format("{} holds a NUL byte", whose);
        else if (name.size() + value.size() + 2 > max_entry)
            problem_ = fmt::format("{} is longer than {} KiB", whose, max_entry >> 10);
        else
            environment_[std::move(name)] = std::move(value);
    }
    /// The provider treats most variables that are empty like absent ones, but not all of them.
    void set_if(std::string name, const std::string& value, std::string_view whose) {
        if (!value.empty()) set(std::move(name), value, whose);
    }
    Result<Environment> finish() && {
        if (problem_) return invalid_argument(*problem_);
        return std::move(environment_);
    }

private:
    Environment environment_;
    std::optional<std::string> problem_;
};

void add_owner(Builder& out, const pb::Metadata& metadata) {
    out.set_if("CODER_WORKSPACE_OWNER", metadata.workspace_owner(), "the owner's name");
    out.set_if("CODER_WORKSPACE_OWNER_ID", metadata.workspace_owner_id(), "the owner's id");
    out.set_if("CODER_WORKSPACE_OWNER_NAME", metadata.workspace_owner_name(), "the owner's full name");
    out.set_if("CODER_WORKSPACE_OWNER_EMAIL", metadata.workspace_owner_email(), "the owner's email");
    out.set_if("CODER_WORKSPACE_OWNER_LOGIN_TYPE", metadata.workspace_owner_login_type(),
               "the owner's login type");
    out.set_if("CODER_WORKSPACE_OWNER_SSH_PUBLIC_KEY", metadata.workspace_owner_ssh_public_key(),
               "the owner's public key");
    out.set_if("CODER_WORKSPACE_OWNER_SSH_PRIVATE_KEY", metadata.workspace_owner_ssh_private_key(),
               "the owner's private key");
    out.set_if("CODER_WORKSPACE_OWNER_SESSION_TOKEN", metadata.workspace_owner_session_token(),
               "the owner's session token");
    out.set_if("CODER_WORKSPACE_OWNER_OIDC_ACCESS_TOKEN", metadata.workspace_owner_oidc_access_token(),
               "the owner's identity token");
    json::array groups;
    for (const auto& group : metadata.workspace_owner_groups())
        groups.emplace_back(group);
    out.set("CODER_WORKSPACE_OWNER_GROUPS", json::serialize(groups), "the owner's groups");
    json::array roles;
    for (const auto& role : metadata.workspace_owner_rbac_roles())
        roles.push_back(json::object{{"name", role.name()}, {"org_id", role.org_id()}});
    out.set("CODER_WORKSPACE_OWNER_RBAC_ROLES", json::serialize(roles), "the owner's roles");
}

void add_workspace(Builder& out, const pb::Metadata& metadata) {
    out.set_if("CODER_AGENT_URL", metadata.coder_url(), "the access URL");
    out.set("CODER_WORKSPACE_TRANSITION", std::string(transition_name(metadata.workspace_transition())),
            "the transition");
    out.set_if("CODER_WORKSPACE_BUILD_ID", metadata.workspace_build_id(), "the build's id");
    out.set_if("CODER_WORKSPACE_ID", metadata.workspace_id(), "the workspace's id");
    out.set_if("CODER_WORKSPACE_NAME", metadata.workspace_name(), "the workspace's name");
    out.set_if("CODER_WORKSPACE_TEMPLATE_ID", metadata.template_id(), "the template's id");
    out.set_if("CODER_WORKSPACE_TEMPLATE_NAME", metadata.template_name(), "the template's name");
    out.set_if("CODER_WORKSPACE_TEMPLATE_VERSION", metadata.template_version(),
               "the template version's name");
    out.set_if("CODER_TASK_ID", metadata.task_id(), "the task's id");
    out.set_if("CODER_TASK_PROMPT", metadata.task_prompt(), "the task's prompt");
    if (metadata.prebuilt_workspace_build_stage() == pb::CREATE)
        out.set("CODER_WORKSPACE_IS_PREBUILD", "true", "the prebuild mark");
    if (metadata.prebuilt_workspace_build_stage() == pb::CLAIM)
        out.set("CODER_WORKSPACE_IS_PREBUILD_CLAIM", "true", "the prebuild mark");
}

void add_running_agents(Builder& out, const pb::Metadata& metadata) {
    // All releases of the provider look a token up by the hash of no name at all, for every agent alike. By
    // id is what they intend to do, so several tokens reach nobody who is not meant.
    bool only = metadata.running_agent_auth_tokens_size() == 1;
    for (const auto& running : metadata.running_agent_auth_tokens())
        out.set("CODER_RUNNING_WORKSPACE_AGENT_TOKEN_" + base::sha256_hex(only ? "" : running.agent_id()),
                running.token(), "a running agent's token");
}

void add_init_scripts(Builder& out, const InitScript& init_script) {
    if (!init_script) return;
    for (std::string_view os : {"linux", "darwin", "windows"}) {
        for (std::string_view arch : {"amd64", "arm64", "armv7"}) {
            auto script = init_script(os, arch);
            if (script)
                out.set(fmt::format("CODER_AGENT_SCRIPT_{}_{}", os, arch), *script,
                        "the agent's start script");
        }
    }
}

void add_inputs(Builder& out, const pb::PlanRequest& inputs) {
    for (const auto& parameter : inputs.rich_parameter_values())
        out.set("CODER_PARAMETER_" + base::sha256_hex(parameter.name()), parameter.value(),
                fmt::format("parameter \"{}\"", parameter.name()));
    for (const auto& parameter : inputs.previous_parameter_values())
        out.set("CODER_PARAMETER_PREVIOUS_" + base::sha256_hex(parameter.name()), parameter.value(),
                fmt::format("the previous value of parameter \"{}\"", parameter.name()));
    for (const auto& variable : inputs.variable_values())
        out.set("TF_VAR_" + variable.name(), variable.value(),
                fmt::format("variable \"{}\"", variable.name()));
    for (const auto& account : inputs.external_auth_providers())
        out.set("CODER_EXTERNAL_AUTH_ACCESS_TOKEN_" + account.id(), account.access_token(),
                fmt::format("the token of external account \"{}\"", account.id()));
}

void add_secrets(Builder& out, const pb::PlanRequest& inputs) {
    for (const auto& secret : inputs.user_secrets()) {
        if (!secret.env_name().empty())
            out.set("CODER_SECRET_ENV_" + secret.env_name(), secret.value(), "a user secret");
        const auto& path = secret.file_path();
        if (path.empty()) continue;
        auto hex = base::hex_encode({reinterpret_cast<const std::uint8_t*>(path.data()), path.size()});
        out.set("CODER_SECRET_FILE_" + hex, secret.value(), "a user secret");
    }
}

}  // namespace

Environment base_environment(const std::vector<std::string>& host) {
    Environment environment;
    for (const auto& entry : host) {
        auto equals = entry.find('=');
        if (equals == std::string::npos || equals == 0) continue;
        auto name = entry.substr(0, equals);
        if (!is_stripped(name)) environment[name] = entry.substr(equals + 1);
    }
    environment["TF_IN_AUTOMATION"] = "1";
    environment["TF_INPUT"] = "0";
    environment["CHECKPOINT_DISABLE"] = "1";
    return environment;
}

Result<Environment> build_environment(const Environment& base, const pb::Metadata& metadata,
                                      const pb::PlanRequest& inputs, const InitScript& init_script,
                                      bool secrets) {
    Builder out(base);
    add_workspace(out, metadata);
    add_owner(out, metadata);
    add_running_agents(out, metadata);
    add_init_scripts(out, init_script);
    add_inputs(out, inputs);
    if (secrets && metadata.workspace_transition() == pb::START) add_secrets(out, inputs);
    return std::move(out).finish();
}

Environment with_rare_collections(Environment environment) {
    environment.emplace("GOGC", "400");
    return environment;
}

std::vector<std::string> to_vector(const Environment& environment) {
    std::vector<std::string> entries;
    entries.reserve(environment.size());
    for (const auto& [name, value] : environment)
        entries.push_back(name + "=" + value);
    return entries;
}

std::vector<std::string> host_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    return entries;
}

}  // namespace berth::terraform

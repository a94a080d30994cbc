#include "agent/workspace.h"

#include "agent/secret_files.h"
#include "base/crypto.h"

#include "agent.pb.h"

namespace berth::agent {

Variables Workspace::command_environment() const {
    Variables out = base;
    out["USER"] = account.name;
    out["LOGNAME"] = account.name;
    out["HOME"] = account.home.string();
    out["SHELL"] = account.shell;
    out["CODER"] = "true";
    if (!url.empty()) out["CODER_AGENT_URL"] = url;
    if (!workspace_name.empty()) out["CODER_WORKSPACE_NAME"] = workspace_name;
    if (!owner_name.empty()) out["CODER_WORKSPACE_OWNER_NAME"] = owner_name;
    if (!agent_name.empty()) out["CODER_WORKSPACE_AGENT_NAME"] = agent_name;
    if (!port_proxy_uri.empty()) out["VSCODE_PROXY_URI"] = port_proxy_uri;
    if (!out.contains("PATH")) out["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const Variables before = out;
    // Values may build on what was there ("$PATH:/opt/tools/bin").
    for (const auto& [name, value] : variables)
        out[name] = expand_variables(value, before);
    for (const auto& [name, value] : secrets)
        out[name] = value;
    prepend_path(out, link_directory);
    return out;
}

std::filesystem::path Workspace::working_directory() const {
    std::error_code ignored;
    for (const auto& candidate : {directory, account.home})
        if (!candidate.empty() && std::filesystem::is_directory(candidate, ignored)) return candidate;
    return "/";
}

Result<void> Workspace::apply(const coder::agent::v2::Manifest& manifest) {
    workspace_name = manifest.workspace_name();
    owner_name = manifest.owner_username();
    agent_name = manifest.agent_name();
    port_proxy_uri = manifest.vs_code_port_proxy_uri();
    variables.clear();
    for (const auto& [name, value] : manifest.environment_variables())
        if (!name.empty() && name.find_first_of(std::string_view("=\0", 2)) == std::string::npos &&
            value.find('\0') == std::string::npos)
            variables[name] = value;
    secrets.clear();
    for (const auto& secret : manifest.secrets())
        if (!secret.env_name().empty() && secret.value().find('\0') == std::string::npos)
            secrets[secret.env_name()] = secret.value();
    const Variables environment = command_environment();
    directory = expand_path(manifest.directory(), account, environment);
    motd_path = expand_path(manifest.motd_path(), account, environment);

    SecretFiles files;
    for (const auto& secret : manifest.secrets())
        if (!secret.file_path().empty())
            files[expand_path(secret.file_path(), account, environment)] = secret.value();
    return place_secret_files(secrets_record(manifest), files);
}

/// Of this agent alone: others may share its home directory and be given other secrets.
std::filesystem::path Workspace::secrets_record(const coder::agent::v2::Manifest& manifest) const {
    auto name = base::sha256_hex(manifest.workspace_id() + agent_name).substr(0, 32) + ".json";
    return account.home / ".config" / "berth" / "secret-files" / name;
}

}  // namespace berth::agent

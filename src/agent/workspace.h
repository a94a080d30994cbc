#pragma once

#include <filesystem>
#include <string>

#include "agent/environment.h"

namespace coder::agent::v2 {
class Manifest;
}

namespace berth::agent {

/// Where commands run and what they see: the agent's own surroundings, completed by the server's manifest.
struct Workspace {
    Account account;
    /// The agent's own environment; commands inherit it.
    Variables base;
    std::string url;
    /// Put at the front of PATH; holds the links `coder` and `berth` to this program. Empty for none.
    std::filesystem::path link_directory;

    std::string workspace_name;
    std::string owner_name;
    std::string agent_name;
    std::string port_proxy_uri;
    Variables variables;
    /// Values of the owner's secrets; never logged.
    Variables secrets;
    /// Expanded; empty until the manifest came or when it names none.
    std::filesystem::path directory;
    std::filesystem::path motd_path;

    /// The environment of every command, script and session.
    [[nodiscard]] Variables command_environment() const;
    /// The manifest's directory when it exists, else the home directory, else "/".
    [[nodiscard]] std::filesystem::path working_directory() const;
    /// Takes over what the manifest says, writes its secret files (0600), and removes those that earlier
    /// manifests had and this has not. Fails with the first file that could not be written; everything else
    /// is taken over all the same.
    Result<void> apply(const coder::agent::v2::Manifest& manifest);

private:
    [[nodiscard]] std::filesystem::path secrets_record(const coder::agent::v2::Manifest& manifest) const;
};

}  // namespace berth::agent

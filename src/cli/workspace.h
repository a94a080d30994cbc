#pragma once

#include <string>

#include "cli/session.h"
#include "sdk/client.h"

namespace berth::cli {

/// The workspace a person named; the error says how to find the right name.
asio::awaitable<Result<sdk::Workspace>> find_workspace(sdk::Client& client, std::string name);

/// The agent that "ws.agent" names, or the only one.
Result<sdk::WorkspaceAgent> find_agent(const sdk::Workspace& workspace, const std::string& name);

/// Prints a build's log as it comes and waits for its end; the failure says why the build failed. Ctrl-C
/// leaves the build running.
asio::awaitable<Result<void>> follow_build(Session& session, sdk::Client& client, Uuid build);

/// Whether a job has not ended yet.
bool is_under_way(sdk::ProvisionerJobStatus status);

/// Builds with this transition and follows the log. A request without a reason gets "cli".
asio::awaitable<Result<void>> build_and_follow(Session& session, sdk::Client& client, Uuid workspace,
                                               sdk::CreateWorkspaceBuildRequest request);

/// Prints a template version's import log and waits for its end.
asio::awaitable<Result<void>> follow_import(Session& session, sdk::Client& client, Uuid version);

/// Which scripts of the agent's start to wait for.
enum class WaitForScripts {
    none,
    /// Those that block logins.
    blocking,
    all,
};

/// Waits until the agent is connected and these scripts are done, telling what it waits for.
asio::awaitable<Result<sdk::WorkspaceAgent>> wait_for_agent(Session& session, sdk::Client& client,
                                                            sdk::Workspace workspace, std::string agent,
                                                            WaitForScripts scripts);

/// "name=value", each once.
Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(const std::vector<std::string>& texts,
                                                                     std::string_view flag);

/// Asks "… (yes/no)" on a terminal; without one, --yes is required.
Result<void> confirm(Session& session, const std::string& question, bool yes);

}  // namespace berth::cli

#pragma once

#include <string>
#include <vector>

#include "cli/session.h"
#include "sdk/client.h"

namespace berth::cli {

using ParameterValues = std::vector<sdk::WorkspaceBuildParameter>;

/// "name=value" of --parameter, each once.
Result<ParameterValues> parse_parameters(const std::vector<std::string>& texts);

enum class Ask {
    all,
    /// Only what has no default, and so stands in the way of a build.
    required,
};

/// Asks at the terminal for the version's parameters that are neither in `values` nor in `settled`, and adds
/// the answers to `values`. Without a terminal it asks nothing: the server names what is missing.
asio::awaitable<Result<void>> ask_for_parameters(Session& session, sdk::Client& client, Uuid version,
                                                 Ask which, const ParameterValues& settled,
                                                 ParameterValues& values);

}  // namespace berth::cli

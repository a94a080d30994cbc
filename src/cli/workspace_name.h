#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::cli {

/// A workspace as people name it: "ws", "owner/ws", "ws.agent", "owner/ws.agent" or "owner--ws--agent".
struct WorkspaceName {
    /// "me" when not given.
    std::string owner = "me";
    std::string workspace;
    /// Empty: the only agent.
    std::string agent;

    static Result<WorkspaceName> parse(std::string_view text);
};

}  // namespace berth::cli

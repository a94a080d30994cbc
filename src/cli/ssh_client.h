#pragma once

#include <string>

#include "base/result.h"

namespace berth::cli {

/// An SSH session over a connected socket. Blocks its thread until the remote side has ended.
struct SshSession {
    /// Owned; closed at the end.
    int fd = -1;
    /// Empty for a login shell.
    std::string command;
    /// Ask for a terminal: for a shell, or a command with -t.
    bool terminal = false;
    /// Let the workspace use the agent that SSH_AUTH_SOCK names here.
    bool forward_agent = false;
};

/// Exit code of the remote program. The tunnel below is already authenticated and encrypted by the server's
/// own connections, so host keys are not checked and no credentials are sent.
Result<int> run_ssh_session(SshSession session);

}  // namespace berth::cli

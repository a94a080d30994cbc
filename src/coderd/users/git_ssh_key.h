#pragma once

#include <string>

#include "base/secret.h"

namespace berth::coderd {

struct GitSshKeyPair {
    /// PEM, OpenSSH's own format ("BEGIN OPENSSH PRIVATE KEY").
    SecretString private_key;
    /// "ssh-ed25519 AAAA…\n"
    std::string public_key;
};

/// A new ed25519 pair for git inside workspaces.
GitSshKeyPair generate_git_ssh_key();

}  // namespace berth::coderd

#pragma once

#include <string>

#include "base/secret.h"
#include "coderd/dbcrypt/vault.h"
#include "db/generated/queries.h"

namespace berth::coderd {

struct GitSshKeyPair {
    /// PEM, OpenSSH's own format ("BEGIN OPENSSH PRIVATE KEY").
    SecretString private_key;
    /// "ssh-ed25519 AAAA…\n"
    std::string public_key;
};

/// A new ed25519 pair for git inside workspaces.
GitSshKeyPair generate_git_ssh_key();

/// A new pair for a user, as the database takes it.
db::UpsertGitSSHKeyParams new_git_ssh_key(const Vault& vault, const Uuid& user_id, base::Time now);

}  // namespace berth::coderd

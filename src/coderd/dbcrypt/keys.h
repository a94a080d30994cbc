#pragma once

#include "base/asio.h"
#include "base/clock.h"
#include "coderd/dbcrypt/vault.h"
#include "db/store.h"

namespace berth::coderd {

/// Before anything is read or written: each key that encrypted something and was not revoked must be in the
/// vault, and be the right one; new keys are noted. failed_precondition names what is missing.
asio::awaitable<Result<void>> check_keys(db::Store& store, const Vault& vault, base::Time now);

/// How many secrets were written anew.
struct Rotation {
    std::size_t user_secrets = 0;
    std::size_t git_ssh_keys = 0;
    std::size_t user_links = 0;
};

/// Writes every secret anew, in one transaction: opened with whatever key of `from` it needs, sealed by `to`.
/// Keys that are not in `to` are revoked. With an empty `to` everything is decrypted. No server may run
/// meanwhile with other keys.
asio::awaitable<Result<Rotation>> rotate_keys(db::Store& store, const Vault& from, const Vault& to,
                                              base::Time now);

}  // namespace berth::coderd

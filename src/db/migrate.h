#pragma once

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/runtime.h"

namespace berth::db {

/// Brings the database at `url` up to this program's schema: each missing migration in a transaction of its
/// own, under a lock that makes concurrent servers take turns. failed_precondition when the database is newer
/// than the program.
asio::awaitable<Result<void>> migrate(net::Runtime& runtime, SecretString url, base::Logger log);

/// The version this program brings.
int latest_migration();

}  // namespace berth::db

#pragma once

#include <string>
#include <string_view>

#include "base/asio.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/runtime.h"

namespace berth::coderd {

/// Fields that are wrong with a new password, as a 400 names them; ok when it may be used.
Result<void> check_new_password(std::string_view password);

/// Argon2id ("$argon2id$v=19$…") with libsodium's interactive cost: about 64 MiB and some tens of
/// milliseconds, so both calls run on the workers and the server bounds how many at once.
asio::awaitable<Result<std::string>> hash_password(net::Runtime& runtime, SecretString password);

/// True when the password fits the hash. An empty hash (no such user, or no password login) takes as long and
/// is never right, so that an answer's time does not tell who exists.
asio::awaitable<bool> verify_password(net::Runtime& runtime, std::string hash, SecretString password);

}  // namespace berth::coderd

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/generated/models.h"

namespace berth::coderd {

/// How many secrets a person may have, and how many bytes they may take together in the environment of a
/// build.
inline constexpr std::size_t max_user_secrets = 100;
inline constexpr std::size_t max_secrets_size = 256 << 10;
inline constexpr std::size_t max_secret_value = 64 << 10;

// What is wrong with a part of a secret; "" when nothing is. Empty variables and paths are allowed: then the
// secret is not delivered that way.
std::string secret_name_problem(std::string_view name);
/// A name a shell takes, and none that the agent, the build or the loader live by.
std::string secret_variable_problem(std::string_view name);
/// "/…" or "~/…", without "." and "..".
std::string secret_path_problem(std::string_view path);
std::string secret_value_problem(std::string_view value);

/// Bytes of a secret in a build's environment: each variable counts its name, "=", the value and 1.
std::size_t secret_environment_size(const db::UserSecretSummary& secret);
/// too-many and too-large as one error of the field "value".
Result<void> check_secret_limits(const std::vector<db::UserSecretSummary>& secrets);

}  // namespace berth::coderd

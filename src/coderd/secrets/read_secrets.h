#pragma once

#include <string>
#include <vector>

#include "base/asio.h"
#include "coderd/context.h"

namespace berth::coderd {

/// A secret on its way into a workspace; at least one of the two places is set.
struct DeliveredSecret {
    std::string env_name;
    std::string file_path;
    SecretString value;
};

/// All of a user that workspaces get; fails when one cannot be decrypted, because a workspace that silently
/// lacks a secret is worse than a failed build.
asio::awaitable<Result<std::vector<DeliveredSecret>>> read_user_secrets(Context& context,
                                                                        const rbac::Actor& actor,
                                                                        Uuid user_id);

}  // namespace berth::coderd

#pragma once

#include "base/secret.h"
#include "coderd/context.h"

namespace berth::coderd {

/// A workspace's own token of its owner, new with every start (the old one ends at once), so that a template
/// can act as the owner. It reaches this workspace and no other, and lives as long as tokens may.
asio::awaitable<Result<SecretString>> renew_workspace_token(Context& context, Uuid owner_id,
                                                            Uuid workspace_id);

/// Ends that token: the workspace stopped, or somebody else owns it now.
asio::awaitable<Result<void>> end_workspace_token(db::Queries& store, Uuid owner_id, Uuid workspace_id);

/// Its name among the owner's API keys.
std::string workspace_token_name(const Uuid& owner_id, const Uuid& workspace_id);

}  // namespace berth::coderd

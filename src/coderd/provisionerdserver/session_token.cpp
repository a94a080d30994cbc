#include "coderd/provisionerdserver/session_token.h"

#include "coderd/provisionerdserver/held_job.h"
#include "coderd/users/api_key.h"

namespace berth::coderd {

std::string workspace_token_name(const Uuid& owner_id, const Uuid& workspace_id) {
    return owner_id.to_string() + "_" + workspace_id.to_string() + "_session_token";
}

asio::awaitable<Result<SecretString>> renew_workspace_token(Context& context, Uuid owner_id,
                                                            Uuid workspace_id) {
    if (owner_id == rbac::prebuilds_user_id())
        co_return Error(ErrorCode::permission_denied, "the owner of prebuilt workspaces has no tokens");
    auto now = context.clock.now();
    auto name = workspace_token_name(owner_id, workspace_id);
    auto token = ApiKeyToken::generate_for(name);
    auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(context.options.max_token_lifetime);
    db::ReplaceWorkspaceTokenParams key;
    key.id = token.id;
    key.hashed_secret = token.hashed_secret();
    key.user_id = owner_id;
    key.created_at = now;
    key.expires_at = now + lifetime;
    key.lifetime_seconds = lifetime.count();
    key.token_name = std::move(name);
    key.scopes = {"coder:all"};
    // All the owner may do, but to this workspace alone; what is around it may be read.
    key.allow_list = {"workspace:" + workspace_id.to_string(), "user:" + owner_id.to_string(), "template:*",
                      "organization:*"};
    auto replaced = co_await context.store.replace_workspace_token(provisionerd_actor(), key);
    if (!replaced) co_return replaced.error();
    if (*replaced == 0) co_return internal_error("the id of the workspace's token is somebody else's");
    co_return token.text();
}

asio::awaitable<Result<void>> end_workspace_token(db::Queries& store, Uuid owner_id, Uuid workspace_id) {
    auto ended = co_await store.delete_api_keys_by_name(provisionerd_actor(), owner_id,
                                                        workspace_token_name(owner_id, workspace_id));
    co_return ended;
}

}  // namespace berth::coderd

#include "coderd/retention/purge.h"

namespace berth::coderd {
namespace {

constexpr auto interval = std::chrono::minutes(10);

asio::awaitable<Result<void>> purge_in(db::Transaction& tx, base::Time now) {
    auto mine = co_await tx.try_lock("purge");
    if (!mine) co_return mine.error();
    if (!*mine) co_return Result<void>();
    const auto& actor = rbac::Actor::system(rbac::SystemActor::purge);
    auto expired = co_await tx.delete_expired_api_keys(actor, now - keep_expired_keys, purge_batch);
    if (!expired) co_return expired.error();
    auto stray = co_await tx.delete_api_keys_of_user(actor, rbac::prebuilds_user_id());
    if (!stray) co_return stray.error();
    auto logs = co_await tx.delete_old_workspace_agent_logs(actor, now - keep_agent_logs);
    if (!logs) co_return logs.error();
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<void>> purge(Context& context) {
    auto purged = co_await context.store.transaction({}, purge_in, context.clock.now());
    co_return purged;
}

asio::awaitable<void> run_purge(Context& context) {
    while (true) {
        co_await context.clock.sleep(interval);
        auto purged = co_await purge(context);
        if (!purged)
            context.log.warn("what is past its time was not deleted", field("error", purged.error()));
    }
}

}  // namespace berth::coderd

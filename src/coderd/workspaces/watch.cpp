#include "coderd/workspaces/watch.h"

#include "coderd/api/event_stream.h"
#include "coderd/jobs/channels.h"
#include "coderd/workspaces/convert.h"

namespace berth::coderd {
namespace {

class WorkspaceSource final : public EventSource {
public:
    WorkspaceSource(Context& context, std::shared_ptr<const Caller> caller, Uuid workspace_id)
        : context_(context), caller_(std::move(caller)), workspace_id_(workspace_id) {}

    asio::awaitable<Result<std::string>> snapshot() override {
        auto row = co_await context_.store.get_workspace_by_id(caller_->actor, workspace_id_);
        if (!row) co_return row.error();
        auto workspace =
            co_await workspace_to_sdk(context_, caller_->actor, caller_->user_id, std::move(*row));
        if (!workspace) co_return workspace.error();
        co_return sdk::encode(*workspace);
    }

private:
    Context& context_;
    std::shared_ptr<const Caller> caller_;
    Uuid workspace_id_;
};

}  // namespace

http::Response watch_workspace(Context& context, std::shared_ptr<const Caller> caller, Uuid workspace_id,
                               std::unique_ptr<db::Subscription> subscription) {
    auto source = std::make_shared<WorkspaceSource>(context, std::move(caller), workspace_id);
    return event_stream(context, std::move(subscription), std::move(source));
}

asio::awaitable<void> announce_workspace(Context& context, Uuid workspace_id) {
    auto told = co_await context.pubsub.publish(workspace_channel(workspace_id), "");
    if (!told) context.log.warn("a change of a workspace was not announced", field("error", told.error()));
}

}  // namespace berth::coderd

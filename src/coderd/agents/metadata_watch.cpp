#include "coderd/agents/metadata_watch.h"

#include "coderd/api/event_stream.h"
#include "sdk/agents.h"

namespace berth::coderd {
namespace {

class MetadataSource final : public EventSource {
public:
    MetadataSource(Context& context, std::shared_ptr<const Caller> caller, Uuid agent_id)
        : context_(context), caller_(std::move(caller)), agent_id_(agent_id) {}

    asio::awaitable<Result<std::string>> snapshot() override {
        auto rows = co_await context_.store.get_workspace_agent_metadata(caller_->actor, agent_id_);
        if (!rows) co_return rows.error();
        auto now = context_.clock.now();
        std::vector<sdk::WorkspaceAgentMetadata> items;
        for (auto& row : *rows) {
            sdk::WorkspaceAgentMetadata item;
            item.result.collected_at = row.collected_at;
            item.result.age =
                std::chrono::duration_cast<std::chrono::seconds>(now - row.collected_at).count();
            item.result.value = std::move(row.value);
            item.result.error = std::move(row.error);
            item.description.display_name = std::move(row.display_name);
            item.description.key = std::move(row.key);
            item.description.script = std::move(row.script);
            item.description.interval = row.interval_seconds;
            item.description.timeout = row.timeout_seconds;
            items.push_back(std::move(item));
        }
        co_return sdk::encode(items);
    }

private:
    Context& context_;
    std::shared_ptr<const Caller> caller_;
    Uuid agent_id_;
};

}  // namespace

http::Response watch_metadata(Context& context, std::shared_ptr<const Caller> caller, Uuid agent_id,
                              std::unique_ptr<db::Subscription> subscription) {
    auto source = std::make_shared<MetadataSource>(context, std::move(caller), agent_id);
    return event_stream(context, std::move(subscription), std::move(source), std::chrono::seconds(1));
}

}  // namespace berth::coderd

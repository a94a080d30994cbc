#include "agent/metadata.h"

#include "agent/command_runner.h"
#include "agent/protobuf.h"
#include "base/text.h"
#include "rpc/agent.h"

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

constexpr std::size_t value_limit = 2048;
constexpr std::size_t output_limit = 64 * 1024;
constexpr std::size_t max_items = 128;
constexpr auto default_timeout = std::chrono::seconds(30);
constexpr auto shortest_metadata_interval = std::chrono::seconds(1);
constexpr auto metadata_gather_time = std::chrono::milliseconds(500);

std::string cut(std::string_view text) {
    return base::to_valid_utf8(base::trim(text).substr(0, value_limit));
}

}  // namespace

std::vector<MetadataItem> metadata_of(const pb::Manifest& manifest) {
    std::vector<MetadataItem> out;
    for (const auto& item : manifest.metadata()) {
        if (out.size() == max_items) break;
        out.push_back({item.key(), item.script(), to_duration(item.interval()), to_duration(item.timeout())});
    }
    return out;
}

MetadataCollector::MetadataCollector(const Workspace& workspace, base::Clock& clock, Link& link,
                                     base::Logger log, asio::any_io_executor executor)
    : workspace_(workspace),
      clock_(clock),
      link_(link),
      log_(std::move(log)),
      changed_(std::move(executor)) {}

asio::awaitable<void> MetadataCollector::run(std::vector<MetadataItem> items) {
    co_await net::TaskGroup::scope(log_, run_in, this, std::move(items));
}

asio::awaitable<void> MetadataCollector::run_in(net::TaskGroup& group, MetadataCollector* self,
                                                std::vector<MetadataItem> items) {
    for (auto& item : items)
        group.spawn("metadata item", self->collect(std::move(item)));
    co_await self->send();
}

asio::awaitable<void> MetadataCollector::collect(MetadataItem item) {
    auto timeout = item.timeout > base::Duration::zero() ? item.timeout : base::Duration(default_timeout);
    while (true) {
        auto begin = clock_.steady_now();
        net::ProcessOptions options;
        options.program = workspace_.account.shell;
        options.args = {"-c", item.script};
        options.env = to_environ(workspace_.command_environment());
        options.cwd = workspace_.working_directory();
        options.new_session = true;
        auto output = co_await run_within(std::move(options), output_limit, clock_, timeout);
        Value value{clock_.now(), {}, {}};
        if (!output) {
            value.error = cut(output.error().message());
        } else {
            value.value = cut(output->out);
            if (!output->status.success())
                value.error = cut("exit code " + std::to_string(output->status.code) + ": " + output->err);
        }
        fresh_[item.key] = std::move(value);
        changed_.notify();
        if (item.interval <= base::Duration::zero()) co_return;
        auto interval = std::max<base::Duration>(item.interval, shortest_metadata_interval);
        // Times that went by while the script ran are passed over.
        auto next = begin + interval;
        while (next <= clock_.steady_now())
            next += interval;
        co_await clock_.sleep_until(next);
    }
}

asio::awaitable<void> MetadataCollector::send() {
    while (true) {
        if (fresh_.empty()) {
            co_await changed_.wait();
            continue;
        }
        co_await clock_.sleep(metadata_gather_time);
        auto client = co_await link_.wait_connected();
        pb::BatchUpdateMetadataRequest request;
        auto now = clock_.now();
        for (const auto& [key, value] : fresh_) {
            auto* entry = request.add_metadata();
            entry->set_key(key);
            auto* result = entry->mutable_result();
            *result->mutable_collected_at() = to_timestamp(value.collected);
            result->set_age(std::chrono::duration_cast<std::chrono::seconds>(now - value.collected).count());
            result->set_value(value.value);
            result->set_error(value.error);
        }
        auto taken = std::move(fresh_);
        fresh_.clear();
        auto answer = co_await client.call(rpc::agent::batch_update_metadata, request);
        if (answer) continue;
        log_.debug("metadata was not taken", field("error", answer.error()));
        // Newer values, collected meanwhile, stay.
        if (is_connection_failure(answer.error())) fresh_.merge(taken);
        co_await clock_.sleep(retry_pause);
    }
}

}  // namespace berth::agent

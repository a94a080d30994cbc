#include "agent/stats.h"

#include "agent/protobuf.h"
#include "rpc/agent.h"

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

constexpr auto shortest_report_interval = std::chrono::seconds(1);
constexpr auto longest_interval = std::chrono::hours(1);
constexpr auto report_retry_pause = std::chrono::seconds(10);

pb::UpdateStatsRequest current_stats(const Counters& counters) {
    pb::UpdateStatsRequest request;
    auto* stats = request.mutable_stats();
    for (const auto& [kind, count] : counters.connections) {
        if (count == 0) continue;
        (*stats->mutable_connections_by_proto())[kind] = count;
        stats->set_connection_count(stats->connection_count() + count);
    }
    stats->set_connection_median_latency_ms(-1);
    stats->set_rx_bytes(counters.received_bytes);
    stats->set_tx_bytes(counters.sent_bytes);
    stats->set_rx_packets(counters.received_packets);
    stats->set_tx_packets(counters.sent_packets);
    for (const auto& [kind, count] : counters.sessions) {
        if (count == 0) continue;
        (*stats->mutable_session_counts())[kind] = count;
        if (kind == "vscode") stats->set_session_count_vscode(count);
        if (kind == "jetbrains") stats->set_session_count_jetbrains(count);
        if (kind == "ssh") stats->set_session_count_ssh(count);
    }
    return request;
}

}  // namespace

asio::awaitable<void> report_stats(Counters& counters, Link& link, base::Clock& clock, base::Logger log) {
    // A message without stats asks for the interval only.
    pb::UpdateStatsRequest request;
    while (true) {
        auto client = co_await link.wait_connected();
        auto answer = co_await client.call(rpc::agent::update_stats, request);
        if (!answer) {
            log.debug("stats were not taken", field("error", answer.error()));
            co_await clock.sleep(report_retry_pause);
            request = current_stats(counters);
            continue;
        }
        counters.received_bytes -= request.stats().rx_bytes();
        counters.sent_bytes -= request.stats().tx_bytes();
        counters.received_packets -= request.stats().rx_packets();
        counters.sent_packets -= request.stats().tx_packets();
        auto interval = to_duration(answer->report_interval());
        co_await clock.sleep(
            std::clamp<base::Duration>(interval, shortest_report_interval, longest_interval));
        request = current_stats(counters);
    }
}

}  // namespace berth::agent

#include "coderd/agents/agent_registry.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

namespace berth::coderd {
namespace {

constexpr std::size_t longest_answer = 4096;

/// The agent's line: {"ok":true} or {"error":"…"}. Read byte by byte: what follows belongs to the client.
asio::awaitable<Result<void>> read_answer(net::Stream& stream) {
    std::string line;
    std::byte one[1];
    while (line.size() < longest_answer) {
        auto got = co_await stream.read_some(one);
        if (!got) co_return got.error();
        if (*got == 0) co_return unavailable("the agent closed the stream");
        if (static_cast<char>(one[0]) == '\n') break;
        line += static_cast<char>(one[0]);
    }
    boost::system::error_code error;
    auto answer = boost::json::parse(line, error);
    if (error || !answer.is_object()) co_return internal_error("the agent's answer is malformed");
    if (const auto* refused = answer.as_object().if_contains("error");
        refused != nullptr && refused->is_string())
        co_return Error(ErrorCode::failed_precondition,
                        "The agent refused: " + std::string(refused->as_string()));
    co_return Result<void>();
}

/// The agent's side of one stream: its yamux stream joined to our end of a socketpair. Runs on the tunnel's
/// loop.
struct Bridge {
    net::StreamPtr agent;
    net::StreamPtr local;
};

asio::awaitable<void> copy_quietly(net::Stream& from, net::Stream& to) {
    auto copied = co_await net::copy(from, to);
    // A broken direction ends the whole stream; a finished one lets the other go on.
    if (!copied) {
        from.close();
        to.close();
    }
}

asio::awaitable<void> both_ways(net::TaskGroup& group, Bridge& bridge) {
    group.spawn("to the agent", copy_quietly(*bridge.local, *bridge.agent));
    co_await copy_quietly(*bridge.agent, *bridge.local);
    co_await group.join();
}

asio::awaitable<void> run_bridge(std::shared_ptr<Bridge> bridge, base::Logger log) {
    co_await net::TaskGroup::scope(log, both_ways, std::ref(*bridge));
    bridge->agent->close();
    bridge->local->close();
}

asio::awaitable<Result<void>> open_on_loop(std::shared_ptr<AgentTunnel> tunnel, std::string opening,
                                           net::StreamPtr local, base::Logger log) {
    auto stream = co_await tunnel->session->open();
    if (!stream) co_return stream.error();
    auto bridge = std::make_shared<Bridge>();
    bridge->agent = std::move(*stream);
    bridge->local = std::move(local);
    auto sent = co_await bridge->agent->write(net::as_bytes(opening));
    if (!sent) co_return sent.error();
    auto answered = co_await read_answer(*bridge->agent);
    if (!answered) co_return answered.error();
    if (tunnel->bridges == nullptr) co_return unavailable("The workspace agent has just disconnected.");
    tunnel->bridges->spawn("bridge", run_bridge(bridge, log));
    co_return Result<void>();
}

}  // namespace

std::unique_ptr<AgentRegistry::Entry> AgentRegistry::add(Uuid agent, std::shared_ptr<AgentTunnel> tunnel) {
    std::lock_guard lock(mutex_);
    std::uint64_t number = next_++;
    tunnels_[agent] = Place{number, std::move(tunnel)};
    return std::make_unique<Entry>(*this, agent, number);
}

void AgentRegistry::remove(Uuid agent, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    auto it = tunnels_.find(agent);
    if (it != tunnels_.end() && it->second.number == number) tunnels_.erase(it);
}

bool AgentRegistry::is_open(Uuid agent) const {
    std::lock_guard lock(mutex_);
    return tunnels_.contains(agent);
}

asio::awaitable<void> AgentRegistry::wait_for(Uuid agent, base::Clock& clock, base::Duration patience) {
    // Rare and short, so it looks again by itself: being told across the loops would not be worth its code.
    constexpr auto between_looks = std::chrono::milliseconds(20);
    auto deadline = clock.steady_now() + patience;
    while (!is_open(agent) && clock.steady_now() < deadline)
        co_await clock.sleep(between_looks);
}

asio::awaitable<Result<net::StreamPtr>> AgentRegistry::open(Uuid agent, std::string opening) {
    std::shared_ptr<AgentTunnel> tunnel;
    {
        std::lock_guard lock(mutex_);
        auto it = tunnels_.find(agent);
        if (it != tunnels_.end()) tunnel = it->second.tunnel;
    }
    if (!tunnel)
        co_return Error(ErrorCode::unavailable, "The workspace agent is not connected.",
                        "Is the workspace running? Its build and agent logs say more.");
    auto here = co_await asio::this_coro::executor;
    auto ends = net::connected_pair(here, tunnel->executor);
    auto opened = co_await asio::co_spawn(
        tunnel->executor, open_on_loop(tunnel, std::move(opening), std::move(ends.second), log_),
        asio::use_awaitable);
    if (!opened) co_return opened.error();
    co_return std::move(ends.first);
}

}  // namespace berth::coderd

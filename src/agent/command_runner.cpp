#include "agent/command_runner.h"

#include <optional>

#include "net/signal.h"
#include "net/task_group.h"

namespace berth::agent {
namespace {

struct Run {
    explicit Run(asio::any_io_executor executor) : changed(std::move(executor)) {}
    std::optional<Result<net::Output>> output;
    bool late = false;
    net::Signal changed;
};

asio::awaitable<void> execute(Run* run, net::ProcessOptions options, std::size_t limit) {
    auto output = co_await net::run_process(std::move(options), {}, limit);
    run->output.emplace(std::move(output));
    run->changed.notify();
}

asio::awaitable<void> expire(Run* run, base::Clock* clock, base::Duration timeout) {
    co_await clock->sleep(timeout);
    run->late = true;
    run->changed.notify();
}

asio::awaitable<void> either(net::TaskGroup& group, Run* run, net::ProcessOptions options, std::size_t limit,
                             base::Clock* clock, base::Duration timeout) {
    group.spawn("command", execute(run, std::move(options), limit));
    group.spawn("timeout", expire(run, clock, timeout));
    while (!run->output && !run->late)
        co_await run->changed.wait();
}

}  // namespace

asio::awaitable<Result<net::Output>> run_within(net::ProcessOptions options, std::size_t limit,
                                                base::Clock& clock, base::Duration timeout) {
    Run run(co_await asio::this_coro::executor);
    co_await net::TaskGroup::scope(base::Logger("agent.command"), either, &run, std::move(options), limit,
                                   &clock, timeout);
    if (run.output) co_return std::move(*run.output);
    co_return Error(ErrorCode::deadline_exceeded, "it ran longer than " + base::format_go_duration(timeout));
}

}  // namespace berth::agent

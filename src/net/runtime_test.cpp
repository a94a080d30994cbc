#include "net/runtime.h"

#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/result.h"

namespace berth::net {
namespace {

asio::awaitable<Result<int>> answer(int value) { co_return value; }

asio::awaitable<int> fail() {
    throw std::runtime_error("broken");
    co_return 0;
}

asio::awaitable<std::pair<std::thread::id, std::thread::id>> run_on_workers(Runtime& runtime) {
    auto worker = co_await run_on(runtime.workers(), [] { return std::this_thread::get_id(); });
    co_return std::pair(worker, std::this_thread::get_id());
}

asio::awaitable<Result<std::string>> result_from_workers(Runtime& runtime) {
    auto result =
        co_await run_on(runtime.workers(), [] { return Result<std::string>(not_found("nothing")); });
    co_return result;
}

asio::awaitable<void> throw_on_workers(Runtime& runtime) {
    co_await run_on(runtime.workers(), [] { throw std::runtime_error("from a worker"); });
}

TEST(RuntimeTest, ExceptionsReachTheCaller) {
    Runtime runtime(1);
    EXPECT_THROW(runtime.run(fail()), std::runtime_error);
    EXPECT_THROW(runtime.run(throw_on_workers(runtime)), std::runtime_error);
}

TEST(RuntimeTest, ReturnsValuesThatHaveNoDefault) {
    Runtime runtime(1);
    EXPECT_EQ(*runtime.run(answer(42)), 42);
    EXPECT_EQ(runtime.run(result_from_workers(runtime)).error().message(), "nothing");
}

TEST(RuntimeTest, WorkRunsElsewhereAndReturnsToItsLoop) {
    Runtime runtime(2);
    auto [worker, loop] = runtime.run(run_on_workers(runtime));
    EXPECT_NE(worker, loop);
    EXPECT_NE(loop, std::this_thread::get_id());
}

TEST(RuntimeTest, HandsOutItsLoopsInTurn) {
    Runtime runtime(3);
    EXPECT_EQ(runtime.size(), 3u);
    std::vector<asio::any_io_executor> seen;
    for (int i = 0; i < 6; ++i)
        seen.push_back(runtime.next_executor());
    EXPECT_EQ(seen[0], seen[3]);
    EXPECT_NE(seen[0], seen[1]);
    EXPECT_NE(seen[1], seen[2]);
}

}  // namespace
}  // namespace berth::net

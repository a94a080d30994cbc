#include "net/batched.h"

#include <future>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::net {
namespace {

using Numbers = std::vector<int>;
using Outcome = Result<Numbers>;

/// Doubles numbers when it is told to.
class Doubler {
public:
    explicit Doubler(asio::any_io_executor executor, std::size_t max_batch = 100)
        : batched([this](Numbers numbers) { return run(std::move(numbers)); }, max_batch),
          opened_(std::move(executor)) {}

    void open() {
        is_open_ = true;
        opened_.notify();
    }

    std::vector<Numbers> batches;
    std::function<Outcome(Numbers)> answer = [](Numbers numbers) {
        for (int& number : numbers)
            number *= 2;
        return Outcome(std::move(numbers));
    };
    Batched<int, int> batched;

private:
    asio::awaitable<Outcome> run(Numbers numbers) {
        batches.push_back(numbers);
        while (!is_open_)
            co_await opened_.wait();
        co_return answer(std::move(numbers));
    }

    Signal opened_;
    bool is_open_ = false;
};

struct Answers {
    std::vector<std::optional<Result<int>>> of = std::vector<std::optional<Result<int>>>(10);
    int thrown = 0;
};

asio::awaitable<void> ask(Doubler& doubler, int number, Answers& answers) {
    try {
        auto answer = co_await doubler.batched.ask(number);
        answers.of[static_cast<std::size_t>(number)] = std::move(answer);
    } catch (const std::runtime_error&) {
        ++answers.thrown;
    }
}

/// 0 first, and the others while it is under way.
asio::awaitable<void> ask_all(TaskGroup& group, Doubler& doubler, int count, Answers& answers) {
    for (int i = 0; i < count; ++i)
        group.spawn("ask", ask(doubler, i, answers));
    auto executor = co_await asio::this_coro::executor;
    while (doubler.batches.empty())
        co_await asio::post(executor, asio::use_awaitable);
    doubler.open();
    co_await group.join();
}

Answers ask_in_one_loop(Doubler& doubler, Runtime& runtime, int count) {
    Answers answers;
    base::Logger log("test");
    runtime.run(TaskGroup::scope(log, ask_all, std::ref(doubler), count, std::ref(answers)));
    return answers;
}

TEST(BatchedTest, TheFirstGoesAloneAndThoseThatComeMeanwhileGoTogether) {
    Runtime runtime(1);
    Doubler doubler(runtime.executor(0), 3);
    auto answers = ask_in_one_loop(doubler, runtime, 6);
    EXPECT_EQ(doubler.batches, (std::vector<Numbers>{{0}, {1, 2, 3}, {4, 5}}));
    for (int i = 0; i < 6; ++i) {
        const auto& answer = answers.of[static_cast<std::size_t>(i)];
        ASSERT_TRUE(answer && *answer) << i;
        EXPECT_EQ(**answer, 2 * i);
    }
}

TEST(BatchedTest, AnErrorIsEverybodys) {
    struct Row {
        const char* name;
        std::function<Outcome(Numbers)> answer;
        ErrorCode code;
    };
    const Row rows[] = {
        {"refused", [](Numbers) { return Outcome(unavailable("not now")); }, ErrorCode::unavailable},
        {"too few answers", [](Numbers) { return Outcome(Numbers{}); }, ErrorCode::internal},
        {"too many answers", [](Numbers) { return Outcome(Numbers(9)); }, ErrorCode::internal},
    };
    for (const auto& row : rows) {
        Runtime runtime(1);
        Doubler doubler(runtime.executor(0));
        doubler.answer = row.answer;
        auto answers = ask_in_one_loop(doubler, runtime, 3);
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_TRUE(answers.of[i] && !*answers.of[i]) << row.name << " " << i;
            EXPECT_EQ(answers.of[i]->error().code(), row.code) << row.name;
        }
    }
}

TEST(BatchedTest, ACallThatThrowsCostsItsOwnBatchOnly) {
    Runtime runtime(1);
    Doubler doubler(runtime.executor(0), 2);
    doubler.answer = [](Numbers numbers) -> Outcome {
        if (numbers.front() == 1) throw std::runtime_error("broken");
        return numbers;
    };
    auto answers = ask_in_one_loop(doubler, runtime, 5);
    EXPECT_EQ(doubler.batches, (std::vector<Numbers>{{0}, {1, 2}, {3, 4}}));
    EXPECT_EQ(answers.thrown, 1);
    EXPECT_FALSE(answers.of[1]) << "1 made the call for 2";
    ASSERT_TRUE(answers.of[2]);
    EXPECT_FALSE(*answers.of[2]);
    EXPECT_TRUE(answers.of[4] && *answers.of[4]);
}

asio::awaitable<int> ask_often(Batched<int, int>& batched, int from, int count) {
    int right = 0;
    for (int i = from; i < from + count; ++i) {
        auto answer = co_await batched.ask(i);
        if (answer && *answer == -i) ++right;
    }
    co_return right;
}

asio::awaitable<Outcome> negate(Numbers numbers) {
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    for (int& number : numbers)
        number = -number;
    co_return numbers;
}

TEST(BatchedTest, CallersOfSeveralLoopsGetTheirOwnAnswers) {
    Runtime runtime(3);
    constexpr int callers = 12, calls = 200;
    Batched<int, int> batched(negate, 5);
    std::vector<std::future<int>> all;
    for (int i = 0; i < callers; ++i)
        all.push_back(asio::co_spawn(runtime.executor(static_cast<std::size_t>(i) % 3),
                                     ask_often(batched, i * calls, calls), asio::use_future));
    int right = 0;
    for (auto& each : all)
        right += each.get();
    EXPECT_EQ(right, callers * calls);
}

}  // namespace
}  // namespace berth::net

#include "provisioner/terraform/turns.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::terraform {
namespace {

/// Somebody who wants a turn.
struct TurnTaker {
    explicit TurnTaker(TurnRequest wanted) : request(std::move(wanted)) {}
    TurnRequest request;
    std::optional<Error> over;
    TurnQueue::TurnPtr turn;
    std::optional<Error> refused;
};

asio::awaitable<void> take_turn(TurnQueue& queue, TurnTaker& taker) {
    auto turn = co_await queue.take(taker.request, taker.over);
    if (turn)
        taker.turn = std::move(*turn);
    else
        taker.refused = turn.error();
}

/// Lets everybody go on who can.
asio::awaitable<void> settle_turns() {
    auto loop = co_await asio::this_coro::executor;
    for (int i = 0; i < 50; ++i)
        co_await asio::post(loop, asio::use_awaitable);
}

struct LineRow {
    std::string name;
    TurnLimits limits;
    std::vector<TurnRequest> wanted;
    /// Who goes in which order when each turn ends as soon as nobody else can go.
    std::vector<std::vector<std::size_t>> rounds;
    std::vector<std::size_t> refused;
};

class TestLine {
public:
    explicit TestLine(asio::any_io_executor loop, const LineRow& row)
        : row_(row), changed_(std::move(loop)), queue_(row.limits, changed_) {
        for (const auto& request : row.wanted)
            takers_.push_back(std::make_unique<TurnTaker>(request));
    }

    asio::awaitable<void> check(net::TaskGroup& group) {
        for (auto& taker : takers_) {
            group.spawn("taker", take_turn(queue_, *taker));
            co_await settle_turns();
        }
        for (const auto& round : row_.rounds) {
            EXPECT_EQ(end_turns(), round) << row_.name;
            co_await settle_turns();
        }
        EXPECT_EQ(end_turns(), std::vector<std::size_t>()) << row_.name;
        std::vector<std::size_t> refused;
        for (std::size_t i = 0; i < takers_.size(); ++i) {
            if (!takers_[i]->refused) continue;
            refused.push_back(i);
            EXPECT_EQ(takers_[i]->refused->code(), ErrorCode::resource_exhausted);
        }
        EXPECT_EQ(refused, row_.refused) << row_.name;
        EXPECT_EQ(queue_.waiting(), 0u) << row_.name;
    }

private:
    std::vector<std::size_t> end_turns() {
        std::vector<std::size_t> had;
        for (std::size_t i = 0; i < takers_.size(); ++i)
            if (takers_[i]->turn) had.push_back(i);
        for (auto index : had)
            takers_[index]->turn.reset();
        return had;
    }

    const LineRow& row_;
    net::Signal changed_;
    TurnQueue queue_;
    std::vector<std::unique_ptr<TurnTaker>> takers_;
};

asio::awaitable<void> check_line(net::TaskGroup& group, TestLine& line) { co_await line.check(group); }

TEST(TurnQueueTest, WhoGoesWhen) {
    static const int here = 0;
    static const int there = 0;
    TurnLimits limits{2, 1, 3, 2, 1};
    const std::vector<LineRow> rows{
        {"one person goes one at a time", limits, {{"a"}, {"a"}, {"a"}}, {{0}, {1}, {2}}, {}},
        {"others pass by who has enough", limits, {{"a"}, {"a"}, {"b"}, {"c"}}, {{0, 2}, {1, 3}}, {}},
        {"whoever had no turn goes before who had",
         limits,
         {{"a"}, {"a"}, {"b"}, {"b"}, {"c"}},
         {{0, 2}, {1, 4}, {3}},
         {}},
        {"a place is for one", limits, {{"a", &here}, {"b", &here}, {"c", &there}}, {{0, 2}, {1}}, {}},
        {"in the order they came", limits, {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}, {{0, 1}, {2, 3}, {4}}, {}},
        {"one person's line is short", limits, {{"a"}, {"a"}, {"a"}, {"a"}}, {{0}, {1}, {2}}, {3}},
        {"all lines together are",
         limits,
         {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}},
         {{0, 1}, {2, 3}, {4}},
         {5}},
        {"the patient wait apart",
         limits,
         {{"a"}, {"a"}, {"a"}, {"a", nullptr, true}, {"a", nullptr, true}, {"a"}},
         {{0}, {1}, {2}, {3}},
         {4, 5}},
    };
    net::Runtime runtime(1);
    for (const auto& row : rows) {
        TestLine line(runtime.executor(0), row);
        runtime.run(net::TaskGroup::scope(base::Logger("test"), check_line, std::ref(line)));
    }
}

asio::awaitable<void> give_up_turn(net::TaskGroup& group, TurnQueue& queue, net::Signal& changed) {
    TurnTaker first({"a"});
    TurnTaker second({"b"});
    TurnTaker third({"c"});
    for (auto* taker : {&first, &second, &third}) {
        group.spawn("taker", take_turn(queue, *taker));
        co_await settle_turns();
    }
    EXPECT_TRUE(first.turn && !second.turn && !third.turn);
    second.over = cancelled();
    changed.notify();
    co_await settle_turns();
    EXPECT_TRUE(second.refused && second.refused->code() == ErrorCode::cancelled);
    first.turn.reset();
    co_await settle_turns();
    EXPECT_TRUE(third.turn) << "whoever gave up stands in nobody's way";
}

TEST(TurnQueueTest, WhoeverGivesUpLeavesTheLine) {
    net::Runtime runtime(1);
    net::Signal changed(runtime.executor(0));
    TurnQueue queue(TurnLimits{1, 1, 3, 2, 1}, changed);
    runtime.run(
        net::TaskGroup::scope(base::Logger("test"), give_up_turn, std::ref(queue), std::ref(changed)));
}

}  // namespace
}  // namespace berth::terraform

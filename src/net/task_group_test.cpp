#include "net/task_group.h"

#include <stdexcept>

#include <boost/asio/post.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/runtime.h"

namespace berth::net {
namespace {

using namespace std::chrono_literals;

struct Notes {
    std::vector<std::string> lines;
    void add(std::string line) { lines.push_back(std::move(line)); }
};

asio::awaitable<void> sleep_long(Notes* notes, std::string name) {
    struct Ended {
        Notes* notes;
        std::string name;
        ~Ended() { notes->add(name + " ended"); }
    } ended{notes, name};
    notes->add(name + " started");
    co_await base::system_clock().sleep(1h);
    notes->add(name + " woke");
}

asio::awaitable<void> yield() {
    auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

asio::awaitable<void> yield_often() {
    for (int i = 0; i < 10; ++i)
        co_await yield();
}

asio::awaitable<void> note(Notes* notes, std::string line) {
    notes->add(std::move(line));
    co_return;
}

asio::awaitable<void> throw_error() {
    throw std::runtime_error("one child broke");
    co_return;
}

base::Logger test_log() { return base::Logger("test"); }

asio::awaitable<void> body_that_throws(TaskGroup& group, Notes* notes) {
    group.spawn("child", sleep_long(notes, "child"));
    co_await yield_often();
    throw std::logic_error("body");
}

TEST(TaskGroupTest, ScopeJoinsItsChildrenWhenTheBodyThrows) {
    Runtime runtime(1);
    Notes notes;
    EXPECT_THROW(runtime.run(TaskGroup::scope(test_log(), body_that_throws, &notes)), std::logic_error);
    EXPECT_EQ(notes.lines, (std::vector<std::string>{"child started", "child ended"}));
}

asio::awaitable<void> body_with_broken_child(TaskGroup& group, Notes* notes) {
    group.spawn("broken", throw_error());
    group.spawn("good", note(notes, "good"));
    co_await group.join();
    notes->add("joined");
}

TEST(TaskGroupTest, AChildThatThrowsEndsOnlyItself) {
    Runtime runtime(1);
    Notes notes;
    runtime.run(TaskGroup::scope(test_log(), body_with_broken_child, &notes));
    EXPECT_EQ(notes.lines, (std::vector<std::string>{"good", "joined"}));
}

asio::awaitable<void> spawn_after_cancel(TaskGroup& group, Notes* notes) {
    group.cancel();
    group.spawn("late", sleep_long(notes, "late"));
    co_await group.join();
    notes->add("joined");
}

TEST(TaskGroupTest, ChildrenOfACancelledGroupEndAtOnce) {
    Runtime runtime(1);
    Notes notes;
    runtime.run(TaskGroup::scope(test_log(), spawn_after_cancel, &notes));
    EXPECT_EQ(notes.lines.back(), "joined");
    EXPECT_EQ(std::count(notes.lines.begin(), notes.lines.end(), "late woke"), 0);
}

asio::awaitable<void> either_of_two_waits(std::exception_ptr* failure) {
    using namespace asio::experimental::awaitable_operators;
    try {
        co_await (base::system_clock().sleep(1h) || base::system_clock().sleep(2h));
    } catch (...) {
        *failure = std::current_exception();
    }
}

asio::awaitable<void> cancel_either(TaskGroup& group, std::exception_ptr* failure) {
    group.spawn("either", either_of_two_waits(failure));
    co_await yield_often();
    group.cancel();
    co_await group.join();
}

TEST(TaskGroupTest, TwoCancelledWaitsAreOneCancellation) {
    Runtime runtime(1);
    std::exception_ptr failure;
    runtime.run(TaskGroup::scope(test_log(), cancel_either, &failure));
    ASSERT_TRUE(failure);
    EXPECT_TRUE(is_cancellation(failure));
}

asio::awaitable<void> inner_body(TaskGroup& group, Notes* notes) {
    group.spawn("grandchild", sleep_long(notes, "grandchild"));
    co_await base::system_clock().sleep(1h);
}

/// Ends slowly after its cancellation, through a nested scope and a clean-up that awaits.
asio::awaitable<void> parent(Notes* notes) {
    std::exception_ptr failure;
    try {
        co_await TaskGroup::scope(test_log(), inner_body, notes);
    } catch (...) {
        failure = std::current_exception();
    }
    notes->add(is_cancellation(failure) ? "parent cancelled" : "parent not cancelled");
    co_await yield_often();
    notes->add("parent cleaned up");
    std::rethrow_exception(failure);
}

asio::awaitable<void> cancel_the_parent(TaskGroup& group, Notes* notes) {
    group.spawn("parent", parent(notes));
    co_await yield_often();
    group.cancel();
    co_await group.join();
    notes->add("joined");
}

TEST(TaskGroupTest, ACancelledParentStillJoinsItsChildren) {
    Runtime runtime(1);
    Notes notes;
    runtime.run(TaskGroup::scope(test_log(), cancel_the_parent, &notes));
    EXPECT_EQ(notes.lines, (std::vector<std::string>{"grandchild started", "grandchild ended",
                                                     "parent cancelled", "parent cleaned up", "joined"}));
}

/// Needs several turns of the loop to end after it was cancelled.
asio::awaitable<void> slow_to_end(Notes* notes) {
    try {
        co_await base::system_clock().sleep(1h);
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await yield_often();
    notes->add("slow child ended");
}

asio::awaitable<void> quick_body(TaskGroup& group, Notes* notes) {
    group.spawn("slow", slow_to_end(notes));
    co_await yield_often();
}

asio::awaitable<void> scope_then_work(Notes* notes) {
    notes->add("scope");
    co_await TaskGroup::scope(test_log(), quick_body, notes);
    notes->add("went on");
}

/// Cancels when the inner scope's body has returned, and its join is under way.
asio::awaitable<void> cancel_during_join(TaskGroup& group, Notes* notes) {
    group.spawn("parent", scope_then_work(notes));
    for (int i = 0; i < 16; ++i)
        co_await yield();
    EXPECT_EQ(notes->lines, std::vector<std::string>{"scope"});
    group.cancel();
    co_await group.join();
}

TEST(TaskGroupTest, ACancellationDuringTheJoinIsNotLost) {
    Runtime runtime(1);
    Notes notes;
    runtime.run(TaskGroup::scope(test_log(), cancel_during_join, &notes));
    EXPECT_EQ(notes.lines, (std::vector<std::string>{"scope", "slow child ended"}));
}

TEST(TaskGroupDeathTest, AGroupMustNotDieBeforeItsChildren) {
    EXPECT_DEATH(
        {
            Runtime runtime(1);
            Notes notes;
            TaskGroup group(runtime.executor(), test_log());
            group.spawn("orphan", sleep_long(&notes, "orphan"));
        },
        "task outlived its group");
}

}  // namespace
}  // namespace berth::net

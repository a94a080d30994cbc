#include "base/clock.h"

#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace berth::base {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> sleep_and_note(FakeClock& clock, Duration duration, std::vector<std::string>& notes,
                                     std::string note) {
    co_await clock.sleep(duration);
    notes.push_back(std::move(note));
}

void rethrow(const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
}

TEST(FakeClockTest, CancellingASleeperEndsItAndForgetsIt) {
    FakeClock clock;
    asio::io_context context;
    std::vector<std::string> notes;
    asio::cancellation_signal stop;
    std::exception_ptr failure;
    asio::co_spawn(
        context, sleep_and_note(clock, 1h, notes, "late"),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error) { failure = error; }));
    context.poll();
    EXPECT_EQ(clock.sleepers(), 1u);
    stop.emit(asio::cancellation_type::terminal);
    context.run();
    EXPECT_EQ(clock.sleepers(), 0u);
    EXPECT_THROW(rethrow(failure), boost::system::system_error);
    EXPECT_TRUE(notes.empty());
}

TEST(FakeClockTest, ALoopThatIsDestroyedTakesItsSleepersAlong) {
    FakeClock clock;
    std::vector<std::string> notes;
    {
        asio::io_context context;
        asio::co_spawn(context, sleep_and_note(clock, 1h, notes, "late"), rethrow);
        context.poll();
        EXPECT_EQ(clock.sleepers(), 1u);
    }
    EXPECT_EQ(clock.sleepers(), 0u);
    clock.advance(2h);
}

TEST(FakeClockTest, WakesTheDueInOtherThreads) {
    FakeClock clock;
    asio::io_context context;
    std::vector<std::string> notes;
    asio::co_spawn(context, sleep_and_note(clock, 2s, notes, "two"), rethrow);
    asio::co_spawn(context, sleep_and_note(clock, 1s, notes, "one"), rethrow);
    asio::co_spawn(context, sleep_and_note(clock, 0s, notes, "now"), rethrow);
    std::thread loop([&] { context.run(); });
    while (clock.sleepers() < 2)
        std::this_thread::yield();
    Time before = clock.now();
    clock.advance(1s);
    EXPECT_EQ(clock.now() - before, 1s);
    EXPECT_EQ(clock.sleepers(), 1u);
    clock.advance(1s);
    loop.join();
    ASSERT_EQ(notes.size(), 3u);
    EXPECT_EQ(notes[0], "now");
}

TEST(SystemClockTest, SleepsAtLeastAsLongAsAsked) {
    asio::io_context context;
    auto before = system_clock().steady_now();
    asio::co_spawn(context, system_clock().sleep(5ms), rethrow);
    context.run();
    EXPECT_GE(system_clock().steady_now() - before, 5ms);
}

}  // namespace
}  // namespace berth::base

#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "base/asio.h"
#include "base/time.h"

namespace berth::base {

/// Where all time comes from, so that tests can own it.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual SteadyTime steady_now() const = 0;
    /// Returns at the deadline. Cancelling the coroutine ends it with operation_aborted, like any Asio wait.
    virtual asio::awaitable<void> sleep_until(SteadyTime deadline) = 0;
    asio::awaitable<void> sleep(Duration duration) { return sleep_until(steady_now() + duration); }
};

/// The machine's clock; lives as long as the program.
Clock& system_clock();

/// Stands still until told to move. Safe to advance from any thread.
class FakeClock final : public Clock {
public:
    explicit FakeClock(Time start = Time(std::chrono::seconds(1'700'000'000))) : now_(start) {}

    [[nodiscard]] Time now() const override;
    [[nodiscard]] SteadyTime steady_now() const override;
    asio::awaitable<void> sleep_until(SteadyTime deadline) override;

    /// Moves the time and wakes every sleeper whose deadline has come.
    void advance(Duration by);
    /// How many coroutines sleep now; a test waits for this before it advances.
    [[nodiscard]] std::size_t sleepers() const;

private:
    struct Sleeper;
    mutable std::mutex mutex_;
    Time now_;
    SteadyTime steady_{std::chrono::hours(1)};
    std::list<std::shared_ptr<Sleeper>> sleepers_;
};

}  // namespace berth::base

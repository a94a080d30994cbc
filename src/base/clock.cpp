#include "base/clock.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace berth::base {
namespace {

class SystemClock final : public Clock {
public:
    Time now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
    asio::awaitable<void> sleep_until(SteadyTime deadline) override {
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
        co_await timer.async_wait(asio::use_awaitable);
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

struct FakeClock::Sleeper {
    Sleeper(asio::any_io_executor executor, SteadyTime until)
        : deadline(until), timer(std::move(executor), SteadyTime::max()) {}
    SteadyTime deadline;
    asio::steady_timer timer;
    bool due = false;
};

Time FakeClock::now() const {
    std::lock_guard lock(mutex_);
    return now_;
}

SteadyTime FakeClock::steady_now() const {
    std::lock_guard lock(mutex_);
    return steady_;
}

asio::awaitable<void> FakeClock::sleep_until(SteadyTime deadline) {
    auto executor = co_await asio::this_coro::executor;
    auto sleeper = std::make_shared<Sleeper>(executor, deadline);
    {
        std::lock_guard lock(mutex_);
        if (deadline <= steady_) co_return;
        sleepers_.push_back(sleeper);
    }
    // Also when the coroutine is destroyed where it waits: the timer must not outlive its loop.
    struct Leave {
        FakeClock* clock;
        std::shared_ptr<Sleeper> sleeper;
        ~Leave() {
            std::lock_guard lock(clock->mutex_);
            clock->sleepers_.remove(sleeper);
        }
    } leave{this, sleeper};
    boost::system::error_code error;
    co_await sleeper->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    std::lock_guard lock(mutex_);
    if (!sleeper->due) throw boost::system::system_error(asio::error::operation_aborted);
}

void FakeClock::advance(Duration by) {
    std::vector<std::shared_ptr<Sleeper>> woken;
    {
        std::lock_guard lock(mutex_);
        steady_ += by;
        now_ += std::chrono::duration_cast<std::chrono::microseconds>(by);
        for (auto it = sleepers_.begin(); it != sleepers_.end();) {
            if ((*it)->deadline > steady_) {
                ++it;
                continue;
            }
            (*it)->due = true;
            woken.push_back(*it);
            it = sleepers_.erase(it);
        }
    }
    // The timer belongs to the sleeper's loop; only that loop may touch it.
    for (auto& sleeper : woken)
        asio::post(sleeper->timer.get_executor(), [sleeper] { sleeper->timer.cancel(); });
}

std::size_t FakeClock::sleepers() const {
    std::lock_guard lock(mutex_);
    return sleepers_.size();
}

}  // namespace berth::base

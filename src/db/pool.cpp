#include "db/pool.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>

namespace berth::db {
namespace {

constexpr std::size_t pipeline_limit = 256;
constexpr std::chrono::milliseconds first_backoff{50};
constexpr std::chrono::milliseconds last_backoff{2000};

Error pool_closed() { return unavailable("the database is shut down"); }

/// Runs its function however a coroutine ends.
template <class Function>
struct AtExit {
    Function function;
    ~AtExit() { function(); }
};
template <class Function>
AtExit(Function) -> AtExit<Function>;

}  // namespace

Pool::Pool(asio::any_io_executor executor, PoolOptions options, base::Logger log)
    : executor_(executor), options_(std::move(options)), group_(executor, log), log_(std::move(log)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.shared); ++i) {
        slots_.push_back(std::make_unique<Slot>(executor));
    }
}

Pool::~Pool() = default;

asio::awaitable<Result<ResultSet>> Pool::execute(Command command) {
    auto connection = co_await shared_connection();
    if (!connection) co_return connection.error();
    while ((*connection)->usable() && (*connection)->load() >= pipeline_limit) {
        co_await (*connection)->progress().wait();
    }
    auto result = co_await (*connection)->execute(std::move(command));
    co_return result;
}

asio::awaitable<Result<std::shared_ptr<Connection>>> Pool::shared_connection() {
    while (true) {
        if (closed_) co_return pool_closed();
        // The least loaded; one that is not there yet counts as loaded a little, so quiet servers keep one.
        auto weight = [](const std::unique_ptr<Slot>& slot) {
            bool up = slot->connection && slot->connection->usable();
            return up ? slot->connection->load() : std::size_t{8};
        };
        auto best = std::min_element(slots_.begin(), slots_.end(), [&](const auto& left, const auto& right) {
            return weight(left) < weight(right);
        });
        Slot& slot = **best;
        if (slot.connection && slot.connection->usable()) co_return slot.connection;
        if (slot.dialing) {
            co_await slot.changed.wait();
            if (!slot.dialing && last_failure_ && (!slot.connection || !slot.connection->usable()))
                co_return *last_failure_;
            continue;
        }
        slot.dialing = true;
        AtExit done{[&slot] {
            slot.dialing = false;
            slot.changed.notify();
        }};
        auto dialed = co_await dial();
        if (!dialed) co_return dialed.error();
        slot.connection = *dialed;
        co_return slot.connection;
    }
}

Error Pool::remember_failure(Error error) {
    if (!last_failure_) log_.warn("the database is not available", field("error", error));
    backoff_ = std::clamp(backoff_ * 2, first_backoff, last_backoff);
    retry_at_ = std::chrono::steady_clock::now() + backoff_;
    last_failure_ = error;
    return error;
}

asio::awaitable<Result<std::shared_ptr<Connection>>> Pool::dial() {
    if (last_failure_ && std::chrono::steady_clock::now() < retry_at_) co_return *last_failure_;
    auto connection = co_await Connection::connect(options_.connection);
    if (!connection) co_return remember_failure(connection.error());
    if (closed_) co_return pool_closed();
    std::erase_if(all_, [](const auto& each) { return each.expired(); });
    all_.push_back(*connection);
    group_.spawn("database reader", Connection::read_loop(*connection));
    group_.spawn("database writer", Connection::write_loop(*connection));
    Command settings{.text =
                         "SELECT set_config('statement_timeout', $1, false), "
                         "set_config('idle_in_transaction_session_timeout', '120000', false), "
                         // Compiling costs more than any of our statements runs.
                         "set_config('jit', 'off', false)",
                     .prepare = false};
    settings.arguments.add(std::to_string(options_.connection.statement_timeout.count()));
    auto set = co_await (*connection)->execute(std::move(settings));
    if (!set) co_return remember_failure(set.error());
    if (last_failure_) log_.info("the database is available again");
    last_failure_.reset();
    backoff_ = {};
    co_return connection;
}

asio::awaitable<Result<std::shared_ptr<Connection>>> Pool::lease() {
    if (closed_) co_return pool_closed();
    if (leased_ >= options_.exclusive) {
        auto waited = co_await wait_for_lease();
        if (!waited) co_return waited.error();
    } else {
        ++leased_;
    }
    // From here on the place is ours, to be freed unless a connection goes out with it.
    bool handed_out = false;
    AtExit done{[this, &handed_out] {
        if (handed_out) return;
        --leased_;
        wake_waiter();
    }};
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->usable()) continue;
        handed_out = true;
        co_return connection;
    }
    auto dialed = co_await dial();
    handed_out = dialed.ok();
    co_return dialed;
}

asio::awaitable<Result<void>> Pool::wait_for_lease() {
    auto timer = std::make_shared<asio::steady_timer>(executor_, options_.connection.connect_timeout);
    waiters_.push_back(timer);
    boost::system::error_code error;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, error));
    auto place = std::find(waiters_.begin(), waiters_.end(), timer);
    // Whoever woke us took us off the list and left us the place.
    if (place == waiters_.end()) co_return Result<void>();
    waiters_.erase(place);
    if (closed_) co_return pool_closed();
    if (error) co_return cancelled();
    co_return unavailable("the database is busy", "no free connection in time");
}

void Pool::wake_waiter() {
    if (waiters_.empty() || closed_) return;
    auto timer = waiters_.front();
    waiters_.pop_front();
    ++leased_;
    timer->cancel();
}

void Pool::give_back(std::shared_ptr<Connection> connection, bool clean) {
    if (clean && connection->usable() && connection->load() == 0 && !closed_) {
        idle_.push_back(std::move(connection));
    } else {
        connection->abandon();
    }
    --leased_;
    wake_waiter();
}

asio::awaitable<void> Pool::close() {
    closed_ = true;
    for (auto& waiter : waiters_)
        waiter->cancel();
    for (auto& each : all_) {
        auto connection = each.lock();
        if (connection) connection->close();
    }
    idle_.clear();
    for (auto& slot : slots_)
        slot->connection.reset();
    group_.cancel();
    co_await group_.join();
}

}  // namespace berth::db

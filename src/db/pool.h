#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "db/connection.h"
#include "net/task_group.h"

namespace berth::db {

struct PoolOptions {
    ConnectionOptions connection;
    std::size_t shared = 2;
    std::size_t exclusive = 6;
};

/// The connections of one loop.
class Pool {
public:
    Pool(asio::any_io_executor executor, PoolOptions options, base::Logger log);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// One statement on a shared connection.
    asio::awaitable<Result<ResultSet>> execute(Command command);
    /// A connection for its taker alone, until given back; waits for a free one.
    asio::awaitable<Result<std::shared_ptr<Connection>>> lease();
    /// Unless `clean`, the connection is ended.
    void give_back(std::shared_ptr<Connection> connection, bool clean);
    asio::awaitable<void> close();

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

private:
    struct Slot {
        explicit Slot(asio::any_io_executor executor) : changed(std::move(executor)) {}
        std::shared_ptr<Connection> connection;
        bool dialing = false;
        net::Signal changed;
    };

    asio::awaitable<Result<std::shared_ptr<Connection>>> dial();
    asio::awaitable<Result<std::shared_ptr<Connection>>> shared_connection();
    asio::awaitable<Result<void>> wait_for_lease();
    void wake_waiter();
    Error remember_failure(Error error);

    asio::any_io_executor executor_;
    PoolOptions options_;
    net::TaskGroup group_;
    base::Logger log_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<std::weak_ptr<Connection>> all_;
    std::vector<std::shared_ptr<Connection>> idle_;
    std::size_t leased_ = 0;
    std::deque<std::shared_ptr<asio::steady_timer>> waiters_;
    std::chrono::milliseconds backoff_{0};
    std::chrono::steady_clock::time_point retry_at_{};
    std::optional<Error> last_failure_;
    bool closed_ = false;
};

}  // namespace berth::db

#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/asio.h"
#include "base/secret.h"
#include "db/executor.h"
#include "net/signal.h"

struct pg_conn;
struct pg_result;

namespace berth::db {

struct ConnectionOptions {
    SecretString url;
    std::chrono::milliseconds statement_timeout;
    std::chrono::milliseconds connect_timeout;
    /// Threads for what libpq does blocking: names looked up, cancel requests sent.
    asio::any_io_executor workers;
    /// Told of each NOTIFY that arrives.
    std::function<void(std::string channel, std::string payload)> on_notify = {};
};

/// One connection in libpq's pipeline mode, on one loop. Statements are sent as they come and answered in
/// order; each has a sync point of its own, so one that fails does not touch the next. Its owner runs
/// read_loop() and write_loop().
class Connection : public std::enable_shared_from_this<Connection> {
public:
    static asio::awaitable<Result<std::shared_ptr<Connection>>> connect(ConnectionOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// A cancelled wait leaves the statement running; whoever has the connection alone should then abandon()
    /// it.
    asio::awaitable<Result<ResultSet>> execute(Command command);

    static asio::awaitable<void> read_loop(std::shared_ptr<Connection> self);
    static asio::awaitable<void> write_loop(std::shared_ptr<Connection> self);

    [[nodiscard]] bool usable() const { return !broken_; }
    [[nodiscard]] std::size_t load() const { return pending_.size(); }
    /// Ends the connection now; what was under way answers unavailable.
    void close();
    /// As close(), and asks the server to stop the statement under way.
    void abandon();
    /// Returns when the connection has ended.
    asio::awaitable<void> wait_closed();
    /// Wakes when statements were answered.
    [[nodiscard]] net::Signal& progress() { return progress_; }

private:
    struct Pending;
    struct Prepared {
        std::string name;
        std::list<std::string>::iterator use;
    };

    Connection(asio::any_io_executor executor, std::shared_ptr<pg_conn> connection,
               ConnectionOptions options);
    Result<std::shared_ptr<Pending>> send(const Command& command);
    bool send_prepared(const Command& command, Pending& pending);
    bool send_arguments(const Command& command, const std::string* prepared_name);
    void drop_least_used();
    void forget(const std::string& text);
    void flush();
    void drain();
    void take(pg_result* result);
    void fail(const Error& error);
    Error lost() const;

    asio::any_io_executor executor_;
    std::shared_ptr<pg_conn> owner_;
    pg_conn* connection_;
    ConnectionOptions options_;
    asio::posix::stream_descriptor socket_;
    std::deque<std::shared_ptr<Pending>> pending_;
    std::unordered_map<std::string, Prepared> prepared_;
    std::list<std::string> recently_used_;
    std::size_t names_ = 0;
    net::Signal want_flush_;
    net::Signal progress_;
    bool flushing_ = false;
    bool broken_ = false;
};

}  // namespace berth::db

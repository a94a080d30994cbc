#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/secret.h"
#include "db/error.h"
#include "db/generated/queries.h"
#include "net/runtime.h"

namespace berth::db {

struct StoreOptions {
    /// postgres://… or key=value pairs, as libpq takes them. May hold a password.
    SecretString url;
    /// Connections per loop that single statements share (pipelined), and that transactions take for
    /// themselves.
    std::size_t shared_connections = 2;
    std::size_t transaction_connections = 6;
    /// After this a statement is given up (deadline_exceeded).
    std::chrono::milliseconds statement_timeout = std::chrono::seconds(30);
    /// How long to wait for a free connection, and for a new one to be made.
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
};

enum class Isolation { read_committed, repeatable_read, serializable };

struct TransactionOptions {
    Isolation isolation = Isolation::read_committed;
    bool read_only = false;
    /// How often the body runs at most, when others' transactions get in its way.
    int attempts = 5;
};

class Pool;
class TransactionState;

/// Statements that take effect together. Lives for one run of a transaction's body.
///
/// The first statement that fails in the database ends the transaction: later ones answer the same error, and
/// so does the transaction. (not_found and permission_denied are answers, not failures.) Statements run one
/// after the other.
class Transaction final : public Queries {
public:
    explicit Transaction(std::unique_ptr<TransactionState> state);
    ~Transaction() override;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    asio::awaitable<Result<ResultSet>> execute(Command command) override;

    /// Waits for the lock of this name, which no other transaction holds until this one ends.
    asio::awaitable<Result<void>> lock(std::string name);
    /// False when another transaction holds it.
    asio::awaitable<Result<bool>> try_lock(std::string name);
    /// Published (see Pubsub) when and only when the transaction commits.
    asio::awaitable<Result<void>> notify(std::string channel, std::string payload);

private:
    friend class Store;
    std::unique_ptr<TransactionState> state_;
};

/// PostgreSQL, for the whole program: one small pool per loop, any coroutine on any loop may call.
///
/// A single statement shares a pipelined connection with others; its failure does not touch theirs. A lost
/// connection answers `unavailable` and is replaced; nothing is sent twice. Constraint violations: see
/// db/error.h.
class Store final : public Queries {
public:
    Store(net::Runtime& runtime, StoreOptions options, base::Logger log);
    ~Store() override;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Makes a first connection, to fail early.
    asio::awaitable<Result<void>> open();
    /// Ends all connections; must be awaited before destruction once anything was run.
    asio::awaitable<void> close();

    asio::awaitable<Result<ResultSet>> execute(Command command) override;

    /// Runs `body(transaction, args...)`, a coroutine function without captures that gives Result<T>, and
    /// commits when it succeeds. The body may run several times; `args` are the same each time: pass
    /// references by std::ref.
    ///
    ///     auto user = co_await store.transaction({}, insert_user_and_member, std::ref(request), now);
    template <class Body, class... Args>
    auto transaction(TransactionOptions options, Body body, Args... args)
        -> std::invoke_result_t<Body&, Transaction&, Args&...>;

    [[nodiscard]] const StoreOptions& options() const { return options_; }

private:
    asio::awaitable<Result<std::unique_ptr<Transaction>>> begin(TransactionOptions options);
    /// Commits, or rolls back when the body failed. The transaction's own first failure comes before the
    /// body's.
    asio::awaitable<Result<void>> finish(Transaction& transaction, bool commit);
    asio::awaitable<void> pause_before_retry(int attempt);
    Pool& pool_of(const asio::any_io_executor& executor, bool& same_loop);

    net::Runtime& runtime_;
    StoreOptions options_;
    base::Logger log_;
    std::vector<std::unique_ptr<Pool>> pools_;
};

template <class Body, class... Args>
auto Store::transaction(TransactionOptions options, Body body, Args... args)
    -> std::invoke_result_t<Body&, Transaction&, Args&...> {
    for (int attempt = 1;; ++attempt) {
        auto begun = co_await begin(options);
        if (!begun) co_return begun.error();
        Transaction& transaction = **begun;
        auto result = co_await body(transaction, args...);
        auto ended = co_await finish(transaction, result.ok());
        if (ended.ok()) co_return result;
        if (!is_serialization_failure(ended.error()) || attempt >= options.attempts) co_return ended.error();
        begun->reset();
        co_await pause_before_retry(attempt);
    }
}

}  // namespace berth::db

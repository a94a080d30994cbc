#include "db/store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>

#include "db/pool.h"

namespace berth::db {

class TransactionState {
public:
    TransactionState(Pool& pool, std::shared_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~TransactionState() {
        // Not ended (an exception, a cancelled request): the server rolls back when the connection goes.
        if (connection_) pool_.give_back(std::move(connection_), false);
    }
    TransactionState(const TransactionState&) = delete;
    TransactionState& operator=(const TransactionState&) = delete;

    asio::awaitable<Result<ResultSet>> execute(Command command) {
        if (failure_) co_return *failure_;
        auto result = co_await connection_->execute(std::move(command));
        if (!result) failure_ = result.error();
        co_return result;
    }
    asio::awaitable<Result<void>> end(bool commit) {
        auto failure = failure_;
        failure_.reset();
        Command command{.text = commit && !failure ? "COMMIT" : "ROLLBACK"};
        auto ended = co_await execute(std::move(command));
        pool_.give_back(std::move(connection_), ended.ok());
        connection_.reset();
        if (failure) co_return *failure;
        // A rollback that fails has happened all the same.
        if (!ended && commit) co_return ended.error();
        co_return Result<void>();
    }

private:
    Pool& pool_;
    std::shared_ptr<Connection> connection_;
    std::optional<Error> failure_;
};

Transaction::Transaction(std::unique_ptr<TransactionState> state) : state_(std::move(state)) {}
Transaction::~Transaction() = default;

asio::awaitable<Result<ResultSet>> Transaction::execute(Command command) {
    auto result = co_await state_->execute(std::move(command));
    co_return result;
}

asio::awaitable<Result<void>> Transaction::lock(std::string name) {
    Command command{.text = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7165))::text"};
    command.arguments.add(name);
    auto result = co_await execute(std::move(command));
    if (!result) co_return result.error();
    co_return Result<void>();
}

asio::awaitable<Result<bool>> Transaction::try_lock(std::string name) {
    Command command{.text = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 7165))"};
    command.arguments.add(name);
    auto result = co_await execute(std::move(command));
    if (!result) co_return result.error();
    bool locked = false;
    RowReader(*result, 0).read(locked);
    co_return locked;
}

asio::awaitable<Result<void>> Transaction::notify(std::string channel, std::string payload) {
    Command command{.text = "SELECT pg_notify($1, $2)::text"};
    command.arguments.add(channel);
    command.arguments.add(payload);
    auto result = co_await execute(std::move(command));
    if (!result) co_return result.error();
    co_return Result<void>();
}

Store::Store(net::Runtime& runtime, StoreOptions options, base::Logger log)
    : runtime_(runtime), options_(std::move(options)), log_(std::move(log)) {
    for (std::size_t i = 0; i < runtime.size(); ++i) {
        PoolOptions pool{.connection = {.url = options_.url,
                                        .statement_timeout = options_.statement_timeout,
                                        .connect_timeout = options_.connect_timeout,
                                        .workers = runtime.workers()},
                         .shared = options_.shared_connections,
                         .exclusive = options_.transaction_connections};
        pools_.push_back(std::make_unique<Pool>(runtime.executor(i), std::move(pool), log_));
    }
}

Store::~Store() = default;

Pool& Store::pool_of(const asio::any_io_executor& executor, bool& same_loop) {
    auto* context = &asio::query(executor, asio::execution::context);
    for (auto& pool : pools_) {
        same_loop = &asio::query(pool->executor(), asio::execution::context) == context;
        if (same_loop) return *pool;
    }
    return *pools_.front();
}

asio::awaitable<Result<void>> Store::open() {
    Command command{.text = "SELECT 1", .prepare = false};
    auto result = co_await execute(std::move(command));
    if (!result) co_return result.error();
    co_return Result<void>();
}

asio::awaitable<void> Store::close() {
    for (auto& pool : pools_) {
        co_await asio::co_spawn(pool->executor(), pool->close(), asio::use_awaitable);
    }
}

asio::awaitable<Result<ResultSet>> Store::execute(Command command) {
    auto executor = co_await asio::this_coro::executor;
    bool same_loop = false;
    Pool& pool = pool_of(executor, same_loop);
    if (same_loop) {
        auto result = co_await pool.execute(std::move(command));
        co_return result;
    }
    auto work = net::detail::boxed(pool.execute(std::move(command)));
    auto result = co_await asio::co_spawn(pool.executor(), std::move(work), asio::use_awaitable);
    co_return std::move(*result);
}

asio::awaitable<Result<std::unique_ptr<Transaction>>> Store::begin(TransactionOptions options) {
    auto executor = co_await asio::this_coro::executor;
    bool same_loop = false;
    Pool& pool = pool_of(executor, same_loop);
    if (!same_loop) co_return internal_error("a transaction runs on a loop, not on a worker thread");
    auto connection = co_await pool.lease();
    if (!connection) co_return connection.error();
    auto state = std::make_unique<TransactionState>(pool, *connection);
    std::string text = "BEGIN ISOLATION LEVEL ";
    switch (options.isolation) {
        case Isolation::read_committed:
            text += "READ COMMITTED";
            break;
        case Isolation::repeatable_read:
            text += "REPEATABLE READ";
            break;
        case Isolation::serializable:
            text += "SERIALIZABLE";
            break;
    }
    if (options.read_only) text += " READ ONLY";
    Command command{.text = std::move(text)};
    auto begun = co_await state->execute(std::move(command));
    if (!begun) co_return begun.error();
    co_return std::make_unique<Transaction>(std::move(state));
}

asio::awaitable<Result<void>> Store::finish(Transaction& transaction, bool commit) {
    auto ended = co_await transaction.state_->end(commit);
    co_return ended;
}

asio::awaitable<void> Store::pause_before_retry(int attempt) {
    auto executor = co_await asio::this_coro::executor;
    // Apart by chance, so that those who collided do not meet again.
    auto jitter = std::chrono::milliseconds(Uuid::random().bytes[0] % 16);
    asio::steady_timer timer(executor, std::chrono::milliseconds(4 * attempt * attempt) + jitter);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace berth::db

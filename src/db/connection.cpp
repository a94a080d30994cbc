#include "db/connection.h"

#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include "base/text.h"
#include "db/error.h"
#include "net/runtime.h"

namespace berth::db {
namespace {

constexpr std::size_t prepared_limit = 400;
/// What the server may take longer than its own statement timeout before it counts as gone.
constexpr auto grace = std::chrono::seconds(10);

using ConnectionPointer = std::shared_ptr<PGconn>;

Error connect_error(const PGconn* connection) {
    // libpq's text names hosts and users, never passwords.
    return unavailable("the database is not available", std::string(base::trim(PQerrorMessage(connection))));
}

/// A descriptor of our own for libpq's socket. libpq closes its own as soon as the peer has gone, and the
/// number may be another socket's by the time Asio forgets it.
asio::posix::stream_descriptor watch(const asio::any_io_executor& executor, int fd) {
    asio::posix::stream_descriptor watched(executor);
    int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    boost::system::error_code failed;
    if (copy >= 0) watched.assign(copy, failed);
    if (failed) ::close(copy);
    return watched;
}

/// Waits until the connecting socket is readable or writable, or the deadline passes.
asio::awaitable<bool> wait_socket(int fd, bool write, std::chrono::steady_clock::time_point deadline) {
    auto executor = co_await asio::this_coro::executor;
    auto socket = std::make_shared<asio::posix::stream_descriptor>(watch(executor, fd));
    asio::steady_timer timer(executor, deadline);
    timer.async_wait([weak = std::weak_ptr(socket)](boost::system::error_code error) {
        auto alive = weak.lock();
        if (!error && alive) alive->cancel();
    });
    boost::system::error_code error;
    auto direction =
        write ? asio::posix::stream_descriptor::wait_write : asio::posix::stream_descriptor::wait_read;
    co_await socket->async_wait(direction, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
}

ConnectionPointer start_connect(const std::string& url, const std::string& timeout) {
    const char* keywords[] = {"dbname", "client_encoding", "application_name", "connect_timeout", nullptr};
    const char* values[] = {url.c_str(), "UTF8", "berth", timeout.c_str(), nullptr};
    return {PQconnectStartParams(keywords, values, 1), [](PGconn* each) { PQfinish(each); }};
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

struct Connection::Pending {
    Pending(const asio::any_io_executor& executor, std::chrono::steady_clock::duration timeout)
        : done(executor, timeout) {}

    void answer(Result<ResultSet> result) {
        outcome.emplace(std::move(result));
        done.cancel();
    }

    asio::steady_timer done;
    std::optional<Result<ResultSet>> outcome;
    std::optional<Error> error;
    ResultSet result;
    /// The text, when it is in the cache of prepared statements.
    std::string text;
    bool preparing = false;
    bool stale = false;
    /// Answered by nobody: a statement of our own.
    bool internal = false;
};

asio::awaitable<Result<std::shared_ptr<Connection>>> Connection::connect(ConnectionOptions options) {
    auto executor = co_await asio::this_coro::executor;
    auto deadline = std::chrono::steady_clock::now() + options.connect_timeout;
    auto seconds = std::to_string(std::max<std::int64_t>(2, options.connect_timeout.count() / 1000));
    // A name of its own: g++ 12 destroys captures twice when the closure is a temporary of the co_await.
    auto start = [url = options.url.reveal(), seconds] { return start_connect(url, seconds); };
    auto connection = co_await net::run_on(options.workers, std::move(start));
    if (!connection) co_return internal_error("out of memory");
    auto state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (PQstatus(connection.get()) == CONNECTION_BAD) co_return connect_error(connection.get());
        bool ready =
            co_await wait_socket(PQsocket(connection.get()), state == PGRES_POLLING_WRITING, deadline);
        if (!ready) co_return unavailable("the database is not available", "no connection in time");
        state = PQconnectPoll(connection.get());
        if (state == PGRES_POLLING_FAILED) co_return connect_error(connection.get());
    }
    if (PQserverVersion(connection.get()) < 130000) {
        co_return Error(ErrorCode::failed_precondition, "PostgreSQL 13 or newer is needed");
    }
    PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
    if (PQsetnonblocking(connection.get(), 1) != 0 || PQenterPipelineMode(connection.get()) != 1) {
        co_return connect_error(connection.get());
    }
    co_return std::shared_ptr<Connection>(
        new Connection(executor, std::move(connection), std::move(options)));
}

Connection::Connection(asio::any_io_executor executor, std::shared_ptr<pg_conn> connection,
                       ConnectionOptions options)
    : executor_(executor),
      owner_(std::move(connection)),
      connection_(owner_.get()),
      options_(std::move(options)),
      socket_(watch(executor, PQsocket(connection_))),
      want_flush_(executor),
      progress_(executor) {}

Connection::~Connection() = default;

asio::awaitable<Result<ResultSet>> Connection::execute(Command command) {
    auto self = shared_from_this();
    for (int attempt = 0;; ++attempt) {
        auto sent = send(command);
        if (!sent) co_return sent.error();
        auto pending = *sent;
        if (!pending->outcome) {
            boost::system::error_code error;
            co_await pending->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
            if (!pending->outcome && !error) {
                self->fail(unavailable("the database is not available", "no answer in time"));
            }
        }
        if (!pending->outcome) co_return cancelled();
        // Nothing ran: the server did not know the prepared statement.
        if (pending->stale && attempt == 0 && usable()) continue;
        co_return std::move(*pending->outcome);
    }
}

Result<std::shared_ptr<Connection::Pending>> Connection::send(const Command& command) {
    if (broken_) return lost();
    auto pending = std::make_shared<Pending>(executor_, options_.statement_timeout + grace);
    bool ok = command.prepare ? send_prepared(command, *pending) : send_arguments(command, nullptr);
    ok = ok && PQpipelineSync(connection_) == 1;
    if (!ok) {
        fail(lost());
        return lost();
    }
    pending_.push_back(pending);
    flush();
    return pending;
}

bool Connection::send_prepared(const Command& command, Pending& pending) {
    pending.text = command.text;
    auto known = prepared_.find(command.text);
    if (known != prepared_.end()) {
        recently_used_.splice(recently_used_.begin(), recently_used_, known->second.use);
        return send_arguments(command, &known->second.name);
    }
    if (prepared_.size() >= prepared_limit) drop_least_used();
    pending.preparing = true;
    recently_used_.push_front(command.text);
    auto& entry = prepared_[command.text];
    entry = {"s" + std::to_string(++names_), recently_used_.begin()};
    if (PQsendPrepare(connection_, entry.name.c_str(), command.text.c_str(),
                      static_cast<int>(command.parameter_types.size()),
                      command.parameter_types.data()) != 1) {
        return false;
    }
    return send_arguments(command, &entry.name);
}

bool Connection::send_arguments(const Command& command, const std::string* prepared_name) {
    const auto& arguments = command.arguments.values();
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const auto& argument : arguments) {
        values.push_back(argument.bytes ? argument.bytes->data() : nullptr);
        lengths.push_back(argument.bytes ? static_cast<int>(argument.bytes->size()) : 0);
        formats.push_back(argument.binary ? 1 : 0);
    }
    auto count = static_cast<int>(arguments.size());
    if (prepared_name != nullptr) {
        return PQsendQueryPrepared(connection_, prepared_name->c_str(), count, values.data(), lengths.data(),
                                   formats.data(), 1) == 1;
    }
    const auto* types = command.parameter_types.empty() ? nullptr : command.parameter_types.data();
    return PQsendQueryParams(connection_, command.text.c_str(), count, types, values.data(), lengths.data(),
                             formats.data(), 1) == 1;
}

void Connection::drop_least_used() {
    auto found = prepared_.find(recently_used_.back());
    auto name = found->second.name;
    forget(recently_used_.back());
    auto pending = std::make_shared<Pending>(executor_, options_.statement_timeout + grace);
    pending->internal = true;
    auto text = "DEALLOCATE " + name;
    if (PQsendQueryParams(connection_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 1 &&
        PQpipelineSync(connection_) == 1) {
        pending_.push_back(std::move(pending));
    }
}

void Connection::forget(const std::string& text) {
    auto found = prepared_.find(text);
    if (found == prepared_.end()) return;
    auto use = found->second.use;
    prepared_.erase(found);
    recently_used_.erase(use);
}

void Connection::flush() {
    int left = PQflush(connection_);
    if (left < 0) return fail(lost());
    if (left == 0) return;
    flushing_ = true;
    want_flush_.notify();
}

asio::awaitable<void> Connection::write_loop(std::shared_ptr<Connection> self) {
    while (!self->broken_) {
        if (!self->flushing_) {
            co_await self->want_flush_.wait();
            continue;
        }
        boost::system::error_code error;
        co_await self->socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                                          asio::redirect_error(asio::use_awaitable, error));
        if (self->broken_ || error) break;
        int left = PQflush(self->connection_);
        if (left < 0) self->fail(self->lost());
        self->flushing_ = left > 0;
    }
}

asio::awaitable<void> Connection::read_loop(std::shared_ptr<Connection> self) {
    while (!self->broken_) {
        boost::system::error_code error;
        co_await self->socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                          asio::redirect_error(asio::use_awaitable, error));
        if (self->broken_) break;
        if (error) {
            self->fail(unavailable("the database connection was closed"));
            break;
        }
        bool alive = PQconsumeInput(self->connection_) == 1;
        // Reading may have made room to write, and a lost connection may have left a last word.
        self->drain();
        if (!alive || PQstatus(self->connection_) == CONNECTION_BAD) self->fail(self->lost());
    }
}

void Connection::drain() {
    int empty = 0;
    while (!pending_.empty() && empty < 3 && PQisBusy(connection_) == 0) {
        PGresult* result = PQgetResult(connection_);
        // A null stands between the results of two commands.
        empty = result == nullptr ? empty + 1 : 0;
        if (result != nullptr) take(result);
        if (broken_) return;
    }
    while (PGnotify* notify = PQnotifies(connection_)) {
        if (options_.on_notify) options_.on_notify(notify->relname, notify->extra);
        PQfreemem(notify);
    }
}

void Connection::take(pg_result* raw) {
    ResultSet result(raw);
    auto pending = pending_.front();
    switch (PQresultStatus(raw)) {
        case PGRES_PIPELINE_SYNC:
            pending_.pop_front();
            if (!pending->internal) {
                pending->answer(pending->error ? Result<ResultSet>(*pending->error)
                                               : Result<ResultSet>(pending->result));
            }
            progress_.notify();
            return;
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            if (pending->preparing) {
                pending->preparing = false;
            } else {
                pending->result = std::move(result);
            }
            return;
        case PGRES_PIPELINE_ABORTED:
            return;
        default: {
            auto text = [raw](int field) {
                const char* value = PQresultErrorField(raw, field);
                return std::string(value == nullptr ? "" : value);
            };
            auto state = text(PG_DIAG_SQLSTATE);
            // Without a state the words are libpq's own, about the connection.
            if (state.empty()) return fail(lost());
            // Not prepared after all, or prepared against a schema that has changed since.
            bool unknown = state == "26000" || (state == "0A000" && !pending->preparing);
            if (!pending->text.empty() && (pending->preparing || unknown)) forget(pending->text);
            pending->stale = state == "26000";
            if (!pending->error) {
                pending->error =
                    make_error(state, text(PG_DIAG_MESSAGE_PRIMARY), text(PG_DIAG_CONSTRAINT_NAME));
            }
            return;
        }
    }
}

void Connection::fail(const Error& error) {
    if (broken_) return;
    broken_ = true;
    auto waiting = std::move(pending_);
    pending_.clear();
    for (auto& pending : waiting)
        // What the server said about a statement before the connection broke is the better answer.
        if (!pending->internal) pending->answer(pending->error ? *pending->error : error);
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    want_flush_.notify();
    progress_.notify();
}

Error Connection::lost() const {
    return unavailable("the database is not available", std::string(base::trim(PQerrorMessage(connection_))));
}

void Connection::close() { fail(unavailable("the database connection was closed")); }

void Connection::abandon() {
    if (broken_) return;
    if (!pending_.empty()) {
        auto cancel =
            std::shared_ptr<PGcancel>(PQgetCancel(connection_), [](PGcancel* each) { PQfreeCancel(each); });
        asio::post(options_.workers, [cancel] {
            char ignored[256];
            if (cancel) PQcancel(cancel.get(), ignored, sizeof ignored);
        });
    }
    close();
}

asio::awaitable<void> Connection::wait_closed() {
    auto self = shared_from_this();
    while (!broken_)
        co_await progress_.wait();
}

}  // namespace berth::db

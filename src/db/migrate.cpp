#include "db/migrate.h"

#include <memory>
#include <string>

#include <libpq-fe.h>

#include "base/text.h"
#include "db/error.h"
#include "db/migrations.h"

namespace berth::db {
namespace {

using OwnedConnection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using ResultPointer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Runs text that may hold several statements.
Result<ResultPointer> run(PGconn* connection, const char* sql) {
    ResultPointer result(PQexec(connection, sql), &PQclear);
    auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    if (state == nullptr)
        return unavailable("the database is not available", std::string(PQerrorMessage(connection)));
    return make_error(state, message == nullptr ? "" : message, "");
}

Result<void> apply(PGconn* connection, const Migration& migration) {
    auto begun = run(connection, "BEGIN");
    if (!begun) return begun.error();
    auto applied = run(connection, migration.sql);
    if (!applied) return applied.error();
    auto note = "INSERT INTO schema_migrations (version, name) VALUES (" + std::to_string(migration.version) +
                ", '" + migration.name + "')";
    auto noted = run(connection, note.c_str());
    if (!noted) return noted.error();
    auto committed = run(connection, "COMMIT");
    if (!committed) return committed.error();
    return {};
}

Result<int> current_version(PGconn* connection) {
    auto made =
        run(connection,
            "CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT now())");
    if (!made) return made.error();
    auto found = run(connection, "SELECT coalesce(max(version), 0) FROM schema_migrations");
    if (!found) return found.error();
    return base::parse_int<int>(PQgetvalue(found->get(), 0, 0)).value_or(0);
}

/// Blocks; for a worker thread. The lock is the session's and ends with the connection.
Result<void> migrate_blocking(const std::string& url, const base::Logger& log) {
    const char* keywords[] = {"dbname", "client_encoding", "application_name", "connect_timeout", nullptr};
    const char* values[] = {url.c_str(), "UTF8", "berth migrations", "10", nullptr};
    OwnedConnection connection(PQconnectdbParams(keywords, values, 1), &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) {
        return unavailable("the database is not available",
                           std::string(base::trim(PQerrorMessage(connection.get()))));
    }
    PQsetNoticeReceiver(
        connection.get(), [](void*, const PGresult*) {}, nullptr);
    auto prepared = run(connection.get(), "SET statement_timeout = 0; SELECT pg_advisory_lock(7165001)");
    if (!prepared) return prepared.error();
    auto version = current_version(connection.get());
    if (!version) return version.error();
    if (*version > latest_migration()) {
        return Error(ErrorCode::failed_precondition,
                     "the database was made by a newer berth; use that version or restore a backup",
                     "database version " + std::to_string(*version) + ", this program knows " +
                         std::to_string(latest_migration()));
    }
    for (const auto& migration : migrations()) {
        if (migration.version <= *version) continue;
        auto applied = apply(connection.get(), migration);
        if (!applied) return applied.error().wrap("migration " + std::string(migration.name));
        log.info("database migrated", field("version", migration.version), field("name", migration.name));
    }
    return {};
}

}  // namespace

int latest_migration() { return migrations().empty() ? 0 : migrations().back().version; }

asio::awaitable<Result<void>> migrate(net::Runtime& runtime, SecretString url, base::Logger log) {
    auto work = [url, log] { return migrate_blocking(url.reveal(), log); };
    auto result = co_await net::run_on(runtime.workers(), std::move(work));
    co_return result;
}

}  // namespace berth::db

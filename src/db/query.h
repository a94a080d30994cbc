#pragma once

// What generated queries are made of. Others include db/store.h.

#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "db/codec.h"
#include "db/generated/queries.h"
#include "db/statement.h"

namespace berth::db {

/// Checks the statement's policy for `actor`, runs it and hands out the result. `executor` and `actor` must
/// live until the answer.
asio::awaitable<Result<ResultSet>> run_authorized(Executor& executor, const rbac::Actor& actor,
                                                  const Statement& statement, Arguments arguments);

Error no_row(const Statement& statement);
Error bad_column(const Statement& statement, int column);

// A row of one plain value.
template <class T>
void read_row(RowReader& reader, T& value) {
    reader.read(value);
}

template <class Row>
asio::awaitable<Result<Row>> query_one(Executor& executor, const rbac::Actor& actor,
                                       const Statement& statement, Arguments arguments) {
    auto result = co_await run_authorized(executor, actor, statement, std::move(arguments));
    if (!result) co_return result.error();
    if (result->rows() == 0) co_return no_row(statement);
    Row row{};
    RowReader reader(*result, 0);
    read_row(reader, row);
    if (reader.failed_column() >= 0) co_return bad_column(statement, reader.failed_column());
    co_return row;
}

template <class Row>
asio::awaitable<Result<std::vector<Row>>> query_many(Executor& executor, const rbac::Actor& actor,
                                                     const Statement& statement, Arguments arguments) {
    auto result = co_await run_authorized(executor, actor, statement, std::move(arguments));
    if (!result) co_return result.error();
    std::vector<Row> rows(static_cast<std::size_t>(result->rows()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        RowReader reader(*result, static_cast<int>(i));
        read_row(reader, rows[i]);
        if (reader.failed_column() >= 0) co_return bad_column(statement, reader.failed_column());
    }
    co_return rows;
}

asio::awaitable<Result<void>> query_exec(Executor& executor, const rbac::Actor& actor,
                                         const Statement& statement, Arguments arguments);
asio::awaitable<Result<std::int64_t>> query_exec_rows(Executor& executor, const rbac::Actor& actor,
                                                      const Statement& statement, Arguments arguments);

}  // namespace berth::db

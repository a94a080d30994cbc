#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::db {

// How PostgreSQL's failures look to callers:
//   unique violation                  conflict, detail() is the constraint's or index's name
//   foreign key violation             failed_precondition, detail() is the constraint's name
//   other constraints, bad values     invalid_argument
//   connection lost, server starting  unavailable
//   others got in the way             unavailable (Store::transaction has retried already)
//   statement timeout                 deadline_exceeded
//   all else                          internal, detail() says what for logs

/// `if (is_conflict(row.error(), "workspaces_owner_name_key"))`
bool is_conflict(const Error& error, std::string_view constraint);
bool is_foreign_key_violation(const Error& error, std::string_view constraint);
/// The transaction may succeed when it runs again.
bool is_serialization_failure(const Error& error);

/// From an SQLSTATE, the server's message and the constraint it names.
Error make_error(std::string_view sqlstate, std::string_view message, std::string_view constraint);

}  // namespace berth::db

#include "db/error.h"

namespace berth::db {
namespace {
constexpr std::string_view serialization_failure = "serialization failure";
}

bool is_conflict(const Error& error, std::string_view constraint) {
    return error.code() == ErrorCode::conflict && error.detail() == constraint;
}

bool is_foreign_key_violation(const Error& error, std::string_view constraint) {
    return error.code() == ErrorCode::failed_precondition && error.detail() == constraint;
}

bool is_serialization_failure(const Error& error) {
    return error.code() == ErrorCode::unavailable && error.detail() == serialization_failure;
}

Error make_error(std::string_view sqlstate, std::string_view message, std::string_view constraint) {
    auto state = std::string(sqlstate);
    if (state == "23505") return {ErrorCode::conflict, "this already exists", std::string(constraint)};
    if (state == "23503")
        return {ErrorCode::failed_precondition, "something it refers to does not exist or is in use",
                std::string(constraint)};
    if (state == "23514" || state == "23502")
        return {ErrorCode::invalid_argument, "a value is not allowed here", std::string(constraint)};
    // The server's text would repeat the value.
    if (sqlstate.starts_with("22"))
        return {ErrorCode::invalid_argument, "a value cannot be stored", "SQLSTATE " + state};
    if (state == "40001" || state == "40P01") {
        return {ErrorCode::unavailable, "the database is busy with the same things, try again",
                std::string(serialization_failure)};
    }
    if (state == "57014") return {ErrorCode::deadline_exceeded, "the database took too long"};
    bool lost = sqlstate.starts_with("08") && state != "08P01";
    if (lost || sqlstate.starts_with("57P") || sqlstate.starts_with("53") || state == "55P03") {
        return {ErrorCode::unavailable, "the database is not available", "SQLSTATE " + state};
    }
    return {ErrorCode::internal, "the database refused a statement",
            "SQLSTATE " + state + ": " + std::string(message)};
}

}  // namespace berth::db

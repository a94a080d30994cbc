#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace berth {

/// What went wrong, in terms a caller can act on. coderd maps each to one HTTP status (coderd/http_errors.h).
enum class ErrorCode {
    cancelled,
    invalid_argument,
    unauthenticated,
    permission_denied,
    not_found,
    conflict,
    failed_precondition,
    too_large,
    resource_exhausted,
    deadline_exceeded,
    unavailable,
    unimplemented,
    data_loss,
    internal,
};

std::string_view to_string(ErrorCode code);

/// One field of a request that was refused, as REST answers show it.
struct FieldError {
    std::string field;
    std::string detail;
    bool operator==(const FieldError&) const = default;
};

/// An expected failure. `message` is for the person who asked, `detail` for the one who repairs; neither may
/// hold a secret. `cause` is the failure below, for logs only.
class Error {
public:
    Error(ErrorCode code, std::string message, std::string detail = {})
        : code_(code), message_(std::move(message)), detail_(std::move(detail)) {}

    [[nodiscard]] ErrorCode code() const { return code_; }
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }
    [[nodiscard]] const std::vector<FieldError>& fields() const { return fields_; }
    [[nodiscard]] const Error* cause() const { return cause_.get(); }

    Error&& with_detail(std::string detail) &&;
    Error&& with_field(std::string field, std::string detail) &&;
    Error&& with_cause(Error cause) &&;

    /// The same failure seen from one level up: "context: message".
    [[nodiscard]] Error wrap(std::string_view context) const;
    /// "not_found: message (detail): caused by …", for logs and terminals.
    [[nodiscard]] std::string to_string() const;

private:
    ErrorCode code_;
    std::string message_;
    std::string detail_;
    std::vector<FieldError> fields_;
    std::shared_ptr<const Error> cause_;
};

Error invalid_argument(std::string message, std::string detail = {});
Error not_found(std::string message, std::string detail = {});
Error unavailable(std::string message, std::string detail = {});
Error internal_error(std::string message, std::string detail = {});
Error cancelled(std::string message = "cancelled");

/// A value or the reason there is none. Reading the value of a failed result is a broken invariant and
/// aborts.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return *std::get_if<0>(&checked()); }
    const T& value() const& { return *std::get_if<0>(&checked()); }
    T&& value() && { return std::move(*std::get_if<0>(&checked())); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
    [[nodiscard]] T value_or(T fallback) && { return ok() ? std::move(*this).value() : std::move(fallback); }

private:
    std::variant<T, Error>& checked() {
        if (!ok()) std::abort();
        return state_;
    }
    const std::variant<T, Error>& checked() const {
        if (!ok()) std::abort();
        return state_;
    }
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const { return error_.value(); }

private:
    std::optional<Error> error_;
};

}  // namespace berth

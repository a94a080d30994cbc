#include "base/result.h"

namespace berth {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::cancelled:
            return "cancelled";
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::permission_denied:
            return "permission_denied";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::failed_precondition:
            return "failed_precondition";
        case ErrorCode::too_large:
            return "too_large";
        case ErrorCode::resource_exhausted:
            return "resource_exhausted";
        case ErrorCode::deadline_exceeded:
            return "deadline_exceeded";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::unimplemented:
            return "unimplemented";
        case ErrorCode::data_loss:
            return "data_loss";
        case ErrorCode::internal:
            return "internal";
    }
    return "unknown";
}

Error&& Error::with_detail(std::string detail) && {
    detail_ = std::move(detail);
    return std::move(*this);
}

Error&& Error::with_field(std::string field, std::string detail) && {
    fields_.push_back({std::move(field), std::move(detail)});
    return std::move(*this);
}

Error&& Error::with_cause(Error cause) && {
    cause_ = std::make_shared<const Error>(std::move(cause));
    return std::move(*this);
}

Error Error::wrap(std::string_view context) const {
    Error outer = *this;
    outer.message_ = std::string(context) + ": " + message_;
    return outer;
}

std::string Error::to_string() const {
    std::string text = std::string(berth::to_string(code_)) + ": " + message_;
    if (!detail_.empty()) text += " (" + detail_ + ")";
    for (const auto& field : fields_)
        text += " [" + field.field + ": " + field.detail + "]";
    if (cause_) text += ": caused by " + cause_->to_string();
    return text;
}

Error invalid_argument(std::string message, std::string detail) {
    return {ErrorCode::invalid_argument, std::move(message), std::move(detail)};
}
Error not_found(std::string message, std::string detail) {
    return {ErrorCode::not_found, std::move(message), std::move(detail)};
}
Error unavailable(std::string message, std::string detail) {
    return {ErrorCode::unavailable, std::move(message), std::move(detail)};
}
Error internal_error(std::string message, std::string detail) {
    return {ErrorCode::internal, std::move(message), std::move(detail)};
}
Error cancelled(std::string message) { return {ErrorCode::cancelled, std::move(message)}; }

}  // namespace berth

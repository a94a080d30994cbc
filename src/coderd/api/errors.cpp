#include "coderd/api/errors.h"

#include "base/crypto.h"
#include "base/log.h"
#include "sdk/codec.h"
#include "sdk/response.h"

namespace berth::coderd {
namespace {

/// Seconds, for what may be better the next time.
constexpr std::string_view retry_after = "5";

}  // namespace

unsigned http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return 400;
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::permission_denied:
            return 403;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::failed_precondition:
            return 400;
        case ErrorCode::too_large:
            return 413;
        case ErrorCode::resource_exhausted:
            return 429;
        case ErrorCode::deadline_exceeded:
            return 504;
        case ErrorCode::cancelled:
        case ErrorCode::unavailable:
            return 503;
        case ErrorCode::unimplemented:
            return 501;
        case ErrorCode::data_loss:
        case ErrorCode::internal:
            return 500;
    }
    return 500;
}

http::Response error_response(const Error& error) {
    sdk::Response body;
    unsigned status = http_status(error.code());
    body.message = error.message();
    for (const auto& field : error.fields())
        body.validations.push_back({field.field, field.detail});
    if (status != 500) {
        body.detail = error.detail();
        auto response = http::Response::json(status, sdk::encode(body));
        if (status == 429 || status == 503) response.headers.set("Retry-After", std::string(retry_after));
        return response;
    }
    std::string trace = base::random_hex(16);
    base::Logger("http").error("request failed", field("trace_id", trace), field("error", error));
    body.detail = "trace " + trace;
    auto response = http::Response::json(status, sdk::encode(body));
    response.headers.set("X-Trace-Id", trace);
    return response;
}

http::Response message_response(unsigned status, std::string message) {
    sdk::Response body;
    body.message = std::move(message);
    return http::Response::json(status, sdk::encode(body));
}

}  // namespace berth::coderd

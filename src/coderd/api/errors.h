#pragma once

#include "base/result.h"
#include "net/http/message.h"

namespace berth::coderd {

/// The one place where failures become HTTP statuses.
unsigned http_status(ErrorCode code);

/// {"message", "detail", "validations"} as facts/rest_conventions.md says. Internal failures show their
/// message and a trace id only: details may tell of the machine and go to the log, under that id.
http::Response error_response(const Error& error);

/// {"message": …} with a status of the handler's choice.
http::Response message_response(unsigned status, std::string message);

}  // namespace berth::coderd

#pragma once

// Private to net/http: TLS contexts, without OpenSSL's headers.

#include <memory>
#include <string>

#include "base/result.h"
#include "net/http/server.h"

namespace berth::http {

/// One configuration of TLS; shared by many connections. Defined in tls_context.h.
struct TlsContext;

Result<std::shared_ptr<TlsContext>> make_server_tls(const TlsOptions& options);
/// The system's trusted certificates, and those in `ca_file` unless empty.
Result<std::shared_ptr<TlsContext>> make_client_tls(const std::string& ca_file);

}  // namespace berth::http

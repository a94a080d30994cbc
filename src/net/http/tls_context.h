#pragma once

// Private to tls.cpp and transport.cpp, the two units that see OpenSSL.

#include <memory>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "base/asio.h"

namespace berth::http {

struct TlsContext {
    /// The first is the default; a server picks another when its certificate is for the name asked for.
    std::vector<std::unique_ptr<asio::ssl::context>> contexts;
    [[nodiscard]] asio::ssl::context& main() { return *contexts.front(); }
};

}  // namespace berth::http

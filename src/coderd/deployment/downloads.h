#pragma once

#include <memory>
#include <string>

#include "coderd/api/routes.h"
#include "coderd/context.h"

namespace berth::coderd {

/// What workspaces and editors fetch before they have anything: the binary and the init script.
class DownloadRoutes {
public:
    explicit DownloadRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// GET /bin/{file}: "coder-<os>-<arch>", with ETag = SHA-1 of the file (facts/editors.md).
    asio::awaitable<Result<http::Response>> binary(const Request& request);
    /// GET /api/v2/init-script/{os}/{arch}
    asio::awaitable<Result<http::Response>> init_script(const Request& request);

private:
    /// SHA-1 of the served binary, computed once by the first who asks.
    asio::awaitable<Result<std::string>> binary_etag();

    Context& context_;
    std::mutex mutex_;
    std::string etag_;
};

}  // namespace berth::coderd

#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"

namespace berth::coderd {

/// Uploaded archives: the sources of templates.
class FileRoutes {
public:
    explicit FileRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// POST /files, a tar or zip archive as the body; zips are kept as tar. 201, or 200 when the caller
    /// uploaded the same content before.
    asio::awaitable<Result<http::Response>> upload(const Request& request);
    /// GET /files/{file}[?format=zip], for its uploader and for whoever may change a template made of it.
    asio::awaitable<Result<http::Response>> download(const Request& request);

private:
    asio::awaitable<Result<db::File>> find(const Request& request);

    Context& context_;
};

}  // namespace berth::coderd

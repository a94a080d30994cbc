#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/parameters.h"

namespace berth::coderd {

/// Forms whose questions depend on the answers.
class ParameterRoutes {
public:
    explicit ParameterRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// A WebSocket: answers in, the form as it then looks out. The latest answers win.
    asio::awaitable<Result<http::Response>> watch(const Request& request);
    /// The same once.
    asio::awaitable<Result<sdk::DynamicParametersResponse>> evaluate(const Request& request,
                                                                     sdk::DynamicParametersRequest body);

private:
    Context& context_;
};

}  // namespace berth::coderd

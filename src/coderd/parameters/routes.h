#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "coderd/parameters/open_forms.h"
#include "sdk/parameters.h"
#include "sdk/users.h"

namespace berth::coderd {

/// Forms that one person may have open.
constexpr std::size_t max_open_forms = 16;

/// Forms whose questions depend on the answers, and what people answered before.
class ParameterRoutes {
public:
    explicit ParameterRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// A WebSocket: answers in, the form as it then looks out. The latest answers win.
    asio::awaitable<Result<http::Response>> watch(const Request& request);
    /// The same once.
    asio::awaitable<Result<sdk::DynamicParametersResponse>> evaluate(const Request& request,
                                                                     sdk::DynamicParametersRequest body);
    /// What a person chose last for a template's parameters.
    asio::awaitable<Result<std::vector<sdk::UserParameter>>> previous(const Request& request);

private:
    Context& context_;
    OpenForms open_forms_{max_open_forms};
};

}  // namespace berth::coderd

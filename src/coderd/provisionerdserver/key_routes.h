#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/provisioner.h"

namespace berth::coderd {

/// Keys for provisioner daemons that run elsewhere: each belongs to one organization and fixes its daemons'
/// tags.
class ProvisionerKeyRoutes {
public:
    explicit ProvisionerKeyRoutes(Context& context) : context_(context) {}
    void register_routes(Routes& routes);

    /// The only answer that shows the key itself.
    asio::awaitable<Result<sdk::CreateProvisionerKeyResponse>> create(const Request& request,
                                                                      sdk::CreateProvisionerKeyRequest body);
    asio::awaitable<Result<std::vector<sdk::ProvisionerKey>>> list(const Request& request);
    asio::awaitable<Result<Nothing>> remove(const Request& request);

private:
    Context& context_;
};

}  // namespace berth::coderd

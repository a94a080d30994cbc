#pragma once

#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "sdk/provisioner.h"

namespace berth::coderd {

inline constexpr std::string_view provisioner_key_header = "Coder-Provisioner-Daemon-Key";

/// The key whose secret this is; unauthenticated when there is none.
asio::awaitable<Result<db::ProvisionerKey>> find_provisioner_key(Context& context, std::string_view secret);

sdk::ProvisionerKey to_sdk_key(const db::ProvisionerKey& row);

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
    /// For a daemon that has the key and shows it in the header Coder-Provisioner-Daemon-Key; what the path
    /// says does not matter.
    asio::awaitable<Result<http::Response>> get(const Request& request);
    asio::awaitable<Result<Nothing>> remove(const Request& request);

private:
    Context& context_;
};

}  // namespace berth::coderd

#pragma once

#include "coderd/api/dispatcher.h"
#include "coderd/api/routes.h"
#include "coderd/context.h"
#include "coderd/provisionerdserver/key_routes.h"
#include "coderd/provisionerdserver/server.h"
#include "sdk/provisioner.h"

namespace berth::coderd {

/// The door for external daemons, their keys, and the lists of daemons and jobs of an organization.
class ProvisionerRoutes {
public:
    ProvisionerRoutes(Context& context, ProvisionerdServer& server, Authenticator& authenticator)
        : context_(context), server_(server), authenticator_(authenticator), keys_(context) {}
    void register_routes(Routes& routes);

    /// GET …/provisionerdaemons/serve: a WebSocket that carries yamux. 400 for a version we do not speak, 401
    /// without a good key, pre-shared key or session.
    asio::awaitable<Result<http::Response>> serve(const Request& request);
    asio::awaitable<Result<std::vector<sdk::ProvisionerDaemon>>> list_daemons(const Request& request);
    /// Each key with those of its daemons that are connected.
    asio::awaitable<Result<std::vector<sdk::ProvisionerKeyDaemons>>> list_key_daemons(const Request& request);
    asio::awaitable<Result<std::vector<sdk::ProvisionerJob>>> list_jobs(const Request& request);
    asio::awaitable<Result<sdk::ProvisionerJob>> get_job(const Request& request);

private:
    Context& context_;
    ProvisionerdServer& server_;
    Authenticator& authenticator_;
    ProvisionerKeyRoutes keys_;
};

}  // namespace berth::coderd

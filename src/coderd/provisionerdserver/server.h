#pragma once

#include <string>

#include "coderd/context.h"
#include "coderd/jobs/tags.h"
#include "coderd/provisionerdserver/acquirer.h"
#include "coderd/provisionerdserver/session.h"
#include "net/stream.h"
#include "net/task_group.h"

namespace berth::coderd {

/// Where provisioner daemons get their jobs, over whatever stream they come. One per server.
class ProvisionerdServer {
public:
    explicit ProvisionerdServer(Context& context);

    /// Passes on new jobs and fails those that went silent; the server runs it until it stops.
    asio::awaitable<void> run();

    /// Serves one daemon until it goes, on the calling loop.
    asio::awaitable<void> serve(Daemon daemon, DaemonOffer offer, net::StreamPtr stream);

    /// One of the server's own daemons, in the default organization. Serves it until it goes; whoever calls
    /// made `stream` with net::connected_pair() and gave the other end to the daemon.
    asio::awaitable<void> serve_builtin(net::StreamPtr stream, std::string name, Tags tags);
    /// The same with the pair made here: the daemon's end for `daemon_loop`; our end is served in `group`.
    net::StreamPtr connect_builtin(net::TaskGroup& group, asio::any_io_executor daemon_loop, std::string name,
                                   Tags tags);

    [[nodiscard]] Acquirer& acquirer() { return acquirer_; }

private:
    asio::awaitable<void> pass_on_jobs();
    asio::awaitable<void> hear_jobs(db::Subscription& subscription);
    static asio::awaitable<void> run_parts(net::TaskGroup& group, ProvisionerdServer& server);

    Context& context_;
    base::Logger log_;
    Acquirer acquirer_;
    JobLines lines_;
};

/// Ids of the provisioner keys that stand for no key of their own.
Uuid builtin_key_id();
Uuid user_auth_key_id();
Uuid psk_key_id();

}  // namespace berth::coderd

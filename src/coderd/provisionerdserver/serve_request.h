#pragma once

#include "coderd/api/dispatcher.h"
#include "coderd/context.h"
#include "coderd/provisionerdserver/session.h"

namespace berth::coderd {

/// A daemon that may be served.
struct AdmittedDaemon {
    Daemon daemon;
    DaemonOffer offer;
};

/// Checks a serve request's version, credentials and offer, and registers the daemon.
asio::awaitable<Result<AdmittedDaemon>> admit_daemon(Context& context, Authenticator& authenticator,
                                                     const Request& request);

}  // namespace berth::coderd

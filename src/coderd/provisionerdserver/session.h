#pragma once

#include <memory>
#include <vector>

#include "coderd/context.h"
#include "coderd/jobs/tags.h"
#include "coderd/provisionerdserver/acquirer.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/job_line.h"
#include "net/stream.h"

namespace berth::coderd {

/// What a daemon says about itself when it connects.
struct DaemonOffer {
    Uuid organization_id;
    Uuid key_id;
    std::string name;
    std::vector<db::ProvisionerType> provisioners;
    Tags tags;
    /// Of the program; may be empty.
    std::string version;
    /// Of the protocol: "1.17".
    std::string api_version;
    /// Bytes of the largest message, both ways.
    std::size_t max_message = drpc::max_message;
};

/// Notes the daemon in the database (a daemon that comes back under its name is the same one).
asio::awaitable<Result<Daemon>> register_daemon(Context& context, const rbac::Actor& actor,
                                                DaemonOffer offer);

/// Answers the ProvisionerDaemon RPCs of one daemon, over yamux on this stream, until it goes.
asio::awaitable<void> serve_daemon(Context& context, Acquirer& acquirer, JobLines& lines, Daemon daemon,
                                   DaemonOffer offer, net::StreamPtr stream);

}  // namespace berth::coderd

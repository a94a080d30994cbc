#pragma once

#include "coderd/context.h"
#include "net/drpc/method.h"
#include "rbac/actor.h"

namespace berth::coderd {

inline const rbac::Actor& provisionerd_actor() {
    return rbac::Actor::system(rbac::SystemActor::provisionerd);
}

/// One connected daemon, as the handlers of its calls know it.
struct Daemon {
    Uuid id;
    Uuid organization_id;
    std::string name;
    std::string api_version;
    /// Bytes of the largest message it takes.
    std::size_t max_message = drpc::max_message;
};

/// The id of a job or file in a daemon's message; invalid_argument when it is no UUID.
Result<Uuid> message_uuid(std::string_view text, std::string_view what);

/// Locks a job for the rest of the transaction, for the daemon that holds it. A job of somebody else is
/// not_found, as one that does not exist; a finished one is failed_precondition.
asio::awaitable<Result<db::ProvisionerJobTable>> lock_held_job(db::Transaction& tx, const Uuid& job_id,
                                                               const Daemon& daemon);

/// Tells those who watch the job, and its workspace when it is a build, once the transaction commits.
asio::awaitable<Result<void>> notify_job(db::Transaction& tx, const Uuid& job_id,
                                         const std::optional<db::WorkspaceBuild>& build);

/// The build that a job is for; nothing for other jobs.
asio::awaitable<Result<std::optional<db::WorkspaceBuild>>> build_of_job(db::Queries& store,
                                                                        const db::ProvisionerJobTable& job);

}  // namespace berth::coderd

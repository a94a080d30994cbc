#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/environment.h"
#include "provisioner/terraform/executor.h"
#include "provisioner/terraform/prepared_folders.h"

namespace berth::terraform {

/// What a provisioner needs to know; one value serves all sessions.
struct SessionOptions {
    /// From find_terraform().
    TerraformBinary terraform;
    /// Each session makes a folder of its own here (0700) and removes it. Short paths let the provider be
    /// kept alive.
    std::filesystem::path work_root;
    /// The daemon that sessions work for: recover_sessions() finds what is its own by that.
    std::string owner;
    /// The environment that builds start from; see base_environment() for what is taken out.
    std::vector<std::string> host_environment = terraform::host_environment();
    /// Usually base::init_script.
    InitScript init_script;
    /// Between asking a cancelled terraform to stop and killing it.
    base::Duration cancel_grace = std::chrono::minutes(1);
    ArchiveLimits archive_limits;
    /// Of packed modules, in bytes.
    std::size_t module_limit = 20u << 20;
    /// One provider process for a whole build, see ProviderHost.
    bool keep_provider = true;
    /// Where builds whose template allows it start from; null keeps none.
    std::shared_ptr<PreparedFolders> prepared;
    /// Threads for archives and big JSON; without, they run on the session's loop.
    std::optional<asio::any_io_executor> workers;
    base::Clock* clock = &base::system_clock();
};

/// The daemon's side of a session, whatever carries it.
class SessionChannel {
public:
    virtual ~SessionChannel() = default;
    /// nullopt when the daemon will send no more.
    virtual asio::awaitable<Result<std::optional<provisioner::Request>>> recv() = 0;
    virtual asio::awaitable<Result<void>> send(provisioner::Response response) = 0;
};

/// Serves one job: config, init, parse, plan, graph, apply, in the daemon's order, until the channel ends.
/// Failures of a step are in its *Complete; an error is returned (and ends the session) only for what breaks
/// the protocol. When the channel ends or breaks, a running terraform is stopped as for a cancel. A second
/// cancel kills it.
asio::awaitable<Result<void>> serve_session(SessionChannel& channel, const SessionOptions& options);

}  // namespace berth::terraform

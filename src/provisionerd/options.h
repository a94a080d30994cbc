#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/drpc/server.h"
#include "net/yamux/session.h"
#include "provisionerd.pb.h"

namespace berth::provisionerd {

/// Connects to the server: a session, not yet run, on which the server answers
/// provisionerd.ProvisionerDaemon.
using Connector = std::function<asio::awaitable<Result<yamux::SessionPtr>>()>;

/// Who runs jobs of which kind ("terraform", "echo"): a server of provisioner.Provisioner. They must outlive
/// the daemon, and live on its loop.
using Provisioners = std::map<std::string, drpc::Server*, std::less<>>;

struct Options {
    /// Log lines wait this long for company, or until there are `log_lines` of them.
    base::Duration log_interval = std::chrono::milliseconds(250);
    std::size_t log_lines = 100;
    /// A job says this often that it is alive, and learns whether it was cancelled.
    base::Duration heartbeat = std::chrono::seconds(5);
    /// A cancelled job that goes on for longer is killed.
    base::Duration force_cancel_interval = std::chrono::minutes(10);
    /// Updates of a job may fail for this long, across reconnects, before the job is given up.
    base::Duration give_up = std::chrono::minutes(3);
    base::Duration retry = std::chrono::seconds(1);
    base::Duration max_reconnect_delay = std::chrono::seconds(10);
    base::Clock* clock = &base::system_clock();
    /// Where failed jobs wait that the server has not taken yet; empty keeps none.
    std::filesystem::path undelivered;
    /// Asked once, before the first job: what a daemon of this name left behind when it was killed. The
    /// second is called when these are safe.
    std::function<asio::awaitable<std::vector<::provisionerd::FailedJob>>()> leftovers;
    std::function<void()> leftovers_kept;
};

}  // namespace berth::provisionerd

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "agent/connection.h"
#include "agent/environment.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/http/client.h"

namespace berth::agent {

struct Options {
    /// The server, "https://coder.example.com".
    http::Url url;
    SecretString token;
    /// PEM bundle besides the system's; may be empty.
    std::string ca_file;
    /// Where scripts write their logs when they name no path; the temporary directory when empty.
    std::filesystem::path log_directory = {};
    /// Private files of scripts, and the links that go into PATH; a folder of its own in the temporary
    /// directory when empty.
    std::filesystem::path data_directory = {};
    /// What commands inherit; the agent's own environment when not set.
    std::optional<Variables> environment = {};
    base::Clock* clock = &base::system_clock();
    /// Instead of HTTP to `url`, when set.
    Dialer dial = {};
    /// How long the last messages may take at the end.
    base::Duration flush_timeout = std::chrono::seconds(5);
};

/// The agent inside a workspace: runs its scripts, tells the server how it is, and serves the tunnel. Belongs
/// to one loop.
class Agent {
public:
    Agent(asio::any_io_executor executor, Options options);
    ~Agent();

    /// Until stop(); then runs the shutdown scripts, tells the server, and returns. Cancelling it kills what
    /// runs and skips the rest. Once per agent.
    asio::awaitable<void> run();
    /// On the agent's loop. May be repeated.
    void stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// `berth agent`: runs an agent on a loop of its own until SIGTERM or SIGINT, and then its shutdown scripts;
/// a second signal ends it at once. Returns the exit code.
int run_until_signal(Options options);

}  // namespace berth::agent

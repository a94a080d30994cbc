#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <sys/types.h>

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/process.h"

namespace berth::db {

struct ClusterOptions {
    /// The cluster's files go below this folder (in `postgres/`).
    std::filesystem::path directory;
    /// False for tests: a crash may then lose everything.
    bool durable = true;
};

/// A private PostgreSQL that only this program reaches: a unix socket in a private folder, no TCP port. Run
/// as root, it runs as the user postgres, or nobody. One that outlived a killed server is stopped and started
/// again.
class EmbeddedCluster {
public:
    /// Makes the cluster when there is none, starts it, waits until it answers.
    static asio::awaitable<Result<std::unique_ptr<EmbeddedCluster>>> start(ClusterOptions options,
                                                                           base::Logger log);
    /// Kills PostgreSQL when stop() was not awaited.
    ~EmbeddedCluster();

    /// For StoreOptions. The database "berth" exists.
    [[nodiscard]] SecretString url() const { return url("berth"); }
    [[nodiscard]] SecretString url(std::string_view database) const;
    [[nodiscard]] pid_t pid() const { return process_->pid(); }
    /// Starts PostgreSQL again whenever it ends by itself (killed, out of memory), until cancelled. Not while
    /// stop() or restart() runs.
    asio::awaitable<void> supervise();
    /// Ends PostgreSQL: politely, then firmly; at most 20 s.
    asio::awaitable<void> stop();
    /// stop() and start again, with the same files.
    asio::awaitable<Result<void>> restart();

private:
    EmbeddedCluster(ClusterOptions options, base::Logger log)
        : options_(std::move(options)), log_(std::move(log)) {}
    Result<void> find_binaries();
    Result<void> prepare_folders();
    Result<void> take_lock();
    [[nodiscard]] net::ProcessOptions initdb_options(const std::filesystem::path& folder) const;
    [[nodiscard]] net::ProcessOptions postgres_options() const;
    asio::awaitable<Result<void>> initialize();
    asio::awaitable<void> stop_orphan();
    asio::awaitable<Result<void>> make_database();
    asio::awaitable<Result<void>> launch();
    /// launch(), again and again for a while: what a killed PostgreSQL has left may hold the data for a
    /// moment.
    asio::awaitable<Result<void>> launch_when_free();
    asio::awaitable<Result<void>> wait_until_ready();

    ClusterOptions options_;
    base::Logger log_;
    std::filesystem::path binaries_;
    std::filesystem::path data_;
    std::filesystem::path socket_;
    std::optional<uid_t> uid_;
    std::optional<gid_t> gid_;
    int lock_ = -1;
    std::shared_ptr<net::Process> process_;
};

}  // namespace berth::db

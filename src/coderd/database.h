#pragma once

#include <memory>

#include "base/asio.h"
#include "coderd/options.h"
#include "db/embedded_cluster.h"
#include "db/store.h"

namespace berth::coderd {

/// A server's database: a private cluster unless a URL was given, brought up to date. Whether open()
/// succeeded or not, close() must be awaited before destruction.
class Database {
public:
    asio::awaitable<Result<void>> open(net::Runtime& runtime, const ServerOptions& options, base::Logger log);
    /// Keeps a private cluster running, until cancelled; returns at once without one.
    asio::awaitable<void> supervise();
    asio::awaitable<void> close();

    [[nodiscard]] db::Store& store() { return *store_; }

private:
    std::unique_ptr<db::EmbeddedCluster> cluster_;
    std::unique_ptr<db::Store> store_;
};

}  // namespace berth::coderd

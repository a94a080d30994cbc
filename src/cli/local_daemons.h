#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/runtime.h"
#include "provisionerd/daemon.h"
#include "provisioner/terraform/session.h"

namespace berth::cli {

struct LocalDaemonOptions {
    std::size_t count = 1;
    /// Names are "<name>-0" and so on.
    std::string name;
    std::filesystem::path work_root;
    /// --terraform-binary; empty looks in PATH.
    std::string terraform;
    /// Names of Coder's; those that mean nothing here are ignored.
    std::vector<std::string> experiments;
    provisionerd::Options daemon;
};

/// How daemon number `index` on `loop` reaches its server.
using ConnectorFactory =
    std::function<provisionerd::Connector(std::size_t index, std::string name, asio::any_io_executor loop)>;

/// Provisioner daemons in this process, spread over its loops, each with a Terraform provisioner of its own.
class LocalDaemons {
public:
    LocalDaemons(net::Runtime& runtime, LocalDaemonOptions options, base::Logger log);
    ~LocalDaemons();

    /// Finds terraform; then run() may start. The error says what to install.
    asio::awaitable<Result<void>> prepare();
    /// What prepare() found, for others who run terraform.
    [[nodiscard]] const terraform::SessionOptions& session() const { return session_; }
    /// Until shutdown() was called and every daemon has ended. Call on loop 0.
    asio::awaitable<void> run(ConnectorFactory connect);
    /// From loop 0; a later, stricter one overrules.
    void shutdown(provisionerd::Shutdown how);

private:
    struct One;
    asio::awaitable<void> run_one(std::size_t index, ConnectorFactory connect);
    static asio::awaitable<void> run_daemon(std::shared_ptr<One> one,
                                            std::unique_ptr<provisionerd::Daemon> daemon);

    net::Runtime& runtime_;
    LocalDaemonOptions options_;
    base::Logger log_;
    terraform::SessionOptions session_;
    std::vector<std::shared_ptr<One>> daemons_;
};

}  // namespace berth::cli

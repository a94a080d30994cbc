#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/process.h"
#include "net/signal.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/environment.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/timings.h"

namespace berth::terraform {

/// The terraform (or OpenTofu) that runs the builds.
struct TerraformBinary {
    std::filesystem::path path;
    /// "1.11.4"
    std::string version;
    std::array<int, 3> number{};
    bool tofu = false;
};

/// `preferred` (a path or a name) when given, else terraform, else tofu, from the PATH of `host`. Fails with
/// what to install when there is none, and when it is older than 1.1.
asio::awaitable<Result<TerraformBinary>> find_terraform(std::string preferred, std::vector<std::string> host);

/// Set once, from anywhere on the loop; whoever runs something for the session watches it.
class CancelToken {
public:
    explicit CancelToken(asio::any_io_executor executor) : changed_(std::move(executor)) {}
    /// What runs is to end in order: terraform saves what it did.
    void cancel();
    /// What runs is to end now; what terraform saved so far has to do.
    void kill();
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    /// Returns when cancel() or kill() was called.
    asio::awaitable<void> wait();
    asio::awaitable<void> wait_for_kill();

private:
    net::Signal changed_;
    bool cancelled_ = false;
    bool killed_ = false;
};

/// Where build logs go.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual asio::awaitable<void> log(provisioner::LogLevel level, std::string text) = 0;
    /// The text as people may see it.
    [[nodiscard]] virtual std::string masked(std::string text) const { return text; }
};

/// How one command ended.
struct CommandResult {
    net::ExitStatus status;
    std::vector<Diagnostic> errors;
    /// The end of what was not JSON: crash reports and messages of early failures.
    std::string tail;
    bool cancelled = false;

    [[nodiscard]] bool ok() const { return status.success() && !cancelled; }
    /// One text for a job's error: the diagnostics, else the tail, else the exit status. `what`: "terraform
    /// plan".
    [[nodiscard]] std::string failure(std::string_view what) const;
};

struct ExecutorOptions {
    TerraformBinary terraform;
    /// The prepared template; terraform's working directory.
    std::filesystem::path folder;
    /// Between the polite signal and killing the process group.
    base::Duration cancel_grace = std::chrono::minutes(1);
};

/// Runs terraform commands of one session, one at a time.
class Executor {
public:
    Executor(ExecutorOptions options, LogSink& sink, CancelToken& cancel, base::Clock& clock)
        : options_(std::move(options)), sink_(sink), cancel_(cancel), clock_(clock) {}

    [[nodiscard]] const ExecutorOptions& options() const { return options_; }

    /// A command that prints JSON lines (or text, which is passed on): every line becomes a log line, steps
    /// become timings. `spare_children`: what it leaves running goes on unless the command was cancelled.
    asio::awaitable<Result<CommandResult>> run(std::vector<std::string> args, Environment environment,
                                               Timings& timings, bool spare_children = false);
    /// A command whose output is the answer; fails when the command does, or above `limit` bytes.
    asio::awaitable<Result<std::string>> capture(std::vector<std::string> args, Environment environment,
                                                 std::size_t limit = 256u << 20);

private:
    ExecutorOptions options_;
    LogSink& sink_;
    CancelToken& cancel_;
    base::Clock& clock_;
};

}  // namespace berth::terraform

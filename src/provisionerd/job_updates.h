#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "net/signal.h"
#include "provisionerd.pb.h"
#include "provisionerd/link.h"
#include "provisionerd/options.h"

namespace berth::provisionerd {

/// `text` with a question mark for each byte that is not UTF-8, which protobuf strings must be.
std::string valid_utf8(std::string text);

/// Sends a job's log lines in batches, says that it is alive, and learns when it was cancelled.
class JobUpdates {
public:
    JobUpdates(asio::any_io_executor executor, Link& link, const Options& options, std::string job_id,
               base::Logger log);

    /// A line of the daemon itself; empty output starts a stage.
    void add(::provisioner::LogLevel level, std::string stage, std::string output);
    /// A line of the provisioner.
    void add_foreign(::provisioner::LogLevel level, std::string stage, std::string output);
    [[nodiscard]] bool full() const;

    /// Sends what waits, with `request`'s fields beside the lines.
    asio::awaitable<Result<::provisionerd::UpdateJobResponse>> send(::provisionerd::UpdateJobRequest request);
    asio::awaitable<Result<void>> flush();
    /// Sends lines and heartbeats until cancelled.
    asio::awaitable<void> run();

    /// The server wants the job to stop.
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    /// The server does not take updates of this job any more.
    [[nodiscard]] const std::optional<Error>& lost() const { return lost_; }
    /// Notified when either of these changes.
    net::Signal changed;

private:
    asio::awaitable<Result<::provisionerd::UpdateJobResponse>> call(
        std::shared_ptr<const ::provisionerd::UpdateJobRequest> request);
    void add(::provisionerd::LogSource source, ::provisioner::LogLevel level, std::string stage,
             std::string output);

    Link& link_;
    const Options& options_;
    std::string job_id_;
    base::Logger log_;
    ::provisionerd::UpdateJobRequest waiting_;
    std::size_t waiting_bytes_ = 0;
    base::SteadyTime last_sent_;
    bool sending_ = false;
    net::Signal sent_;
    bool cancelled_ = false;
    std::optional<Error> lost_;
};

}  // namespace berth::provisionerd

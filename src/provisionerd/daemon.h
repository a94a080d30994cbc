#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "provisionerd/options.h"

namespace berth::provisionerd {

/// From the mildest to the strictest.
enum class Shutdown {
    /// Take no more jobs, and end with the one under way.
    finish_job,
    /// Cancel the job under way, and wait for it to stop.
    cancel_job,
    /// Kill what runs of the job under way: its state is what was saved last. A server that does not
    /// answer is not waited for; the next daemon of this name brings it the state.
    kill_job,
};

/// Takes jobs from the server, one at a time, and runs them. Belongs to one loop.
class Daemon {
public:
    Daemon(asio::any_io_executor executor, Connector connect, Provisioners provisioners, Options options,
           base::Logger log);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Until shutdown() has been done; reconnects for ever. Cancelling it drops a running job without a word
    /// to the server, which notices by the missing heartbeat.
    asio::awaitable<void> run();
    /// A later, stricter one overrules an earlier one.
    void shutdown(Shutdown how);

    [[nodiscard]] bool connected() const;
    /// The job under way.
    [[nodiscard]] std::optional<std::string> job_id() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace berth::provisionerd

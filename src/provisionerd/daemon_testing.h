#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/drpc/server.h"
#include "net/signal.h"
#include "net/runtime.h"
#include "net/task_group.h"
#include "provisionerd.pb.h"
#include "provisionerd/daemon.h"
#include "rpc/provisioner.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {

namespace job = ::provisionerd;
namespace pv = ::provisioner;

/// Plays the server, over a real connection.
struct ScriptedServer {
    explicit ScriptedServer(asio::any_io_executor executor);

    drpc::Server rpc;
    net::Signal changed;
    std::deque<job::AcquiredJob> jobs;
    std::vector<job::UpdateJobRequest> updates;
    std::vector<job::CommitQuotaRequest> quotas;
    std::vector<job::CompletedJob> completed;
    std::vector<job::FailedJob> failed;
    std::vector<pv::FileUpload> uploaded;
    std::vector<pv::FileUpload> stored_file;
    std::vector<std::string> downloads;
    std::map<std::string, std::string> variables;
    /// Updates with a line of this stage are not answered as long as it is set; notify `changed` after a
    /// change.
    std::string held_stage;
    bool cancel_job = false;
    bool quota_ok = true;
    int acquires = 0;
    int acquires_cancelled = 0;
    std::optional<Error> refuse_updates;
    std::optional<Error> refuse_completion;
    std::optional<Error> refuse_failure;
    /// Refuses a failure with a larger state.
    std::size_t largest_state = drpc::max_message;

    [[nodiscard]] std::vector<std::string> stages() const;
    [[nodiscard]] std::vector<job::Log> lines() const;
    [[nodiscard]] bool holds(const job::UpdateJobRequest& update) const;
    [[nodiscard]] bool ended() const { return !completed.empty() || !failed.empty(); }
};

/// Plays the provisioner: answers each request with what `answers` holds for its kind, in order.
struct ScriptedProvisioner {
    ScriptedProvisioner();
    void answer(pv::Request::TypeCase to, std::vector<pv::Response> with) {
        answers[to].push_back(std::move(with));
    }

    drpc::Server rpc;
    std::map<pv::Request::TypeCase, std::deque<std::vector<pv::Response>>> answers;
    std::vector<pv::Request> requests;
    int sessions_ended = 0;

    [[nodiscard]] std::vector<const pv::Request*> of(pv::Request::TypeCase kind) const;
};

/// A daemon between the two, on one loop with a clock that moves only by until().
struct Bench {
    explicit Bench(asio::any_io_executor executor, net::TaskGroup& group);

    /// Lets everything run, moving the clock by 50 ms a round, until `done`; false after ten minutes of that
    /// clock.
    asio::awaitable<bool> until(std::function<bool()> done);
    asio::awaitable<void> finish();
    void start();
    void drop_connection();

    asio::any_io_executor executor;
    net::TaskGroup& group;
    base::FakeClock clock;
    ScriptedServer server;
    ScriptedProvisioner provisioner;
    yamux::SessionPtr far;
    int connections = 0;
    bool refuse_connections = false;
    bool returned = false;
    Options options;
    std::optional<Daemon> daemon;
};

void with_bench(asio::awaitable<void> (*body)(Bench&));

pv::Response log_line(std::string text, pv::LogLevel level = pv::INFO);

/// In a coroutine: the test ends here unless the condition holds.
#define CO_REQUIRE(condition)                   \
    if (!(condition)) {                         \
        ADD_FAILURE() << "failed: " #condition; \
        co_return;                              \
    }

// What a provisioner answers to each step.
pv::Response init_done(std::string error = {});
pv::Response parse_done();
pv::Response plan_done(std::int32_t cost = 0, std::string error = {});
pv::Response apply_done(std::string state, std::string error = {});
pv::Response graph_done(std::string resource);

/// A build as a server hands it out.
job::AcquiredJob build_job();
/// Has the provisioner do all of it.
void script_build(Bench& bench);

}  // namespace berth::provisionerd

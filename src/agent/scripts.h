#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/link.h"
#include "agent/log_sender.h"
#include "agent/workspace.h"
#include "base/clock.h"
#include "net/process.h"
#include "net/task_group.h"

namespace coder::agent::v2 {
class Manifest;
}

namespace berth::agent {

struct Script {
    /// 16 raw bytes each.
    std::string id;
    std::string log_source_id;
    std::string display_name;
    std::string text;
    std::string cron;
    std::string log_path;
    bool run_on_start = false;
    bool run_on_stop = false;
    /// Zero means none.
    base::Duration timeout{};
};

std::vector<Script> scripts_of(const coder::agent::v2::Manifest& manifest);

// The numbers of the wire.
enum class ScriptStage { start = 0, stop = 1, cron = 2 };
enum class ScriptStatus { ok = 0, failed = 1, timed_out = 2, pipes_left_open = 3 };

struct ScriptResult {
    ScriptStatus status = ScriptStatus::ok;
    int exit_code = 0;
    [[nodiscard]] bool success() const {
        return status == ScriptStatus::ok || status == ScriptStatus::pipes_left_open;
    }
};

/// What the scripts of one stage came to, worst first: any time-out, any failure, or all well.
ScriptStatus worst_of(const std::vector<ScriptResult>& results);

/// Runs the workspace's scripts, ships what they write and reports how long they took. Belongs to one loop.
class ScriptRunner {
public:
    struct Settings {
        const Workspace& workspace;
        base::Clock& clock;
        /// For log files whose script names no path, or a relative one.
        std::filesystem::path log_directory;
        /// Only its owner can enter; holds one folder for each script and "bin", which is in everybody's
        /// PATH.
        std::filesystem::path data_directory;
    };

    /// Children run in `group`, which outlives the runner's use.
    ScriptRunner(Settings settings, net::TaskGroup& group, LogSender& logs, Outbox& reports,
                 base::Logger log);

    /// Runs all scripts of the stage at once and returns when the last has ended.
    asio::awaitable<std::vector<ScriptResult>> run_stage(std::vector<Script> scripts, ScriptStage stage);
    /// Runs those with a schedule, each at its times, until the group is cancelled. A script whose last run
    /// has not ended is passed over. A schedule that makes no sense is logged to the script's own log.
    void start_schedules(const std::vector<Script>& scripts);
    /// Ends what runs now: SIGTERM, and SIGKILL to what is left of the group three seconds later.
    void terminate_all();

private:
    struct Execution;
    using ExecutionPtr = std::shared_ptr<Execution>;
    struct StageRun;

    asio::awaitable<void> run_into(std::shared_ptr<StageRun> stage, std::size_t index);
    asio::awaitable<ScriptResult> run_one(Script script, ScriptStage stage);
    asio::awaitable<void> run_scheduled(Script script, std::string schedule);
    Result<ExecutionPtr> start(const Script& script);
    asio::awaitable<ScriptResult> supervise(ExecutionPtr execution, base::Duration timeout);
    static asio::awaitable<void> watch_over(net::TaskGroup& timers, ExecutionPtr execution,
                                            base::Duration timeout, base::Clock* clock, ScriptResult* result);
    static asio::awaitable<void> end_group(net::TaskGroup& timers, ExecutionPtr execution,
                                           base::Clock* clock);
    static asio::awaitable<void> read_output(ExecutionPtr execution, bool is_stderr);
    static asio::awaitable<void> watch_exit(ExecutionPtr execution);
    static asio::awaitable<void> wake_at(ExecutionPtr execution, base::Clock& clock,
                                         base::SteadyTime deadline);
    void report(const Script& script, ScriptStage stage, base::Time begin, const ScriptResult& result);

    Settings settings_;
    net::TaskGroup& group_;
    LogSender& logs_;
    Outbox& reports_;
    base::Logger log_;
    std::list<std::weak_ptr<Execution>> running_;
};

}  // namespace berth::agent

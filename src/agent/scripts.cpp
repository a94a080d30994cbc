#include "agent/scripts.h"

#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cron.h"
#include "agent/protobuf.h"
#include "base/crypto.h"
#include "base/text.h"
#include "rpc/agent.h"

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

/// How long outputs may stay open after the script's own end before it is reported as finished.
constexpr auto pipe_patience = std::chrono::seconds(10);
constexpr auto kill_grace = std::chrono::seconds(3);
constexpr std::size_t max_scripts = 1000;

/// "#!/usr/bin/env python3" -> {"/usr/bin/env", "python3"}; a script without it runs in the login shell.
std::vector<std::string> interpreter_of(std::string_view text, const std::string& shell) {
    std::vector<std::string> words;
    if (text.starts_with("#!")) {
        auto line = base::replace_all(std::string(text.substr(2, text.find('\n') - 2)), "\t", " ");
        if (line.ends_with('\r')) line.pop_back();
        for (auto word : base::split(line, ' '))
            if (!word.empty()) words.emplace_back(word);
    }
    if (words.empty()) words.push_back(shell);
    return words;
}

std::string folder_name(const Script& script) {
    auto id = Uuid::from_bytes(script.id);
    return id ? id->to_string() : base::sha1_hex(script.text).substr(0, 16);
}

}  // namespace

std::vector<Script> scripts_of(const pb::Manifest& manifest) {
    std::vector<Script> out;
    for (const auto& script : manifest.scripts()) {
        if (out.size() == max_scripts) break;
        out.push_back({script.id(), script.log_source_id(), script.display_name(), script.script(),
                       script.cron(), script.log_path(), script.run_on_start(), script.run_on_stop(),
                       to_duration(script.timeout())});
    }
    return out;
}

ScriptStatus worst_of(const std::vector<ScriptResult>& results) {
    ScriptStatus worst = ScriptStatus::ok;
    for (const auto& result : results) {
        if (result.status == ScriptStatus::timed_out) return ScriptStatus::timed_out;
        if (!result.success()) worst = ScriptStatus::failed;
    }
    return worst;
}

/// One run of one script. Its readers share it, so that programs a script leaves behind can go on writing.
struct ScriptRunner::Execution {
    Execution(asio::any_io_executor executor, LogSender& logs) : changed(std::move(executor)), logs(logs) {}
    ~Execution() {
        if (log_file >= 0) ::close(log_file);
        std::error_code ignored;
        std::filesystem::remove(script_file, ignored);
    }
    void write_line(LineLevel level, std::string line) { logs.add(source, level, std::move(line)); }

    net::Signal changed;
    LogSender& logs;
    std::string source;
    std::filesystem::path script_file;
    std::unique_ptr<net::Process> process;
    int log_file = -1;
    int open_outputs = 2;
    net::ExitStatus status;
    bool ended = false;
    bool terminate = false;
};

struct ScriptRunner::StageRun {
    StageRun(asio::any_io_executor executor, std::vector<Script> all, ScriptStage at)
        : scripts(std::move(all)),
          stage(at),
          results(scripts.size()),
          left(scripts.size()),
          changed(executor) {}
    std::vector<Script> scripts;
    ScriptStage stage;
    std::vector<ScriptResult> results;
    std::size_t left;
    net::Signal changed;
};

ScriptRunner::ScriptRunner(Settings settings, net::TaskGroup& group, LogSender& logs, Outbox& reports,
                           base::Logger log)
    : settings_(std::move(settings)), group_(group), logs_(logs), reports_(reports), log_(std::move(log)) {}

asio::awaitable<std::vector<ScriptResult>> ScriptRunner::run_stage(std::vector<Script> scripts,
                                                                   ScriptStage stage) {
    std::erase_if(scripts, [stage](const Script& script) {
        return stage == ScriptStage::stop ? !script.run_on_stop : !script.run_on_start;
    });
    auto run = std::make_shared<StageRun>(group_.executor(), std::move(scripts), stage);
    for (std::size_t index = 0; index < run->scripts.size(); ++index)
        group_.spawn("script", run_into(run, index));
    while (run->left > 0)
        co_await run->changed.wait();
    co_return std::move(run->results);
}

asio::awaitable<void> ScriptRunner::run_into(std::shared_ptr<StageRun> stage, std::size_t index) {
    auto result = co_await run_one(stage->scripts[index], stage->stage);
    stage->results[index] = result;
    --stage->left;
    stage->changed.notify();
}

void ScriptRunner::start_schedules(const std::vector<Script>& scripts) {
    for (const auto& script : scripts)
        if (!base::trim(script.cron).empty()) group_.spawn("schedule", run_scheduled(script, script.cron));
}

asio::awaitable<void> ScriptRunner::run_scheduled(Script script, std::string text) {
    auto schedule = CronSchedule::parse(text);
    if (!schedule) {
        log_.warn("script is never run", field("script", script.display_name),
                  field("error", schedule.error()));
        logs_.add(script.log_source_id, LineLevel::error, schedule.error().message());
        co_return;
    }
    while (true) {
        base::Time now = settings_.clock.now();
        auto next = schedule->next(now);
        if (!next) co_return;
        co_await settings_.clock.sleep(*next - now);
        // Awaited here, so a run that takes longer than the interval makes the schedule pass over what it
        // misses.
        auto result = co_await run_one(script, ScriptStage::cron);
        (void)result;
    }
}

asio::awaitable<ScriptResult> ScriptRunner::run_one(Script script, ScriptStage stage) {
    base::Time begin = settings_.clock.now();
    ScriptResult result;
    log_.info("script starts", field("script", script.display_name));
    auto started = start(script);
    if (started) {
        result = co_await supervise(std::move(*started), script.timeout);
    } else {
        result = {ScriptStatus::failed, 255};
        logs_.add(script.log_source_id, LineLevel::error, "cannot run: " + started.error().message());
        log_.warn("script cannot be run", field("script", script.display_name),
                  field("error", started.error()));
    }
    if (result.status == ScriptStatus::timed_out)
        logs_.add(script.log_source_id, LineLevel::error,
                  "ended: it ran longer than " + base::format_go_duration(script.timeout));
    log_.info("script ended", field("script", script.display_name), field("exit_code", result.exit_code));
    report(script, stage, begin, result);
    co_return result;
}

Result<ScriptRunner::ExecutionPtr> ScriptRunner::start(const Script& script) {
    const Workspace& workspace = settings_.workspace;
    auto execution = std::make_shared<Execution>(group_.executor(), logs_);
    execution->source = script.log_source_id;

    std::filesystem::path data = settings_.data_directory / folder_name(script);
    std::filesystem::path bin = settings_.data_directory / "bin";
    // A file rather than an argument: command lines are public on the machine, and bounded.
    execution->script_file = data / (".script-" + base::random_alphanumeric(8));
    auto written = write_private_file(execution->script_file, script.text);
    if (!written) return written.error();

    Variables variables = workspace.command_environment();
    variables["CODER_SCRIPT_DATA_DIR"] = data.string();
    variables["CODER_SCRIPT_BIN_DIR"] = bin.string();
    prepend_path(variables, bin);

    std::filesystem::path log_path = expand_path(script.log_path, workspace.account, variables);
    if (log_path.empty())
        log_path = settings_.log_directory / ("berth-script-" + folder_name(script) + ".log");
    execution->log_file = ::open(log_path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    if (execution->log_file < 0)
        log_.warn("no log file for a script", field("path", log_path.string()),
                  field("error", std::strerror(errno)));

    auto words = interpreter_of(script.text, workspace.account.shell);
    net::ProcessOptions options;
    options.program = words.front();
    options.args.assign(words.begin() + 1, words.end());
    options.args.push_back(execution->script_file.string());
    options.env = to_environ(variables);
    options.cwd = workspace.working_directory();
    options.new_session = true;
    auto process = net::Process::start(group_.executor(), std::move(options));
    if (!process) return process.error();
    execution->process = std::move(*process);
    std::erase_if(running_, [](const auto& entry) { return entry.expired(); });
    running_.push_back(execution);
    return execution;
}

asio::awaitable<void> ScriptRunner::read_output(ExecutionPtr execution, bool is_stderr) {
    net::Stream* from = is_stderr ? execution->process->stderr_stream() : execution->process->stdout_stream();
    LineLevel level = is_stderr ? LineLevel::error : LineLevel::info;
    LineSplitter lines;
    std::vector<std::byte> buffer(net::copy_buffer);
    while (true) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        std::string_view bytes = net::as_text(std::span(buffer).first(*got));
        if (execution->log_file >= 0 && ::write(execution->log_file, bytes.data(), bytes.size()) < 0) {
            // The disk is full, most likely. The server still gets the lines.
            ::close(std::exchange(execution->log_file, -1));
        }
        for (auto& line : lines.add(bytes))
            execution->write_line(level, std::move(line));
    }
    for (auto& line : lines.finish())
        execution->write_line(level, std::move(line));
    --execution->open_outputs;
    execution->changed.notify();
}

asio::awaitable<void> ScriptRunner::watch_exit(ExecutionPtr execution) {
    auto status = co_await execution->process->wait();
    execution->status = status;
    execution->ended = true;
    execution->changed.notify();
}

asio::awaitable<void> ScriptRunner::wake_at(ExecutionPtr execution, base::Clock& clock,
                                            base::SteadyTime deadline) {
    co_await clock.sleep_until(deadline);
    execution->changed.notify();
}

asio::awaitable<ScriptResult> ScriptRunner::supervise(ExecutionPtr execution, base::Duration timeout) {
    group_.spawn("script stdout", read_output(execution, false));
    group_.spawn("script stderr", read_output(execution, true));
    group_.spawn("script exit", watch_exit(execution));
    // Timers are tasks of a scope, so that none outlives the script it belongs to.
    ScriptResult result;
    co_await net::TaskGroup::scope(log_, watch_over, execution, timeout, &settings_.clock, &result);
    co_return result;
}

asio::awaitable<void> ScriptRunner::end_group(net::TaskGroup& timers, ExecutionPtr execution,
                                              base::Clock* clock) {
    execution->process->signal_group(SIGTERM);
    auto kill_at = clock->steady_now() + kill_grace;
    timers.spawn("grace", wake_at(execution, *clock, kill_at));
    while (!execution->ended && clock->steady_now() < kill_at)
        co_await execution->changed.wait();
    // Also when the script itself is gone: its children may have ignored the first signal.
    execution->process->signal_group(SIGKILL);
    while (!execution->ended)
        co_await execution->changed.wait();
}

asio::awaitable<void> ScriptRunner::watch_over(net::TaskGroup& timers, ExecutionPtr execution,
                                               base::Duration timeout, base::Clock* clock,
                                               ScriptResult* result) {
    bool timed_out = false;
    auto deadline = clock->steady_now() + timeout;
    bool has_deadline = timeout > base::Duration::zero();
    if (has_deadline) timers.spawn("timeout", wake_at(execution, *clock, deadline));
    while (!execution->ended && !execution->terminate && !timed_out) {
        co_await execution->changed.wait();
        timed_out = has_deadline && !execution->ended && clock->steady_now() >= deadline;
    }
    bool by_itself = execution->ended;
    if (!by_itself) co_await end_group(timers, execution, clock);
    auto patience = clock->steady_now() + pipe_patience;
    if (execution->open_outputs > 0) timers.spawn("pipes", wake_at(execution, *clock, patience));
    while (execution->open_outputs > 0 && clock->steady_now() < patience)
        co_await execution->changed.wait();
    // What a script leaves in the background on purpose (a server, say) lives on.
    if (by_itself) execution->process->spare_group();
    result->exit_code = execution->status.code;
    if (timed_out)
        result->status = ScriptStatus::timed_out;
    else if (!execution->status.success())
        result->status = ScriptStatus::failed;
    else if (execution->open_outputs > 0)
        result->status = ScriptStatus::pipes_left_open;
}

void ScriptRunner::terminate_all() {
    for (const auto& entry : running_) {
        auto execution = entry.lock();
        if (!execution || execution->ended) continue;
        execution->terminate = true;
        execution->changed.notify();
    }
}

void ScriptRunner::report(const Script& script, ScriptStage stage, base::Time begin,
                          const ScriptResult& result) {
    pb::WorkspaceAgentScriptCompletedRequest request;
    auto* timing = request.mutable_timing();
    timing->set_script_id(script.id);
    *timing->mutable_start() = to_timestamp(begin);
    *timing->mutable_end() = to_timestamp(settings_.clock.now());
    timing->set_exit_code(result.exit_code);
    timing->set_stage(static_cast<pb::Timing::Stage>(stage));
    timing->set_status(static_cast<pb::Timing::Status>(result.status));
    reports_.push("script timing", rpc::agent::script_completed, std::move(request));
}

}  // namespace berth::agent

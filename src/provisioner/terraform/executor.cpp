#include "provisioner/terraform/executor.h"

#include <csignal>

#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "net/task_group.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

constexpr std::size_t max_line = 1 << 20;
constexpr std::size_t max_tail = 8 << 10;
constexpr std::size_t max_errors = 20;
/// Of what one command says with TF_LOG, so that there is room in a build's log for what the others say.
constexpr std::size_t max_own_log = 256 << 10;
constexpr std::string_view install_hint =
    "install terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu "
    "(https://opentofu.org/docs/intro/install)";

/// What reads a command's output.
class Consumer {
public:
    virtual ~Consumer() = default;
    virtual asio::awaitable<Result<void>> take(std::string_view bytes) = 0;
    virtual asio::awaitable<void> end() = 0;
};

/// Keeps everything, up to a limit.
class TextCollector final : public Consumer {
public:
    explicit TextCollector(std::size_t limit) : limit_(limit) {}
    asio::awaitable<Result<void>> take(std::string_view bytes) override {
        if (bytes.size() > limit_ - text.size())
            co_return Error(ErrorCode::too_large,
                            fmt::format("terraform printed more than {} MiB", limit_ >> 20));
        text.append(bytes);
        co_return Result<void>();
    }
    asio::awaitable<void> end() override { co_return; }

    std::string text;

private:
    std::size_t limit_;
};

/// Splits output into lines; what is longer than max_line is cut.
class Lines : public Consumer {
public:
    asio::awaitable<Result<void>> take(std::string_view bytes) override {
        while (!bytes.empty()) {
            auto end = bytes.find('\n');
            auto part = bytes.substr(0, end);
            pending_.append(part.substr(0, max_line - std::min(max_line, pending_.size())));
            if (end == std::string_view::npos) break;
            auto line = std::exchange(pending_, {});
            co_await handle(std::move(line));
            bytes.remove_prefix(end + 1);
        }
        co_return Result<void>();
    }
    asio::awaitable<void> end() override {
        if (pending_.empty()) co_return;
        auto line = std::exchange(pending_, {});
        co_await handle(std::move(line));
    }

protected:
    virtual asio::awaitable<void> handle(std::string line) = 0;

private:
    std::string pending_;
};

void keep_tail(std::string& tail, std::string_view text) {
    tail += text;
    tail += '\n';
    if (tail.size() > max_tail) tail.erase(0, tail.size() - max_tail);
}

class TerraformLog final : public Lines {
public:
    TerraformLog(LogSink& sink, CommandResult& result, Timings* timings, base::Clock& clock,
                 pb::LogLevel plain)
        : sink_(sink), result_(result), timings_(timings), clock_(clock), plain_(plain) {}

protected:
    asio::awaitable<void> handle(std::string text) override {
        auto line = parse_log_line(text);
        bool is_json = text.starts_with('{');
        bool own = line.internal || (!is_json && plain_ < pb::INFO);
        if (!is_json && !line.internal) {
            line.level = plain_;
            keep_tail(result_.tail, sink_.masked(line.text));
        }
        if (line.hook && timings_ != nullptr) timings_->add(*line.hook, clock_.now());
        if (line.diagnostic && line.diagnostic->error && result_.errors.size() < max_errors)
            result_.errors.push_back(*line.diagnostic);
        if (own && !has_room(line)) co_return;
        if (!line.text.empty()) co_await sink_.log(line.level, std::move(line.text));
    }

private:
    /// The first line that has no more room becomes the one that says so.
    bool has_room(LogLine& line) {
        if (own_log_ > max_own_log) return false;
        own_log_ += line.text.size();
        if (own_log_ > max_own_log) line.text = "The rest of what this command says with TF_LOG is left out.";
        return true;
    }

    LogSink& sink_;
    CommandResult& result_;
    Timings* timings_;
    base::Clock& clock_;
    /// Of lines that are not JSON.
    pb::LogLevel plain_;
    std::size_t own_log_ = 0;
};

/// One process under way; everything on one loop.
struct Running {
    Running(asio::any_io_executor executor, CancelToken& token, base::Clock& time, base::Duration patience)
        : cancel(token), clock(time), grace(patience), drained(std::move(executor)) {}

    std::unique_ptr<net::Process> process;
    Consumer* out = nullptr;
    Consumer* err = nullptr;
    CancelToken& cancel;
    base::Clock& clock;
    base::Duration grace;
    asio::steady_timer drained;
    int readers = 0;
    net::ExitStatus status;
    std::optional<Error> failure;
};

asio::awaitable<void> pump(Running& running, net::Stream* from, Consumer* to) {
    std::vector<std::byte> buffer(32 << 10);
    while (true) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        auto taken = co_await to->take(net::as_text(std::span(buffer).first(*got)));
        if (!taken) {
            running.failure = taken.error();
            running.process->signal_group(SIGKILL);
            break;
        }
    }
    co_await to->end();
    if (--running.readers == 0) running.drained.cancel();
}

/// Terraform forgets an interrupt that comes before its work has begun, and takes a second one as a kill.
constexpr auto deaf_at_first = std::chrono::milliseconds(500);

/// Terraform stops at the first SIGINT and saves what it did. It kills the shells of its provisioners but not
/// their children, so the group follows.
asio::awaitable<void> stop_on_cancel(Running& running) {
    auto deaf_until = running.clock.steady_now() + deaf_at_first;
    co_await running.cancel.wait();
    auto now = running.clock.steady_now();
    if (now < deaf_until) co_await running.clock.sleep(deaf_until - now);
    running.process->signal(SIGINT);
    co_await running.clock.sleep(running.grace);
    running.process->signal_group(SIGKILL);
}

asio::awaitable<void> stop_on_kill(Running& running) {
    co_await running.cancel.wait_for_kill();
    running.process->signal_group(SIGKILL);
}

asio::awaitable<void> attend(net::TaskGroup& group, Running& running) {
    running.readers = 2;
    group.spawn("stdout", pump(running, running.process->stdout_stream(), running.out));
    group.spawn("stderr", pump(running, running.process->stderr_stream(), running.err));
    group.spawn("cancel", stop_on_cancel(running));
    group.spawn("kill", stop_on_kill(running));
    auto status = co_await running.process->wait();
    running.status = status;
    if (running.cancel.cancelled()) running.process->signal_group(SIGKILL);
    // A descendant may hold the output open for ever; what it says no longer belongs to the command.
    running.drained.expires_after(std::chrono::seconds(2));
    boost::system::error_code ignored;
    while (running.readers > 0 && running.drained.expiry() > std::chrono::steady_clock::now())
        co_await running.drained.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<Result<void>> execute(Running& running, net::ProcessOptions options, bool spare_children) {
    if (running.cancel.cancelled()) co_return cancelled("the build was cancelled");
    auto executor = co_await asio::this_coro::executor;
    auto process = net::Process::start(executor, std::move(options));
    if (!process) co_return process.error();
    running.process = std::move(*process);
    co_await net::TaskGroup::scope(base::Logger("terraform"), attend, std::ref(running));
    // What a terraform that was killed has left behind is in nobody's state.
    if (spare_children && !running.cancel.cancelled() && !running.status.signal)
        running.process->spare_group();
    running.process.reset();
    if (running.failure) co_return *running.failure;
    co_return Result<void>();
}

net::ProcessOptions command(const ExecutorOptions& options, std::vector<std::string> args,
                            const Environment& environment) {
    net::ProcessOptions process;
    process.program = options.terraform.path.string();
    // What apply starts inherits its environment.
    bool alone = args.empty() || args.front() != "apply";
    process.args = std::move(args);
    process.env = to_vector(alone ? with_rare_collections(environment) : environment);
    process.cwd = options.folder;
    // Terraform must not break off in the middle of a change because we did.
    process.out = net::StdIo::lasting_pipe;
    process.err = net::StdIo::lasting_pipe;
    return process;
}

/// "1.11.4-dev" -> {1, 11, 4}
std::optional<std::array<int, 3>> version_number(std::string_view text) {
    text = text.substr(0, text.find_first_of("-+ "));
    auto parts = base::split(text, '.');
    if (parts.size() != 3) return std::nullopt;
    std::array<int, 3> number{};
    for (std::size_t i = 0; i < 3; ++i) {
        auto part = base::parse_int<int>(parts[i]);
        if (!part) return std::nullopt;
        number[i] = *part;
    }
    return number;
}

struct Answer {
    std::string version;
    bool tofu = false;
};

/// Of "Terraform v1.11.4" or "OpenTofu v1.9.0", the line that `version` prints first. With -json both call
/// themselves terraform.
std::optional<Answer> read_answer(const std::string& text) {
    for (auto line : base::split(text, '\n')) {
        line = base::trim(line);
        bool tofu = line.starts_with("OpenTofu v");
        if (tofu || line.starts_with("Terraform v"))
            return Answer{base::to_valid_utf8(line.substr(line.find('v') + 1)), tofu};
    }
    return std::nullopt;
}

std::string path_variable(const std::vector<std::string>& host) {
    for (const auto& entry : host)
        if (entry.starts_with("PATH=")) return entry.substr(5);
    return "/usr/local/bin:/usr/bin:/bin";
}

std::filesystem::path locate(const std::string& preferred, const std::string& path) {
    if (!preferred.empty()) return net::find_program(preferred, path);
    auto terraform = net::find_program("terraform", path);
    return terraform.empty() ? net::find_program("tofu", path) : terraform;
}

// Apart from the coroutine: g++ 12 frees the strings of a braced list twice inside one.
net::ProcessOptions version_command(const std::filesystem::path& program,
                                    const std::vector<std::string>& host) {
    net::ProcessOptions options;
    options.program = program.string();
    options.args = {"version"};
    options.env = to_vector(base_environment(host));
    options.cwd = "/";
    return options;
}

}  // namespace

void CancelToken::cancel() {
    cancelled_ = true;
    changed_.notify();
}

void CancelToken::kill() {
    killed_ = true;
    cancel();
}

asio::awaitable<void> CancelToken::wait() {
    while (!cancelled_)
        co_await changed_.wait();
}

asio::awaitable<void> CancelToken::wait_for_kill() {
    while (!killed_)
        co_await changed_.wait();
}

std::string CommandResult::failure(std::string_view what) const {
    if (cancelled) return "the build was cancelled";
    std::string text;
    for (const auto& error : errors) {
        if (!text.empty()) text += "\n";
        text += error.short_text();
    }
    if (text.empty()) text = base::trim(tail);
    if (text.empty())
        text = status.signal ? fmt::format("killed by signal {}", *status.signal)
                             : fmt::format("ended with status {}", status.code);
    return fmt::format("{}: {}", what, text);
}

asio::awaitable<Result<CommandResult>> Executor::run(std::vector<std::string> args, Environment environment,
                                                     Timings& timings, bool spare_children) {
    CommandResult result;
    TerraformLog out(sink_, result, &timings, clock_, pb::INFO);
    TerraformLog err(sink_, result, nullptr, clock_, environment.contains("TF_LOG") ? pb::DEBUG : pb::WARN);
    auto executor = co_await asio::this_coro::executor;
    Running running(executor, cancel_, clock_, options_.cancel_grace);
    running.out = &out;
    running.err = &err;
    auto done = co_await execute(running, command(options_, std::move(args), environment), spare_children);
    if (!done) co_return done.error();
    result.status = running.status;
    result.cancelled = cancel_.cancelled();
    co_return result;
}

asio::awaitable<Result<std::string>> Executor::capture(std::vector<std::string> args, Environment environment,
                                                       std::size_t limit) {
    auto what = "terraform " + (args.empty() ? std::string() : args.front());
    TextCollector out(limit);
    TextCollector err(max_tail * 16);
    auto executor = co_await asio::this_coro::executor;
    Running running(executor, cancel_, clock_, options_.cancel_grace);
    running.out = &out;
    running.err = &err;
    auto done = co_await execute(running, command(options_, std::move(args), environment), false);
    if (!done) co_return done.error();
    if (cancel_.cancelled()) co_return cancelled("the build was cancelled");
    if (!running.status.success()) {
        CommandResult result;
        result.status = running.status;
        keep_tail(result.tail, sink_.masked(base::to_valid_utf8(err.text)));
        co_return internal_error(result.failure(what));
    }
    co_return std::move(out.text);
}

asio::awaitable<Result<TerraformBinary>> find_terraform(std::string preferred,
                                                        std::vector<std::string> host) {
    TerraformBinary found;
    found.path = locate(preferred, path_variable(host));
    if (found.path.empty())
        co_return not_found(preferred.empty() ? "neither terraform nor tofu is in the PATH"
                                              : fmt::format("there is no program {}", preferred),
                            std::string(install_hint));
    auto options = version_command(found.path, host);
    auto output = co_await net::run_process(std::move(options), {}, 1 << 20);
    if (!output) co_return output.error();
    auto answer = read_answer(output->out);
    if (!output->status.success() || !answer)
        co_return internal_error(
            fmt::format("{} does not answer `version` as terraform does", found.path.string()));
    found.version = answer->version;
    found.tofu = answer->tofu;
    auto number = version_number(found.version);
    if (!number)
        co_return internal_error(
            fmt::format("{} has the unreadable version {}", found.path.string(), found.version));
    found.number = *number;
    if (found.number < std::array<int, 3>{1, 1, 0})
        co_return Error(
            ErrorCode::failed_precondition,
            fmt::format("{} is version {}; 1.1 or newer is needed", found.path.string(), found.version),
            std::string(install_hint));
    co_return found;
}

}  // namespace berth::terraform

#include "net/process.h"

#include <csignal>
#include <thread>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "net/process_spawn.h"
#include "net/task_group.h"

namespace berth::net {
namespace {

class ChildProcess final : public Process {
public:
    ChildProcess(asio::any_io_executor executor, detail::Spawned spawned)
        : pid_(spawned.pid), pidfd_(executor, spawned.pidfd.release()) {
        if (spawned.in.valid()) in_ = stream_from_fd(executor, spawned.in.release());
        if (spawned.out.valid()) out_ = stream_from_fd(executor, spawned.out.release());
        if (spawned.err.valid()) err_ = stream_from_fd(executor, spawned.err.release());
    }

    ~ChildProcess() override {
        // The child is not reaped before this point, so its id still names its group and nobody else's.
        if (!spare_group_) ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        struct pollfd ended {
            pidfd_.native_handle(), POLLIN, 0
        };
        if (::poll(&ended, 1, 200) == 1) {
            ::waitpid(pid_, nullptr, 0);
            return;
        }
        // Stuck in the kernel: its end may take long, and a loop must not wait for it.
        std::thread([pid = pid_] { ::waitpid(pid, nullptr, 0); }).detach();
    }

    pid_t pid() const override { return pid_; }
    Stream* stdin_stream() override { return in_.get(); }
    Stream* stdout_stream() override { return out_.get(); }
    Stream* stderr_stream() override { return err_.get(); }

    asio::awaitable<ExitStatus> wait() override {
        while (true) {
            siginfo_t info{};
            // WNOWAIT leaves the zombie, which keeps the group's id ours.
            if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid != 0)
                co_return status_of(info);
            co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
        }
    }

    void signal(int number) override { ::kill(pid_, number); }
    void signal_group(int number) override { ::kill(-pid_, number); }
    void spare_group() override { spare_group_ = true; }

private:
    static ExitStatus status_of(const siginfo_t& info) {
        ExitStatus status;
        if (info.si_code == CLD_EXITED) {
            status.code = info.si_status;
        } else {
            status.signal = info.si_status;
            status.code = 128 + info.si_status;
        }
        return status;
    }

    pid_t pid_;
    bool spare_group_ = false;
    asio::posix::stream_descriptor pidfd_;
    StreamPtr in_;
    StreamPtr out_;
    StreamPtr err_;
};

/// How far a run_process has come; everything on one loop.
struct Progress {
    explicit Progress(asio::any_io_executor executor) : changed(std::move(executor)) {}
    int readers = 0;
    bool exited = false;
    asio::steady_timer changed;
};

asio::awaitable<void> feed(Stream* to, const std::string* input) {
    // A program that does not read its input is no error.
    [[maybe_unused]] auto written = co_await to->write(as_bytes(*input));
    to->close();
}

asio::awaitable<void> collect(Stream* from, std::string* into, std::size_t limit, Progress* progress) {
    std::vector<std::byte> buffer(64 << 10);
    while (true) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        std::size_t room = limit - std::min(limit, into->size());
        into->append(as_text(std::span(buffer).first(std::min(room, *got))));
    }
    --progress->readers;
    progress->changed.cancel();
}

asio::awaitable<void> watch_exit(Process* process, Output* output, Progress* progress) {
    auto status = co_await process->wait();
    output->status = status;
    progress->exited = true;
    progress->changed.cancel();
}

asio::awaitable<void> run_in_group(TaskGroup& group, Process* process, Output* output,
                                   const std::string* input, std::size_t limit, Progress* progress) {
    if (process->stdin_stream() != nullptr) group.spawn("stdin", feed(process->stdin_stream(), input));
    for (auto [from, into] : {std::pair(process->stdout_stream(), &output->out),
                              std::pair(process->stderr_stream(), &output->err)}) {
        if (from == nullptr) continue;
        ++progress->readers;
        group.spawn("output", collect(from, into, limit, progress));
    }
    group.spawn("exit", watch_exit(process, output, progress));
    std::optional<base::SteadyTime> patience;
    while (!progress->exited || progress->readers > 0) {
        if (progress->exited && !patience)
            patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        // The program ended, but a descendant holds its output open: that is not worth waiting for.
        if (patience && std::chrono::steady_clock::now() >= *patience) break;
        progress->changed.expires_at(patience.value_or(base::SteadyTime::max()));
        boost::system::error_code ignored;
        co_await progress->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(asio::any_io_executor executor, ProcessOptions options) {
    auto spawned = detail::spawn(options);
    if (!spawned) return spawned.error();
    return std::unique_ptr<Process>(std::make_unique<ChildProcess>(std::move(executor), std::move(*spawned)));
}

asio::awaitable<Result<Output>> run_process(ProcessOptions options, std::string input, std::size_t limit) {
    options.in = input.empty() ? StdIo::null : StdIo::pipe;
    auto executor = co_await asio::this_coro::executor;
    auto process = Process::start(executor, std::move(options));
    if (!process) co_return process.error();
    Output output;
    Progress progress(executor);
    co_await TaskGroup::scope(base::Logger("process"), run_in_group, process->get(), &output, &input, limit,
                              &progress);
    co_return output;
}

std::filesystem::path find_program(std::string_view name, std::string_view path_variable) {
    auto runnable = [](const std::filesystem::path& path) {
        struct stat info {};
        return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
    };
    if (name.empty()) return {};
    if (name.find('/') != std::string_view::npos) return runnable(name) ? std::filesystem::path(name) : "";
    for (auto folder : base::split(path_variable, ':')) {
        auto path = std::filesystem::path(folder.empty() ? "." : folder) / name;
        if (runnable(path)) return path;
    }
    return {};
}

}  // namespace berth::net

#include "net/process_spawn.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace berth::net::detail {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Fd::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

namespace {

enum class Stage : int { session, terminal, stdio, groups, user, directory, exec };

/// What the child says through the error pipe when it cannot become the program.
struct Failure {
    Stage stage;
    int error;
};

/// All that the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Plan {
    std::vector<char*> argv;
    std::vector<char*> envp;
    std::string program;
    std::string cwd;
    int io[3] = {-1, -1, -1};
    int terminal = -1;
    bool new_session = false;
    bool drop_groups = false;
    std::vector<gid_t> groups;
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
    int report = -1;
};

Fd raised(int fd) {
    if (fd < 0 || fd > 2) return Fd(fd);
    int above = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    ::close(fd);
    return Fd(above);
}

Error system_error(std::string_view what, int error) {
    return {ErrorCode::resource_exhausted, std::string(what), std::strerror(error)};
}

Result<void> make_pipe(Fd& reader, Fd& writer) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("a pipe cannot be made", errno);
    reader = raised(ends[0]);
    writer = raised(ends[1]);
    if (!reader.valid() || !writer.valid()) return system_error("a pipe cannot be made", errno);
    return {};
}

void close_on_exec_from(int first) {
#ifdef SYS_close_range
    constexpr unsigned cloexec = 4;
    if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, cloexec) == 0) return;
#endif
    struct rlimit limit {};
    rlim_t end =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : 65536;
    for (int fd = first; fd < static_cast<int>(end); ++fd)
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void reset_signals() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &action, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void give_up(const Plan& plan, Stage stage) {
    Failure failure{stage, errno};
    [[maybe_unused]] ssize_t sent = ::write(plan.report, &failure, sizeof failure);
    ::_exit(127);
}

[[noreturn]] void become(const Plan& plan) {
    reset_signals();
    bool session = plan.new_session || plan.terminal >= 0;
    if (session ? ::setsid() < 0 : ::setpgid(0, 0) != 0) give_up(plan, Stage::session);
    if (plan.terminal >= 0 && ::ioctl(plan.terminal, TIOCSCTTY, 0) != 0) give_up(plan, Stage::terminal);
    for (int target = 0; target < 3; ++target) {
        int source = plan.terminal >= 0 ? plan.terminal : plan.io[target];
        if (source >= 0 && ::dup2(source, target) < 0) give_up(plan, Stage::stdio);
    }
    close_on_exec_from(3);
    if (plan.drop_groups && ::setgroups(plan.groups.size(), plan.groups.data()) != 0)
        give_up(plan, Stage::groups);
    if (plan.gid && ::setresgid(*plan.gid, *plan.gid, *plan.gid) != 0) give_up(plan, Stage::user);
    if (plan.uid && ::setresuid(*plan.uid, *plan.uid, *plan.uid) != 0) give_up(plan, Stage::user);
    // After the drop: the directory must be one the user may enter.
    if (!plan.cwd.empty() && ::chdir(plan.cwd.c_str()) != 0) give_up(plan, Stage::directory);
    ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
    give_up(plan, Stage::exec);
}

Error explain(const Failure& failure, const ProcessOptions& options) {
    std::string why = std::strerror(failure.error);
    switch (failure.stage) {
        case Stage::exec:
            if (failure.error == ENOENT || failure.error == ENOTDIR)
                return not_found("there is no program " + options.program, why);
            if (failure.error == EACCES)
                return {ErrorCode::permission_denied, options.program + " may not be run", why};
            if (failure.error == E2BIG)
                return {ErrorCode::too_large,
                        "the arguments or environment of " + options.program + " are too long", why};
            return invalid_argument(options.program + " cannot be run", why);
        case Stage::directory:
            return invalid_argument("the working directory " + options.cwd.string() + " cannot be entered",
                                    why);
        case Stage::groups:
        case Stage::user:
            return {ErrorCode::permission_denied, "the user of the process cannot be changed", why};
        case Stage::terminal:
            return invalid_argument("the terminal cannot be taken over", why);
        case Stage::session:
        case Stage::stdio:
            break;
    }
    return internal_error("the process cannot be prepared", why);
}

Result<void> plan_user(const ProcessOptions& options, Plan& plan) {
    plan.uid = options.uid;
    plan.gid = options.gid;
    if (!plan.uid) return {};
    std::vector<char> buffer(16 << 10);
    struct passwd entry {};
    struct passwd* found = nullptr;
    int error = ::getpwuid_r(*plan.uid, &entry, buffer.data(), buffer.size(), &found);
    if (!plan.gid) {
        if (found == nullptr)
            return invalid_argument("there is no user with id " + std::to_string(*plan.uid),
                                    error == 0 ? "" : std::strerror(error));
        plan.gid = found->pw_gid;
    }
    // Only root can change groups; a plain user may still "change" to itself.
    if (::geteuid() != 0) return {};
    plan.drop_groups = true;
    plan.groups = {*plan.gid};
    if (found != nullptr) {
        int count = 256;
        plan.groups.resize(static_cast<std::size_t>(count));
        if (::getgrouplist(found->pw_name, *plan.gid, plan.groups.data(), &count) < 0) {
            plan.groups.resize(static_cast<std::size_t>(count));
            if (::getgrouplist(found->pw_name, *plan.gid, plan.groups.data(), &count) < 0)
                return internal_error("the groups of the user cannot be read");
        }
        plan.groups.resize(static_cast<std::size_t>(count));
    }
    return {};
}

/// One of stdin, stdout, stderr: `child` is what the plan places, `parent` what the caller keeps.
Result<void> plan_io(StdIo kind, bool child_reads, Fd& child, Fd& parent) {
    if (kind == StdIo::inherit) return {};
    if (kind == StdIo::null) {
        child = raised(::open("/dev/null", O_RDWR | O_CLOEXEC));
        if (!child.valid()) return system_error("/dev/null cannot be opened", errno);
        return {};
    }
    if (child_reads) return make_pipe(child, parent);
    auto made = make_pipe(parent, child);
    if (!made || kind == StdIo::pipe) return made;
    auto name = "/proc/self/fd/" + std::to_string(child.get());
    child = raised(::open(name.c_str(), O_RDWR | O_CLOEXEC));
    if (!child.valid()) return system_error("a pipe cannot be opened for both directions", errno);
    return {};
}

bool has_nul(const std::vector<std::string>& texts) {
    for (const auto& text : texts)
        if (text.find('\0') != std::string::npos) return true;
    return false;
}

std::string path_of(const std::vector<std::string>& env) {
    for (const auto& entry : env)
        if (entry.starts_with("PATH=")) return entry.substr(5);
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

Result<void> plan_program(const ProcessOptions& options, Plan& plan) {
    if (options.program.empty()) return invalid_argument("a process needs a program");
    if (has_nul(options.args) || has_nul(options.env) || has_nul({options.program, options.cwd.string()}))
        return invalid_argument("arguments and environment of a process must not hold NUL");
    plan.program = options.program;
    if (options.program.find('/') == std::string::npos) {
        plan.program = find_program(options.program, path_of(options.env)).string();
        if (plan.program.empty()) return not_found("there is no program " + options.program, "not in PATH");
    }
    plan.argv.push_back(const_cast<char*>(options.program.c_str()));
    for (const auto& arg : options.args)
        plan.argv.push_back(const_cast<char*>(arg.c_str()));
    plan.argv.push_back(nullptr);
    for (const auto& entry : options.env)
        plan.envp.push_back(const_cast<char*>(entry.c_str()));
    plan.envp.push_back(nullptr);
    plan.cwd = options.cwd.string();
    plan.new_session = options.new_session;
    return {};
}

pid_t fork_child(const Plan& plan) {
    // No handler of ours may run in the child before its handlers are reset.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = ::fork();
    if (pid == 0) become(plan);
    int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid;
}

}  // namespace

Result<Spawned> spawn(const ProcessOptions& options) {
    Plan plan;
    if (auto ready = plan_program(options, plan); !ready) return ready.error();
    if (auto ready = plan_user(options, plan); !ready) return ready.error();
    Spawned result;
    Fd child_io[3];
    Fd terminal;
    if (options.terminal_fd) {
        terminal = Fd(::fcntl(*options.terminal_fd, F_DUPFD_CLOEXEC, 3));
        if (!terminal.valid())
            return invalid_argument("the terminal cannot be taken over", std::strerror(errno));
        plan.terminal = terminal.get();
    } else {
        if (auto ready = plan_io(options.in, true, child_io[0], result.in); !ready) return ready.error();
        if (auto ready = plan_io(options.out, false, child_io[1], result.out); !ready) return ready.error();
        if (auto ready = plan_io(options.err, false, child_io[2], result.err); !ready) return ready.error();
        for (int i = 0; i < 3; ++i)
            plan.io[i] = child_io[i].get();
    }
    Fd report_reader;
    Fd report_writer;
    if (auto ready = make_pipe(report_reader, report_writer); !ready) return ready.error();
    plan.report = report_writer.get();

    result.pid = fork_child(plan);
    if (result.pid < 0) return system_error("no process can be started", errno);
    report_writer.reset();
    Failure failure{};
    ssize_t got = 0;
    do {
        got = ::read(report_reader.get(), &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof failure)) {
        ::waitpid(result.pid, nullptr, 0);
        return explain(failure, options);
    }
    result.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, result.pid, 0)));
    if (!result.pidfd.valid()) {
        int error = errno;
        ::kill(-result.pid, SIGKILL);
        ::waitpid(result.pid, nullptr, 0);
        return system_error("the process cannot be watched", error);
    }
    return result;
}

}  // namespace berth::net::detail

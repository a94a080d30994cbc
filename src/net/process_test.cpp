#include "net/process.h"

#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::net {
namespace {

using namespace std::chrono_literals;

ProcessOptions shell(std::string script) {
    return {.program = "/bin/sh", .args = {"-c", std::move(script)}, .env = {"PATH=/usr/bin:/bin"}};
}

Output run_ok(Runtime& runtime, ProcessOptions options, std::string input = {},
              std::size_t limit = 64 << 20) {
    auto output = runtime.run(run_process(std::move(options), std::move(input), limit));
    EXPECT_TRUE(output.ok()) << (output.ok() ? "" : output.error().to_string());
    return output ? *output : Output{};
}

TEST(ProcessTest, SaysWhyAProgramCannotStart) {
    Runtime runtime(1);
    struct Row {
        ProcessOptions options;
        ErrorCode code;
    };
    std::string plain = testing::TempDir() + "/plain.txt";
    std::ofstream(plain) << "no program";
    ::chmod(plain.c_str(), 0755);
    ProcessOptions no_folder = shell("true");
    no_folder.cwd = "/no/such/folder";
    ProcessOptions no_user = shell("true");
    no_user.uid = 3'999'999'999;
    for (const Row& row : std::vector<Row>{
             {{.program = ""}, ErrorCode::invalid_argument},
             {{.program = "/no/such/program"}, ErrorCode::not_found},
             {{.program = "no-such-program", .env = {"PATH=/bin"}}, ErrorCode::not_found},
             {{.program = "/etc"}, ErrorCode::permission_denied},
             {{.program = plain}, ErrorCode::invalid_argument},
             {{.program = "/bin/sh", .args = {std::string("a\0b", 3)}}, ErrorCode::invalid_argument},
             {no_folder, ErrorCode::invalid_argument},
             {no_user, ErrorCode::invalid_argument}}) {
        auto output = runtime.run(run_process(row.options));
        ASSERT_FALSE(output.ok()) << row.options.program;
        EXPECT_EQ(output.error().code(), row.code) << output.error().to_string();
    }
}

TEST(ProcessTest, ReportsExitCodesAndSignals) {
    Runtime runtime(1);
    EXPECT_EQ(run_ok(runtime, shell("exit 7")).status.code, 7);
    Output killed = run_ok(runtime, shell("kill -TERM $$"));
    EXPECT_EQ(killed.status.code, 128 + SIGTERM);
    EXPECT_EQ(killed.status.signal, SIGTERM);
    EXPECT_TRUE(run_ok(runtime, shell("true")).status.success());
}

TEST(ProcessTest, TheEnvironmentIsExactlyWhatWasGiven) {
    Runtime runtime(1);
    ::setenv("BERTH_TEST_LEAK", "1", 1);
    Output output = run_ok(runtime, {.program = "env", .env = {"PATH=/usr/bin:/bin", "A=1 2", "EMPTY="}});
    EXPECT_EQ(output.out, "PATH=/usr/bin:/bin\nA=1 2\nEMPTY=\n");
}

TEST(ProcessTest, NoDescriptorLeaksAndSignalsAreDefault) {
    Runtime runtime(2);
    int leak = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    Output output = run_ok(runtime, shell("ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    ::close(leak);
    // ls itself opens one: the folder.
    EXPECT_EQ(output.out, "0\n1\n2\n3\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(ProcessTest, BigInputAndOutputFlowTogether) {
    Runtime runtime(1);
    std::string input(5 << 20, 'x');
    Output output = run_ok(runtime, {.program = "cat", .env = {"PATH=/usr/bin:/bin"}}, input);
    EXPECT_EQ(output.out.size(), input.size());
    // A program that does not read its input.
    EXPECT_EQ(run_ok(runtime, shell("echo done"), input).out, "done\n");
}

TEST(ProcessTest, OutputIsBoundedButReadToItsEnd) {
    Runtime runtime(1);
    Output output = run_ok(runtime, shell("head -c 3000000 /dev/zero; echo error >&2; echo end"), {}, 1000);
    EXPECT_EQ(output.out.size(), 1000u);
    EXPECT_EQ(output.err, "error\n");
    EXPECT_TRUE(output.status.success());
}

TEST(ProcessTest, RunsInTheFolderAsked) {
    Runtime runtime(1);
    ProcessOptions options = shell("pwd");
    options.cwd = "/usr";
    EXPECT_EQ(run_ok(runtime, options).out, "/usr\n");
}

TEST(ProcessTest, DescendantsThatHoldTheOutputAreNotWaitedFor) {
    Runtime runtime(1);
    auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(run_ok(runtime, shell("sleep 300 & echo started")).out, "started\n");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
}

bool is_running(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("State:"))
            return line.find('Z') == std::string::npos && line.find('X') == std::string::npos;
    return false;
}

bool ends_soon(pid_t pid) {
    auto deadline = std::chrono::steady_clock::now() + 10s;
    while (is_running(pid) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    return !is_running(pid);
}

/// A shell and its grandchild, both asleep.
struct Family {
    std::unique_ptr<Process> process;
    pid_t grandchild = 0;
};

asio::awaitable<void> start_family(Runtime* runtime, Family* family) {
    auto started = Process::start(runtime->executor(), shell("(sleep 300 & echo $!; wait) & wait"));
    EXPECT_TRUE(started.ok());
    family->process = std::move(*started);
    std::string line;
    while (!line.ends_with('\n')) {
        std::array<std::byte, 16> buffer{};
        auto got = co_await family->process->stdout_stream()->read_some(buffer);
        if (!got || *got == 0) break;
        line += as_text(std::span(buffer).first(*got));
    }
    family->grandchild = base::parse_int<pid_t>(base::trim(line)).value_or(0);
}

asio::awaitable<ExitStatus> wait_for(Process* process) {
    auto status = co_await process->wait();
    co_return status;
}

TEST(ProcessTest, SignallingTheGroupReachesGrandchildren) {
    Runtime runtime(1);
    Family family;
    runtime.run(start_family(&runtime, &family));
    ASSERT_TRUE(is_running(family.grandchild));
    family.process->signal_group(SIGTERM);
    EXPECT_EQ(runtime.run(wait_for(family.process.get())).signal, SIGTERM);
    EXPECT_TRUE(ends_soon(family.grandchild));
}

TEST(ProcessTest, DestroyingItKillsTheWholeGroup) {
    Runtime runtime(1);
    Family family;
    runtime.run(start_family(&runtime, &family));
    pid_t pid = family.process->pid();
    ASSERT_TRUE(is_running(family.grandchild));
    family.process.reset();
    EXPECT_TRUE(ends_soon(family.grandchild));
    EXPECT_FALSE(is_running(pid));
}

asio::awaitable<void> run_and_drop(ProcessOptions options) {
    auto output = co_await run_process(std::move(options));
    ADD_FAILURE() << "was not cancelled";
}

asio::awaitable<void> cancel_when_started(TaskGroup& group, std::string pid_file, pid_t* pid) {
    group.spawn("run", run_and_drop(shell("sleep 300 & echo $! > " + pid_file + ".new; mv " + pid_file +
                                          ".new " + pid_file + "; wait")));
    while (::access(pid_file.c_str(), F_OK) != 0)
        co_await base::system_clock().sleep(1ms);
    std::ifstream(pid_file) >> *pid;
    group.cancel();
    co_await group.join();
}

TEST(ProcessTest, CancellingRunProcessKillsTheGroup) {
    Runtime runtime(1);
    std::string pid_file = testing::TempDir() + "/berth-process-" + std::to_string(::getpid());
    pid_t pid = 0;
    runtime.run(TaskGroup::scope(base::Logger("test"), cancel_when_started, pid_file, &pid));
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(ends_soon(pid));
    ::unlink(pid_file.c_str());
}

asio::awaitable<std::string> in_terminal(Runtime* runtime) {
    int master = -1;
    int slave = -1;
    EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    auto options =
        shell("test -t 0 && test -t 1 && echo is-a-terminal; ps -o tty= -p $$; stty size < /dev/tty");
    options.terminal_fd = slave;
    auto started = Process::start(runtime->executor(), std::move(options));
    ::close(slave);
    EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().to_string());
    auto stream = stream_from_fd(runtime->executor(), master);
    std::string text;
    std::array<std::byte, 256> buffer{};
    while (true) {
        auto got = co_await stream->read_some(buffer);
        if (!got || *got == 0) break;
        text += as_text(std::span(buffer).first(*got));
    }
    auto status = co_await (*started)->wait();
    EXPECT_TRUE(status.success());
    co_return text;
}

TEST(ProcessTest, ATerminalBecomesTheControllingOne) {
    Runtime runtime(1);
    std::string text = runtime.run(in_terminal(&runtime));
    EXPECT_TRUE(text.starts_with("is-a-terminal\r\n")) << text;
    EXPECT_NE(text.find("0 0\r\n"), std::string::npos) << text;
}

TEST(ProcessTest, RootMayDropToAnotherUser) {
    Runtime runtime(1);
    ProcessOptions options = shell("id -u; id -g; id -G");
    if (::geteuid() == 0) {
        options.uid = 65534;
        Output output = run_ok(runtime, options);
        EXPECT_EQ(output.out, "65534\n65534\n65534\n");
    } else {
        options.uid = 0;
        auto output = runtime.run(run_process(options));
        ASSERT_FALSE(output.ok());
        EXPECT_EQ(output.error().code(), ErrorCode::permission_denied);
    }
}

TEST(ProcessTest, FindsProgramsAsExecvpWould) {
    EXPECT_EQ(find_program("", "/bin"), "");
    EXPECT_EQ(find_program("no-such-program", "/bin:/usr/bin"), "");
    EXPECT_EQ(find_program("passwd", "/etc"), "");
    EXPECT_EQ(find_program("sh", "/no/such:/bin"), "/bin/sh");
    EXPECT_EQ(find_program("/bin/sh", ""), "/bin/sh");
}

}  // namespace
}  // namespace berth::net

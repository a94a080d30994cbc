#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/asio.h"
#include "base/result.h"
#include "net/stream.h"

namespace berth::net {

enum class StdIo {
    null,
    inherit,
    pipe,
    /// As `pipe`, but the child holds the reading end too: when we die, what it writes waits in the pipe
    /// instead of killing it. For stdout and stderr.
    lasting_pipe,
};

struct ProcessOptions {
    /// Looked up in the PATH of `env` when it has no slash.
    std::string program;
    /// Without argv[0]. Never a secret: other users can read a command line.
    std::vector<std::string> args;
    /// The whole environment, "NAME=value" each; nothing is inherited.
    std::vector<std::string> env;
    std::filesystem::path cwd;
    StdIo in = StdIo::null;
    StdIo out = StdIo::pipe;
    StdIo err = StdIo::pipe;
    /// A process group of its own, so that signal_group() reaches its descendants; with `new_session` also a
    /// session.
    bool new_session = false;
    /// When set, the process takes this terminal as its controlling one and as its stdin, stdout and stderr
    /// (the in/out/err fields are ignored); implies a new session. The caller keeps ownership of the
    /// descriptor.
    std::optional<int> terminal_fd;
    /// Drops privileges before exec, with the user's supplementary groups. Only root can.
    std::optional<uid_t> uid;
    std::optional<gid_t> gid;
};

struct ExitStatus {
    /// Exit code, or 128 + signal as shells say it.
    int code = 0;
    std::optional<int> signal;
    [[nodiscard]] bool success() const { return code == 0; }
};

/// A child process in a group of its own. Its destructor kills the whole group and reaps the child.
class Process {
public:
    virtual ~Process() = default;
    /// Fails with not_found when there is no such program, invalid_argument for a bad working directory.
    static Result<std::unique_ptr<Process>> start(asio::any_io_executor executor, ProcessOptions options);

    [[nodiscard]] virtual pid_t pid() const = 0;
    /// Ends of the pipes asked for; null otherwise. The caller reads out and err, else the child may stall.
    virtual Stream* stdin_stream() = 0;
    virtual Stream* stdout_stream() = 0;
    virtual Stream* stderr_stream() = 0;
    /// May be awaited once; cancelling the wait leaves the process running.
    virtual asio::awaitable<ExitStatus> wait() = 0;
    virtual void signal(int number) = 0;
    virtual void signal_group(int number) = 0;
    /// For a program that has ended: what it left running in its group lives on when this is destroyed.
    virtual void spare_group() = 0;
};

struct Output {
    ExitStatus status;
    std::string out;
    std::string err;
};

/// Runs to the end, collecting at most `limit` bytes of each output; `input` is written to stdin. Cancelling
/// kills the group and waits for the child.
asio::awaitable<Result<Output>> run_process(ProcessOptions options, std::string input = {},
                                            std::size_t limit = 64 << 20);

/// Finds an executable as execvp would; empty when there is none.
std::filesystem::path find_program(std::string_view name, std::string_view path_variable);

}  // namespace berth::net

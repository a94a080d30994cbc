#include "agent/ssh/command.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>

#include "agent/ssh/connection.h"
#include "agent/ssh/forward.h"
#include "agent/ssh/sftp.h"
#include "base/crypto.h"
#include "base/text.h"
#include "net/process.h"

namespace berth::agent::ssh {
namespace {

constexpr std::size_t max_variables = 256;
constexpr std::size_t max_variable_bytes = 128 * 1024;
constexpr std::size_t max_command = 1 << 20;
constexpr auto hangup_grace = std::chrono::seconds(3);
constexpr auto terminal_drain = std::chrono::milliseconds(250);
constexpr std::string_view session_kind_variable = "CODER_SSH_SESSION_TYPE";

struct SignalName {
    std::string_view name;
    int number;
};
constexpr std::array signals{
    SignalName{"ABRT", SIGABRT}, SignalName{"ALRM", SIGALRM},  SignalName{"FPE", SIGFPE},
    SignalName{"HUP", SIGHUP},   SignalName{"ILL", SIGILL},    SignalName{"INT", SIGINT},
    SignalName{"KILL", SIGKILL}, SignalName{"PIPE", SIGPIPE},  SignalName{"QUIT", SIGQUIT},
    SignalName{"SEGV", SIGSEGV}, SignalName{"TERM", SIGTERM},  SignalName{"USR1", SIGUSR1},
    SignalName{"USR2", SIGUSR2}, SignalName{"WINCH", SIGWINCH}};

/// "ssh", "vscode" or "jetbrains", as editors say it in a variable of the session.
std::string session_kind(const SessionChannel& session) {
    auto found = session.variables.find(std::string(session_kind_variable));
    std::string kind = found == session.variables.end() ? "" : base::to_lower(found->second);
    return kind == "vscode" || kind == "jetbrains" ? kind : "ssh";
}

net::ProcessOptions command_options(Connection& connection, const SessionChannel& session,
                                    const AgentForward* forward) {
    const Workspace& workspace = connection.context().workspace;
    Variables variables = workspace.command_environment();
    for (const auto& [name, value] : session.variables)
        variables[name] = value;
    variables.erase(std::string(session_kind_variable));
    if (forward != nullptr) variables["SSH_AUTH_SOCK"] = forward->path();
    variables["SSH_CLIENT"] = "127.0.0.1 0 0";
    variables["SSH_CONNECTION"] = "127.0.0.1 0 127.0.0.1 0";
    net::ProcessOptions options;
    if (session.terminal) {
        variables["TERM"] = session.term.empty() ? "xterm" : session.term;
        variables["SSH_TTY"] = session.terminal->name();
        options.terminal_fd = session.terminal->program_end();
    }
    options.cwd = workspace.working_directory();
    options.in = options.out = options.err = net::StdIo::pipe;
    options.new_session = true;
    switch (session.kind) {
        case SessionChannel::Kind::exec:
            options.program = workspace.account.shell;
            options.args = {"-c", session.command};
            break;
        case SessionChannel::Kind::sftp: {
            options.program = connection.context().sftp_server;
            std::error_code ignored;
            if (std::filesystem::is_directory(workspace.account.home, ignored))
                options.cwd = workspace.account.home;
            break;
        }
        default:
            options.program = workspace.account.shell;
            options.args = {"-l"};
    }
    options.env = to_environ(variables);
    return options;
}

/// A program under way on a channel. Whatever ends the task, the program's group does not stay behind
/// unnoticed.
struct Running {
    Running(Connection& connection, SessionChannel& session)
        : connection(connection), session(session), changed(connection.executor()) {}
    ~Running();

    Connection& connection;
    SessionChannel& session;
    std::unique_ptr<net::Process> process;
    net::StreamPtr terminal;
    net::Signal changed;
    int outputs = 0;
    std::uint64_t output_bytes = 0;
    net::ExitStatus status;
    bool ended = false;
};

asio::awaitable<void> hang_up(std::unique_ptr<net::Process> process, base::Clock& clock) {
    process->signal_group(SIGHUP);
    process->signal_group(SIGCONT);
    co_await clock.sleep(hangup_grace);
    // The destructor kills what is left of the group.
}

Running::~Running() {
    session.channel->on_signal = nullptr;
    if (!process) return;
    if (ended) {
        process->spare_group();
        return;
    }
    for (auto* stream : {process->stdin_stream(), process->stdout_stream(), process->stderr_stream()})
        if (stream != nullptr) stream->close();
    connection.reaper().spawn("hang up", hang_up(std::move(process), connection.context().clock));
}

asio::awaitable<void> feed_input(Running* run) {
    std::vector<std::byte> buffer(net::copy_buffer);
    net::Stream* to = run->terminal ? run->terminal.get() : run->process->stdin_stream();
    bool taken = true;
    while (true) {
        auto got = co_await run->session.channel->read_some(buffer);
        if (!got) co_return;
        if (*got == 0) break;
        run->connection.context().counters.received_bytes += static_cast<std::int64_t>(*got);
        // A program that does not read its input must not stop the client from sending it.
        if (!taken) continue;
        auto written = co_await to->write(std::span(buffer).first(*got));
        taken = written.ok();
    }
    if (run->terminal) {
        // A terminal cannot be half closed; this is how a person says the same.
        constexpr std::byte end_of_file[] = {std::byte(4)};
        auto ignored = co_await to->write(end_of_file);
        (void)ignored;
        co_return;
    }
    auto ignored = co_await to->shutdown_write();
    (void)ignored;
    to->close();
}

asio::awaitable<void> forward_output(Running* run, net::Stream* from, bool to_stderr) {
    std::vector<std::byte> buffer(net::copy_buffer);
    while (true) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        auto piece_read = std::span<const std::byte>(buffer).first(*got);
        Result<void> written;
        if (to_stderr)
            written = co_await run->session.channel->write_stderr(piece_read);
        else
            written = co_await run->session.channel->write(piece_read);
        if (!written) break;
        run->output_bytes += *got;
        run->connection.context().counters.sent_bytes += static_cast<std::int64_t>(*got);
    }
    --run->outputs;
    run->changed.notify();
}

asio::awaitable<void> await_close(Running* run) {
    while (!run->session.channel->closed())
        co_await run->session.channel->changed().wait();
    run->changed.notify();
}

asio::awaitable<void> await_exit(Running* run) {
    auto exit = co_await run->process->wait();
    run->status = exit;
    run->ended = true;
    run->changed.notify();
}

/// Programs that outlive their shell keep the terminal open; what the shell itself wrote has arrived by then.
asio::awaitable<void> drain_terminal(Running* run) {
    std::uint64_t seen = 0;
    do {
        seen = run->output_bytes;
        asio::steady_timer timer(run->connection.executor(), terminal_drain);
        if (run->outputs == 0) break;
        co_await timer.async_wait(asio::use_awaitable);
    } while (run->outputs > 0 && run->output_bytes != seen);
}

asio::awaitable<void> run_program(net::TaskGroup& group, Running* run) {
    Channel& channel = *run->session.channel;
    group.spawn("exit", await_exit(run));
    group.spawn("close", await_close(run));
    group.spawn("input", feed_input(run));
    if (run->terminal) {
        run->outputs = 1;
        group.spawn("terminal", forward_output(run, run->terminal.get(), false));
    } else {
        run->outputs = 2;
        group.spawn("stdout", forward_output(run, run->process->stdout_stream(), false));
        group.spawn("stderr", forward_output(run, run->process->stderr_stream(), true));
    }
    while (!run->ended && !channel.closed())
        co_await run->changed.wait();
    if (run->terminal && run->ended) co_await drain_terminal(run);
    while (!run->terminal && run->outputs > 0 && !channel.closed())
        co_await run->changed.wait();
}

void report_end(Channel& channel, const net::ExitStatus& status) {
    if (status.signal) {
        for (const auto& [name, number] : signals) {
            if (number != *status.signal) continue;
            channel.send_exit_signal(std::string(name));
            return;
        }
    }
    channel.send_exit_status(status.code);
}

asio::awaitable<void> greet(const Workspace& workspace, Channel& channel) {
    constexpr std::size_t motd_limit = 256 * 1024;
    std::error_code ignored;
    if (workspace.motd_path.empty() ||
        std::filesystem::exists(workspace.account.home / ".hushlogin", ignored))
        co_return;
    auto text = read_small_file(workspace.motd_path, motd_limit);
    if (!text || text->empty()) co_return;
    if (!text->ends_with('\n')) *text += '\n';
    std::string lines = base::replace_all(base::replace_all(*text, "\r\n", "\n"), "\n", "\r\n");
    auto written = co_await channel.write(net::as_bytes(lines));
    (void)written;
}

asio::awaitable<void> refuse(Channel& channel, const Error& error, int code) {
    std::string text =
        "berth: " + error.message() + (error.detail().empty() ? "" : ": " + error.detail()) + "\r\n";
    auto written = co_await channel.write_stderr(net::as_bytes(text));
    (void)written;
    channel.send_exit_status(code);
}

asio::awaitable<net::ExitStatus> run_command(Connection& connection, SessionChannel& session) {
    std::unique_ptr<AgentForward> forward;
    if (session.agent_offered) {
        auto opened = AgentForward::open(connection);
        if (opened)
            forward = std::move(*opened);
        else
            connection.context().log.warn("no agent forwarding", field("error", opened.error()));
    }
    Running run(connection, session);
    auto started =
        net::Process::start(connection.executor(), command_options(connection, session, forward.get()));
    if (!started) {
        Error error = started.error();
        run.status.code = error.code() == ErrorCode::not_found ? 127 : 126;
        co_await refuse(*session.channel, error, run.status.code);
        co_return run.status;
    }
    run.process = std::move(*started);
    if (session.terminal) {
        session.terminal->close_program_end();
        run.terminal = net::stream_from_fd(connection.executor(), session.terminal->duplicate_our_end());
    }
    session.channel->on_signal = [&run](const std::string& name) {
        for (const auto& known : signals)
            if (known.name == name) run.process->signal_group(known.number);
    };
    co_await net::TaskGroup::scope(connection.context().log, run_program, &run);
    if (run.ended) report_end(*session.channel, run.status);
    co_return run.status;
}

/// Counts the session while it is open, and reports it.
class Presence {
public:
    Presence(Context& context, std::string kind)
        : context_(context), kind_(std::move(kind)), id_(Uuid::random().raw()) {
        ++context_.counters.sessions[kind_];
        if (context_.on_connect) context_.on_connect(kind_, id_);
    }
    ~Presence() {
        --context_.counters.sessions[kind_];
        if (context_.on_disconnect) context_.on_disconnect(kind_, id_, status, reason);
    }
    int status = 255;
    std::string reason = "the connection was lost";

private:
    Context& context_;
    std::string kind_;
    std::string id_;
};

}  // namespace

bool SessionChannel::open_terminal(const char* name, const TerminalSize& size) {
    if (kind != Kind::none || terminal) return false;
    auto opened = Terminal::open(size);
    if (!opened) return false;
    terminal = std::move(*opened);
    term = name == nullptr ? "" : std::string(name).substr(0, 256);
    return true;
}

void SessionChannel::resize_terminal(const TerminalSize& size) const {
    if (terminal) terminal->resize(size);
}

bool SessionChannel::set_variable(const char* name, const char* value) {
    if (name == nullptr || value == nullptr || *name == '\0' || kind != Kind::none) return false;
    std::string_view key(name);
    std::string_view text(value);
    if (key.find('=') != std::string_view::npos || variables.size() >= max_variables) return false;
    if (variable_bytes + key.size() + text.size() > max_variable_bytes) return false;
    variable_bytes += key.size() + text.size();
    variables.insert_or_assign(std::string(key), std::string(text));
    return true;
}

bool SessionChannel::request(Kind wanted, const char* text) {
    if (kind != Kind::none || text == nullptr) return false;
    command = text;
    if (command.size() > max_command) return false;
    kind = wanted;
    channel->changed().notify();
    return true;
}

asio::awaitable<void> run_session(Connection& connection, std::shared_ptr<SessionChannel> session) {
    Channel& channel = *session->channel;
    while (session->kind == SessionChannel::Kind::none && !channel.closed())
        co_await channel.changed().wait();
    if (!channel.closed()) {
        Presence presence(connection.context(), session_kind(*session));
        const Workspace& workspace = connection.context().workspace;
        if (session->kind == SessionChannel::Kind::shell && session->terminal)
            co_await greet(workspace, channel);
        if (session->kind == SessionChannel::Kind::sftp && connection.context().sftp_server.empty()) {
            co_await serve_sftp(channel, workspace.account.home);
            presence.status = 0;
            channel.send_exit_status(0);
        } else {
            auto status = co_await run_command(connection, *session);
            presence.status = status.code;
        }
        presence.reason = channel.closed() ? "the client closed the session" : "";
        auto shut = co_await channel.shutdown_write();
        (void)shut;
    }
    channel.close();
}

}  // namespace berth::agent::ssh

#include "cli/ssh_client.h"

#include <csignal>
#include <cstdlib>
#include <memory>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace berth::cli {
namespace {

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* value) const { Free(value); }
};
using SshSessionPointer = std::unique_ptr<ssh_session_struct, Freer<ssh_session_struct, ssh_free>>;
using Channel = std::unique_ptr<ssh_channel_struct, Freer<ssh_channel_struct, ssh_channel_free>>;
using Event = std::unique_ptr<ssh_event_struct, Freer<ssh_event_struct, ssh_event_free>>;
using Connector = std::unique_ptr<ssh_connector_struct, Freer<ssh_connector_struct, ssh_connector_free>>;

volatile std::sig_atomic_t window_changed = 0;
void on_window_change(int) { window_changed = 1; }

/// Hands every key to the remote side while it lives.
class RawTerminal {
public:
    explicit RawTerminal(bool active) : active_(active && ::tcgetattr(STDIN_FILENO, &saved_) == 0) {
        if (!active_) return;
        termios raw = saved_;
        ::cfmakeraw(&raw);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    ~RawTerminal() {
        if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

private:
    termios saved_{};
    bool active_;
};

Error ssh_failure(const std::string& what, ssh_session session) {
    return Error(ErrorCode::unavailable, what, ssh_get_error(session));
}

Result<void> connect(ssh_session session, int fd) {
    ssh_options_set(session, SSH_OPTIONS_HOST, "workspace");
    ssh_options_set(session, SSH_OPTIONS_USER, "coder");
    ssh_options_set(session, SSH_OPTIONS_FD, &fd);
    int no = 0;
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    if (ssh_connect(session) != SSH_OK)
        return ssh_failure("the SSH connection to the workspace failed", session);
    if (ssh_userauth_none(session, nullptr) != SSH_AUTH_SUCCESS)
        return ssh_failure("the workspace refused the SSH connection", session);
    return {};
}

void resize(ssh_channel channel) {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ssh_channel_change_pty_size(channel, size.ws_col, size.ws_row);
}

Result<void> start(ssh_session session, ssh_channel channel, const SshSession& wanted) {
    if (ssh_channel_open_session(channel) != SSH_OK)
        return ssh_failure("no session in the workspace", session);
    if (wanted.terminal) {
        winsize size{};
        ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
        const char* kind = std::getenv("TERM");
        ssh_channel_request_pty_size(channel, kind != nullptr ? kind : "xterm",
                                     size.ws_col != 0 ? size.ws_col : 80,
                                     size.ws_row != 0 ? size.ws_row : 24);
    }
    int started = wanted.command.empty() ? ssh_channel_request_shell(channel)
                                         : ssh_channel_request_exec(channel, wanted.command.c_str());
    if (started != SSH_OK) return ssh_failure("the command could not be started", session);
    return {};
}

/// Joins our standard streams and the channel until the remote side has closed it.
void pump(ssh_session session, ssh_channel channel) {
    Event event(ssh_event_new());
    Connector input(ssh_connector_new(session));
    ssh_connector_set_out_channel(input.get(), channel, SSH_CONNECTOR_STDINOUT);
    ssh_connector_set_in_fd(input.get(), STDIN_FILENO);
    ssh_event_add_connector(event.get(), input.get());
    Connector output(ssh_connector_new(session));
    ssh_connector_set_out_fd(output.get(), STDOUT_FILENO);
    ssh_connector_set_in_channel(output.get(), channel, SSH_CONNECTOR_STDINOUT);
    ssh_event_add_connector(event.get(), output.get());
    Connector errors(ssh_connector_new(session));
    ssh_connector_set_out_fd(errors.get(), STDERR_FILENO);
    ssh_connector_set_in_channel(errors.get(), channel, SSH_CONNECTOR_STDERR);
    ssh_event_add_connector(event.get(), errors.get());
    while (ssh_channel_is_open(channel) != 0 && ssh_is_connected(session) != 0) {
        if (window_changed != 0) {
            window_changed = 0;
            resize(channel);
        }
        if (ssh_event_dopoll(event.get(), 1000) == SSH_ERROR) break;
    }
    ssh_event_remove_connector(event.get(), input.get());
    ssh_event_remove_connector(event.get(), output.get());
    ssh_event_remove_connector(event.get(), errors.get());
}

}  // namespace

Result<int> run_ssh_session(SshSession wanted) {
    SshSessionPointer session(ssh_new());
    if (auto connected = connect(session.get(), wanted.fd); !connected) return connected.error();
    Channel channel(ssh_channel_new(session.get()));
    if (auto started = start(session.get(), channel.get(), wanted); !started) return started.error();
    int code = 255;
    {
        RawTerminal raw(wanted.terminal);
        std::signal(SIGWINCH, on_window_change);
        pump(session.get(), channel.get());
        std::signal(SIGWINCH, SIG_DFL);
        code = ssh_channel_get_exit_status(channel.get());
    }
    channel.reset();
    ssh_disconnect(session.get());
    return code < 0 ? 255 : code;
}

}  // namespace berth::cli

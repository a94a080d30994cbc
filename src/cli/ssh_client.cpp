#include "cli/ssh_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/// Written by the signal handler, watched by the event loop: a signal may reach any thread.
int window_event = -1;
void on_window_change(int) {
    std::uint64_t one = 1;
    auto written = ::write(window_event, &one, sizeof one);
    (void)written;
}

/// A descriptor in an event loop, which tells that something can be read and is then left alone until
/// watch() is called again.
class Watched {
public:
    Watched(ssh_event event, int fd) : event_(event), fd_(fd) {}
    ~Watched() { forget(); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    void watch() {
        if (watching_ || ready_) return;
        watching_ = ssh_event_add_fd(event_, fd_, POLLIN, noticed, this) == SSH_OK;
    }
    void forget() {
        if (watching_) ssh_event_remove_fd(event_, fd_);
        watching_ = false;
    }
    /// Whether something can be read, or the end. After the loop's round, never within.
    [[nodiscard]] bool take() {
        if (!ready_) return false;
        forget();
        ready_ = false;
        return true;
    }
    [[nodiscard]] int fd() const { return fd_; }

private:
    static int noticed(socket_t, int, void* user) {
        static_cast<Watched*>(user)->ready_ = true;
        return 0;
    }

    ssh_event event_;
    int fd_;
    bool watching_ = false;
    bool ready_ = false;
};

bool write_fully(int fd, const char* data, std::size_t size) {
    while (size > 0) {
        ssize_t written = ::write(fd, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {
            pollfd wait{fd, POLLOUT, 0};
            ::poll(&wait, 1, -1);
            continue;
        }
        if (written <= 0) return false;
        data += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

/// One direction of bytes from a descriptor into a channel. libssh's own connectors lose what does not fit
/// into the channel's window.
class Inlet {
public:
    Inlet(ssh_event event, ssh_channel channel, int fd) : channel_(channel), source_(event, fd) {}

    /// Between rounds of the loop: moves what has come, as far as the other side takes it.
    void tend() {
        if (ended_) return;
        if (pending_.empty() && source_.take()) read();
        if (!pending_.empty()) write();
        if (!ended_ && pending_.empty() && room() > 0) source_.watch();
    }

private:
    [[nodiscard]] std::size_t room() const {
        return std::min<std::size_t>(ssh_channel_window_size(channel_), 32 << 10);
    }
    void read() {
        pending_.resize(std::max<std::size_t>(room(), 1));
        ssize_t size = ::read(source_.fd(), pending_.data(), pending_.size());
        pending_.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN))) return;
        ended_ = true;
        ssh_channel_send_eof(channel_);
    }
    void write() {
        int size = ssh_channel_write(channel_, pending_.data(), static_cast<std::uint32_t>(pending_.size()));
        // Nothing passes while keys are exchanged anew.
        if (size >= 0 || size == SSH_AGAIN)
            pending_.erase(0, static_cast<std::size_t>(std::max(size, 0)));
        else
            ended_ = true;
    }

    ssh_channel channel_;
    Watched source_;
    std::string pending_;
    bool ended_ = false;
};

/// What a channel brings, written where it belongs as soon as its packets are handled, by whichever call.
class Outlet {
public:
    /// `errors` below zero: there are none.
    Outlet(ssh_channel channel, int output, int errors)
        : channel_(channel), output_(output), errors_(errors) {
        callbacks_.userdata = this;
        callbacks_.channel_data_function = arrived;
        ssh_callbacks_init(&callbacks_);
        ssh_add_channel_callbacks(channel, &callbacks_);
    }
    ~Outlet() { ssh_remove_channel_callbacks(channel_, &callbacks_); }
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    /// Nobody takes it any more.
    [[nodiscard]] bool broken() const { return broken_; }

private:
    static int arrived(ssh_session, ssh_channel, void* data, std::uint32_t size, int is_error, void* user) {
        auto& self = *static_cast<Outlet*>(user);
        int fd = is_error != 0 ? self.errors_ : self.output_;
        if (!self.broken_ && fd >= 0) self.broken_ = !write_fully(fd, static_cast<const char*>(data), size);
        return static_cast<int>(size);
    }

    ssh_channel channel_;
    int output_;
    int errors_;
    ssh_channel_callbacks_struct callbacks_{};
    bool broken_ = false;
};

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

int connect_to_agent() {
    const char* path = std::getenv("SSH_AUTH_SOCK");
    sockaddr_un address{};
    if (path == nullptr || *path == '\0' || std::strlen(path) >= sizeof address.sun_path) return -1;
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path);
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
}

/// Joins the channels that the workspace opens for its SSH_AUTH_SOCK with our own agent.
class AgentForward {
public:
    AgentForward(ssh_session session, ssh_event event) : event_(event) {
        callbacks_.userdata = this;
        callbacks_.channel_open_request_auth_agent_function = opened;
        ssh_callbacks_init(&callbacks_);
        ssh_set_callbacks(session, &callbacks_);
    }
    /// Must have been called when the session ends; the object itself must outlive it, as its callbacks do.
    void close() {
        closed_ = true;
        arrived_.clear();
        links_.clear();
    }
    AgentForward(const AgentForward&) = delete;
    AgentForward& operator=(const AgentForward&) = delete;

    /// Between rounds of the loop.
    void tend() {
        // What is sent here may bring in packets, and with them a new channel.
        for (auto& link : std::exchange(arrived_, {}))
            links_.push_back(std::move(link));
        for (const auto& link : links_)
            link->in.tend();
        auto ended = std::partition(links_.begin(), links_.end(), [](const auto& link) {
            return !link->out.broken() && ssh_channel_is_eof(link->channel.get()) == 0 &&
                   ssh_channel_is_closed(link->channel.get()) == 0;
        });
        std::vector<std::unique_ptr<Link>> gone(std::make_move_iterator(ended),
                                                std::make_move_iterator(links_.end()));
        links_.erase(ended, links_.end());
    }

private:
    struct Link {
        Link(ssh_event event, ssh_session session, int socket)
            : channel(ssh_channel_new(session)),
              fd(socket),
              in(event, channel.get(), socket),
              out(channel.get(), socket, -1) {}
        ~Link() {
            ssh_channel_close(channel.get());
            ::close(fd);
        }
        Channel channel;
        int fd;
        Inlet in;
        Outlet out;
    };

    static ssh_channel opened(ssh_session session, void* user) {
        auto& self = *static_cast<AgentForward*>(user);
        int fd = self.closed_ ? -1 : connect_to_agent();
        if (fd < 0) return nullptr;
        return self.arrived_.emplace_back(std::make_unique<Link>(self.event_, session, fd))->channel.get();
    }

    ssh_event event_;
    ssh_callbacks_struct callbacks_{};
    std::vector<std::unique_ptr<Link>> links_;
    std::vector<std::unique_ptr<Link>> arrived_;
    bool closed_ = false;
};

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
    if (wanted.forward_agent && ssh_channel_request_auth_agent(channel) != SSH_OK)
        return ssh_failure("the workspace refused the forwarding of the agent", session);
    int started = wanted.command.empty() ? ssh_channel_request_shell(channel)
                                         : ssh_channel_request_exec(channel, wanted.command.c_str());
    if (started != SSH_OK) return ssh_failure("the command could not be started", session);
    return {};
}

/// The terminal's changes of size, while it lives.
class WindowChanges {
public:
    WindowChanges(ssh_event event, ssh_channel channel) : channel_(channel) {
        window_event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        changes_.emplace(event, window_event);
        std::signal(SIGWINCH, on_window_change);
    }
    ~WindowChanges() {
        std::signal(SIGWINCH, SIG_DFL);
        changes_.reset();
        ::close(std::exchange(window_event, -1));
    }
    WindowChanges(const WindowChanges&) = delete;
    WindowChanges& operator=(const WindowChanges&) = delete;

    void tend() {
        if (changes_->take()) {
            std::uint64_t count = 0;
            if (::read(window_event, &count, sizeof count) > 0) resize(channel_);
        }
        changes_->watch();
    }

private:
    ssh_channel channel_;
    std::optional<Watched> changes_;
};

/// Joins our standard streams and the channel until the remote side has closed it.
void join_streams(ssh_session session, ssh_channel channel, const Outlet& output, ssh_event event,
                  AgentForward* agent, bool terminal) {
    Inlet input(event, channel, STDIN_FILENO);
    std::optional<WindowChanges> window;
    if (terminal) window.emplace(event, channel);
    ssh_set_blocking(session, 0);
    while (ssh_is_connected(session) != 0 && !output.broken()) {
        input.tend();
        if (window) window->tend();
        if (agent != nullptr) agent->tend();
        if (ssh_channel_is_closed(channel) != 0) break;
        // Packets that one of these handled for another are noticed after a second at the latest.
        if (ssh_event_dopoll(event, 1000) == SSH_ERROR) break;
    }
    ssh_set_blocking(session, 1);
}

}  // namespace

Result<int> run_ssh_session(SshSession wanted) {
    // What a shell says of a program that SIGPIPE ended.
    constexpr int broken_pipe_code = 141;
    std::optional<AgentForward> agent;
    SshSessionPointer session(ssh_new());
    if (auto connected = connect(session.get(), wanted.fd); !connected) return connected.error();
    Event event(ssh_event_new());
    ssh_event_add_session(event.get(), session.get());
    if (wanted.forward_agent) agent.emplace(session.get(), event.get());
    Channel channel(ssh_channel_new(session.get()));
    // Before the command starts: a short one has said all it has to say when its start is confirmed.
    std::optional<Outlet> output(std::in_place, channel.get(), STDOUT_FILENO, STDERR_FILENO);
    if (auto started = start(session.get(), channel.get(), wanted); !started) {
        if (agent) agent->close();
        return started.error();
    }
    int code = broken_pipe_code;
    {
        RawTerminal raw(wanted.terminal);
        join_streams(session.get(), channel.get(), *output, event.get(), agent ? &*agent : nullptr,
                     wanted.terminal);
        // Nobody reads what the command says: it is not waited for.
        if (!output->broken()) code = ssh_channel_get_exit_status(channel.get());
    }
    if (agent) agent->close();
    output.reset();
    channel.reset();
    ssh_event_remove_session(event.get(), session.get());
    ssh_disconnect(session.get());
    return code < 0 ? 255 : code;
}

}  // namespace berth::cli

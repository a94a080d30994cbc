#include "agent/ssh/connection.h"

#include <poll.h>
#include <unistd.h>

#include "agent/ssh/command.h"
#include "agent/ssh/forward.h"

#include <boost/asio/post.hpp>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

// The message interface of the library is marked deprecated in favour of callbacks that cannot answer later,
// which forwarding needs.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace berth::agent::ssh {
namespace {

constexpr std::size_t max_channels = 1024;
/// Packets handled before other tasks of the loop get their turn.
constexpr int service_budget = 64;
constexpr auto handshake_timeout = std::chrono::seconds(30);

bool readable(int fd) {
    pollfd state{fd, POLLIN, 0};
    return ::poll(&state, 1, 0) > 0;
}

}  // namespace

Connection::Connection(asio::any_io_executor executor, Context& context, net::TaskGroup& reaper,
                       ssh_session session, int fd)
    : executor_(executor),
      context_(context),
      reaper_(reaper),
      session_(session),
      // A descriptor of our own, because the library closes its one by itself.
      descriptor_(executor, ::dup(fd)),
      output_(executor),
      progress_(executor),
      forwards_(std::make_unique<RemoteForwards>(*this)) {}

Connection::~Connection() {
    *alive_ = false;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    if (ssh_is_connected(session_) != 0) ssh_disconnect(session_);
    ssh_free(session_);
}

asio::awaitable<void> Connection::run(net::TaskGroup& group) {
    group_ = &group;
    group.spawn("ssh output", write_pump());
    group.spawn("ssh handshake", guard_handshake());
    service();
    while (!broken_) {
        boost::system::error_code error;
        co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                        asio::redirect_error(asio::use_awaitable, error));
        if (error) break;
        service();
    }
    fail("the connection ended");
}

asio::awaitable<void> Connection::write_pump() {
    while (!broken_) {
        if (!output_pending()) {
            // What was pending may have gone out with a read, whose caller tells nobody: a channel that waits
            // for it would wait for ever.
            progress_.notify();
            co_await output_.wait();
            continue;
        }
        boost::system::error_code error;
        co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                                        asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        service();
    }
}

asio::awaitable<void> Connection::guard_handshake() {
    co_await context_.clock.sleep(handshake_timeout);
    if (!authenticated_) fail("the client did not finish the handshake in time");
}

asio::awaitable<void> Connection::pause() {
    asio::steady_timer timer(executor_, std::chrono::milliseconds(5));
    co_await timer.async_wait(asio::use_awaitable);
    service_soon();
}

bool Connection::output_pending() const { return (ssh_get_status(session_) & SSH_WRITE_PENDING) != 0; }

void Connection::output_written() noexcept {
    if (!broken_ && output_pending()) output_.notify();
}

void Connection::service_soon() {
    if (service_posted_ || broken_) return;
    service_posted_ = true;
    asio::post(executor_, [this, alive = alive_] {
        if (!*alive) return;
        service_posted_ = false;
        service();
    });
}

void Connection::service() {
    if (servicing_ || broken_) return;
    servicing_ = true;
    int budget = service_budget;
    for (; budget > 0 && !broken_; --budget) {
        if (!keys_exchanged_) {
            int state = ssh_handle_key_exchange(session_);
            if (state == SSH_ERROR) fail(ssh_get_error(session_));
            if (state != SSH_OK) break;
            keys_exchanged_ = true;
        }
        ssh_message message = ssh_message_get(session_);
        if (message != nullptr) {
            handle(*group_, message);
            continue;
        }
        if ((ssh_get_status(session_) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0 ||
            ssh_is_connected(session_) == 0)
            fail("the client left");
        else if (!readable(descriptor_.native_handle()))
            break;
    }
    servicing_ = false;
    progress_.notify();
    if (broken_) return;
    if (budget == 0) service_soon();
    if (output_pending()) output_.notify();
}

void Connection::fail(std::string_view why) {
    if (broken_) return;
    broken_ = true;
    context_.log.debug("ssh connection ended", field("reason", why));
    for (const auto& channel : channels_)
        if (auto shared = channel.lock()) shared->mark_closed();
    output_.notify();
    progress_.notify();
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
}

ChannelPtr Connection::adopt(ssh_channel channel) {
    auto owned = std::make_shared<Channel>(*this, channel);
    channels_.push_back(owned);
    return owned;
}

bool Connection::has_room() {
    std::erase_if(channels_, [](const auto& channel) { return channel.expired(); });
    std::erase_if(sessions_, [](const auto& entry) { return entry.second.expired(); });
    return channels_.size() < max_channels;
}

void Connection::handle(net::TaskGroup& group, ssh_message message) {
    bool answered = false;
    switch (ssh_message_type(message)) {
        case SSH_REQUEST_SERVICE:
            answered = ssh_message_service_reply_success(message) == SSH_OK;
            break;
        case SSH_REQUEST_AUTH:
            answered = handle_auth(message);
            break;
        case SSH_REQUEST_CHANNEL_OPEN:
            // Answered when the far end is reached; the task frees the message.
            if (authenticated_ && ssh_message_subtype(message) == SSH_CHANNEL_DIRECT_TCPIP && has_room()) {
                group.spawn("ssh forward", serve_direct(*this, MessagePtr(message, &ssh_message_free)));
                return;
            }
            answered = authenticated_ && handle_open(group, message);
            break;
        case SSH_REQUEST_CHANNEL:
            answered = authenticated_ && handle_request(message);
            break;
        case SSH_REQUEST_GLOBAL:
            answered = authenticated_ && handle_global(group, message);
            break;
        default:
            break;
    }
    if (!answered) ssh_message_reply_default(message);
    ssh_message_free(message);
}

bool Connection::handle_auth(ssh_message message) {
    // The tunnel has authenticated the client; whatever it offers is fine, but a broken signature is not.
    if (ssh_message_subtype(message) == SSH_AUTH_METHOD_PUBLICKEY) {
        auto state = ssh_message_auth_publickey_state(message);
        if (state == SSH_PUBLICKEY_STATE_NONE) return ssh_message_auth_reply_pk_ok_simple(message) == SSH_OK;
        if (state != SSH_PUBLICKEY_STATE_VALID) return false;
    }
    authenticated_ = true;
    return ssh_message_auth_reply_success(message, 0) == SSH_OK;
}

bool Connection::handle_open(net::TaskGroup& group, ssh_message message) {
    if (ssh_message_subtype(message) != SSH_CHANNEL_SESSION || !has_room()) return false;
    ssh_channel channel = ssh_message_channel_request_open_reply_accept(message);
    if (channel == nullptr) return false;
    auto session = std::make_shared<SessionChannel>(adopt(channel));
    sessions_[channel] = session;
    group.spawn("ssh session", run_session(*this, session));
    return true;
}

bool Connection::handle_request(ssh_message message) {
    auto found = sessions_.find(ssh_message_channel_request_channel(message));
    auto session = found == sessions_.end() ? nullptr : found->second.lock();
    if (!session || session->channel->closed()) return false;
    bool accepted = false;
    switch (ssh_message_subtype(message)) {
        case SSH_CHANNEL_REQUEST_PTY:
            accepted = session->open_terminal(ssh_message_channel_request_pty_term(message),
                                              {ssh_message_channel_request_pty_width(message),
                                               ssh_message_channel_request_pty_height(message),
                                               ssh_message_channel_request_pty_pxwidth(message),
                                               ssh_message_channel_request_pty_pxheight(message)});
            break;
        case SSH_CHANNEL_REQUEST_WINDOW_CHANGE:
            session->resize_terminal({ssh_message_channel_request_pty_width(message),
                                      ssh_message_channel_request_pty_height(message),
                                      ssh_message_channel_request_pty_pxwidth(message),
                                      ssh_message_channel_request_pty_pxheight(message)});
            // The protocol wants no reply to this one.
            return true;
        case SSH_CHANNEL_REQUEST_ENV:
            accepted = session->set_variable(ssh_message_channel_request_env_name(message),
                                             ssh_message_channel_request_env_value(message));
            break;
        case SSH_CHANNEL_REQUEST_SHELL:
            accepted = session->request(SessionChannel::Kind::shell, "");
            break;
        case SSH_CHANNEL_REQUEST_EXEC:
            accepted =
                session->request(SessionChannel::Kind::exec, ssh_message_channel_request_command(message));
            break;
        case SSH_CHANNEL_REQUEST_SUBSYSTEM: {
            const char* name = ssh_message_channel_request_subsystem(message);
            accepted = name != nullptr && std::string_view(name) == "sftp" &&
                       session->request(SessionChannel::Kind::sftp, "");
            break;
        }
        default:
            break;
    }
    return accepted && ssh_message_channel_request_reply_success(message) == SSH_OK;
}

bool Connection::handle_global(net::TaskGroup& group, ssh_message message) {
    const char* address = ssh_message_global_request_address(message);
    int port = ssh_message_global_request_port(message);
    switch (ssh_message_subtype(message)) {
        case SSH_GLOBAL_REQUEST_TCPIP_FORWARD: {
            auto bound = forwards_->listen(group, address == nullptr ? "" : address, port);
            if (!bound) {
                context_.log.info("cannot listen for a client", field("error", bound.error()));
                return false;
            }
            return ssh_message_global_request_reply_success(message, *bound) == SSH_OK;
        }
        case SSH_GLOBAL_REQUEST_CANCEL_TCPIP_FORWARD:
            if (!forwards_->cancel(address == nullptr ? "" : address, port)) return false;
            return ssh_message_global_request_reply_success(message, 0) == SSH_OK;
        case SSH_GLOBAL_REQUEST_KEEPALIVE:
            return ssh_message_global_request_reply_success(message, 0) == SSH_OK;
        default:
            return false;
    }
}

}  // namespace berth::agent::ssh

#pragma once

#include <map>
#include <memory>
#include <string>

#include "net/signal.h"
#include "agent/ssh/channel.h"
#include "agent/ssh/server.h"
#include "net/task_group.h"

#include <boost/asio/posix/stream_descriptor.hpp>

struct ssh_session_struct;
struct ssh_message_struct;

namespace berth::agent::ssh {

class RemoteForwards;
struct SessionChannel;

/// One SSH connection: drives the library from the readiness of its socket, and turns its messages into
/// tasks.
class Connection {
public:
    /// Owns `session`, whose socket is `fd`.
    Connection(asio::any_io_executor executor, Context& context, net::TaskGroup& reaper,
               ssh_session_struct* session, int fd);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Returns when the connection has ended; its tasks are children of `group`, which the caller joins
    /// before it destroys the connection.
    asio::awaitable<void> run(net::TaskGroup& group);

    /// After anything was given to the library: makes sure that it gets to the socket.
    void output_written() noexcept;
    /// The socket has not taken all that was written.
    [[nodiscard]] bool output_pending() const;
    /// Notified whenever packets went in or out.
    [[nodiscard]] net::Signal& progress() { return progress_; }
    asio::awaitable<void> pause();
    /// Handles what has arrived; after calls that may have read packets.
    void service_soon();

    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
    [[nodiscard]] Context& context() { return context_; }
    [[nodiscard]] net::TaskGroup& reaper() { return reaper_; }
    /// Of the tasks that end with the connection; while it runs.
    [[nodiscard]] net::TaskGroup& tasks() { return *group_; }
    [[nodiscard]] ssh_session_struct* session() const { return session_; }
    [[nodiscard]] ChannelPtr adopt(struct ssh_channel_struct* channel);
    /// Room for one more channel?
    [[nodiscard]] bool has_room();

private:
    void service();
    void handle(net::TaskGroup& group, ssh_message_struct* message);
    bool handle_auth(ssh_message_struct* message);
    bool handle_open(net::TaskGroup& group, ssh_message_struct* message);
    bool handle_request(ssh_message_struct* message);
    bool handle_global(net::TaskGroup& group, ssh_message_struct* message);
    void fail(std::string_view why);
    asio::awaitable<void> write_pump();
    asio::awaitable<void> guard_handshake();

    asio::any_io_executor executor_;
    Context& context_;
    net::TaskGroup& reaper_;
    net::TaskGroup* group_ = nullptr;
    ssh_session_struct* session_;
    asio::posix::stream_descriptor descriptor_;
    net::Signal output_;
    net::Signal progress_;
    std::list<std::weak_ptr<Channel>> channels_;
    std::map<ssh_channel_struct*, std::weak_ptr<SessionChannel>> sessions_;
    std::unique_ptr<RemoteForwards> forwards_;
    bool keys_exchanged_ = false;
    bool authenticated_ = false;
    bool broken_ = false;
    bool servicing_ = false;
    bool service_posted_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace berth::agent::ssh

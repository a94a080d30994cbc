#include "agent/ssh/forward.h"

#include "agent/relay.h"
#include "agent/ssh/connection.h"

#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <libssh/libssh.h>
#include <libssh/server.h>

// See connection.cpp.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace berth::agent::ssh {
namespace {

using asio::ip::tcp;

constexpr std::size_t max_listeners = 128;

/// Adds the bytes of a forward to the statistics when it ends, however it ends.
struct Counted {
    explicit Counted(Counters& counters) : counters(counters) {}
    ~Counted() {
        counters.received_bytes += static_cast<std::int64_t>(bytes.forward);
        counters.sent_bytes += static_cast<std::int64_t>(bytes.backward);
    }
    Counters& counters;
    Relayed bytes;
};

asio::ip::address listen_address(const std::string& requested, boost::system::error_code& error) {
    if (requested.empty() || requested == "*") return asio::ip::address_v4::any();
    if (requested == "localhost") return asio::ip::address_v4::loopback();
    return asio::ip::make_address(requested, error);
}

}  // namespace

asio::awaitable<void> serve_direct(Connection& connection, MessagePtr request) {
    const char* host = ssh_message_channel_request_open_destination(request.get());
    int port = ssh_message_channel_request_open_destination_port(request.get());
    net::StreamPtr target;
    if (host != nullptr && port > 0 && port < 65536) {
        auto connected = co_await connect_tcp(host, static_cast<std::uint16_t>(port));
        if (connected)
            target = std::move(*connected);
        else
            connection.context().log.debug("forward refused", field("error", connected.error()));
    }
    if (connection.broken()) co_return;
    ssh_channel channel = target ? ssh_message_channel_request_open_reply_accept(request.get()) : nullptr;
    if (channel == nullptr) {
        ssh_message_reply_default(request.get());
        connection.output_written();
        co_return;
    }
    request.reset();
    ChannelPtr client = connection.adopt(channel);
    connection.output_written();
    Counted counted(connection.context().counters);
    co_await relay(*client, *target, counted.bytes, connection.context().log);
}

struct RemoteForwards::Listener {
    Listener(asio::any_io_executor executor, std::string requested)
        : acceptor(executor), address(std::move(requested)) {}
    tcp::acceptor acceptor;
    std::string address;
    std::uint16_t port = 0;
};

RemoteForwards::~RemoteForwards() = default;

Result<std::uint16_t> RemoteForwards::listen(net::TaskGroup& group, const std::string& address, int port) {
    if (port < 0 || port > 65535) return invalid_argument("the port is out of range");
    if (listeners_.size() >= max_listeners)
        return Error(ErrorCode::resource_exhausted, "too many forwarded ports");
    boost::system::error_code error;
    auto bind_to = listen_address(address, error);
    if (error) return invalid_argument("not an address to listen on: " + address);
    auto listener = std::make_shared<Listener>(connection_.executor(), address);
    auto& acceptor = listener->acceptor;
    acceptor.open(bind_to.is_v4() ? tcp::v4() : tcp::v6(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(tcp::endpoint(bind_to, static_cast<std::uint16_t>(port)), error);
    if (!error) acceptor.listen(128, error);
    if (error) return unavailable("cannot listen on port " + std::to_string(port), error.message());
    listener->port = acceptor.local_endpoint().port();
    listeners_.push_back(listener);
    group.spawn("remote forward", accept_all(connection_, group, listener));
    return listener->port;
}

bool RemoteForwards::cancel(const std::string& address, int port) {
    for (auto it = listeners_.begin(); it != listeners_.end(); ++it) {
        if ((*it)->address != address || (*it)->port != port) continue;
        boost::system::error_code ignored;
        (*it)->acceptor.close(ignored);
        listeners_.erase(it);
        return true;
    }
    return false;
}

asio::awaitable<void> RemoteForwards::accept_all(Connection& connection, net::TaskGroup& group,
                                                 std::shared_ptr<Listener> listener) {
    while (listener->acceptor.is_open()) {
        boost::system::error_code error;
        auto socket =
            co_await listener->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            if (!listener->acceptor.is_open()) co_return;
            // Out of descriptors, most likely: others may end meanwhile.
            asio::steady_timer pause(group.executor(), std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        boost::system::error_code ignored;
        auto peer = socket.remote_endpoint(ignored);
        if (!connection.has_room()) continue;
        socket.set_option(tcp::no_delay(true), ignored);
        auto stream = net::stream_from_fd(group.executor(), socket.release(ignored));
        group.spawn("forwarded connection",
                    serve(connection, listener, std::move(stream), peer.address().to_string(), peer.port()));
    }
}

asio::awaitable<void> RemoteForwards::serve(Connection& connection, std::shared_ptr<Listener> listener,
                                            net::StreamPtr stream, std::string peer,
                                            std::uint16_t peer_port) {
    if (connection.broken()) co_return;
    ssh_channel channel = ssh_channel_new(connection.session());
    if (channel == nullptr) co_return;
    ChannelPtr client = connection.adopt(channel);
    while (!connection.broken()) {
        int state = ssh_channel_open_reverse_forward(channel, listener->address.c_str(), listener->port,
                                                     peer.c_str(), peer_port);
        connection.output_written();
        if (state == SSH_OK) break;
        if (state != SSH_AGAIN) co_return;
        co_await connection.pause();
    }
    if (connection.broken()) co_return;
    Counted counted(connection.context().counters);
    co_await relay(*client, *stream, counted.bytes, connection.context().log);
}

struct AgentForward::Listener {
    explicit Listener(asio::any_io_executor executor) : acceptor(std::move(executor)) {}
    asio::local::stream_protocol::acceptor acceptor;
};

Result<std::unique_ptr<AgentForward>> AgentForward::open(Connection& connection) {
    std::error_code no_directory;
    auto pattern = (std::filesystem::temp_directory_path(no_directory) / "berth-agent-XXXXXX").string();
    if (no_directory || ::mkdtemp(pattern.data()) == nullptr)
        return internal_error("cannot make a directory");
    std::string path = pattern + "/agent.sock";
    auto listener = std::make_shared<Listener>(connection.executor());
    boost::system::error_code error;
    listener->acceptor.open({}, error);
    if (!error) listener->acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
    if (!error) listener->acceptor.listen(16, error);
    if (error) {
        ::rmdir(pattern.c_str());
        return internal_error("cannot listen on " + path, error.message());
    }
    connection.tasks().spawn("agent forward", accept_all(connection, listener));
    return std::unique_ptr<AgentForward>(new AgentForward(std::move(listener), std::move(path)));
}

AgentForward::~AgentForward() {
    boost::system::error_code ignored;
    listener_->acceptor.close(ignored);
    ::unlink(path_.c_str());
    ::rmdir(std::filesystem::path(path_).parent_path().c_str());
}

asio::awaitable<void> AgentForward::accept_all(Connection& connection, std::shared_ptr<Listener> listener) {
    while (listener->acceptor.is_open()) {
        boost::system::error_code error;
        auto socket =
            co_await listener->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        if (!connection.has_room()) continue;
        auto stream = net::stream_from_fd(connection.executor(), socket.release(error));
        connection.tasks().spawn("agent connection", serve(connection, std::move(stream)));
    }
}

asio::awaitable<void> AgentForward::serve(Connection& connection, net::StreamPtr stream) {
    if (connection.broken()) co_return;
    ssh_channel channel = ssh_channel_new(connection.session());
    if (channel == nullptr) co_return;
    ChannelPtr client = connection.adopt(channel);
    while (!connection.broken()) {
        int state = ssh_channel_open_auth_agent(channel);
        connection.output_written();
        if (state == SSH_OK) break;
        if (state != SSH_AGAIN) co_return;
        co_await connection.pause();
    }
    if (connection.broken()) co_return;
    Relayed bytes;
    co_await relay(*client, *stream, bytes, connection.context().log);
}

}  // namespace berth::agent::ssh

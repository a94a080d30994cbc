// interop_peer serve tcp|websocket            prints its port, serves until its standard input ends
// interop_peer call tcp|websocket PORT NAME   runs one scenario against a server
#include "peer.h"

#include <cstdio>
#include <iostream>
#include <optional>

#include <boost/asio/ip/tcp.hpp>

#include "net/http/client.h"
#include "net/http/server.h"
#include "net/runtime.h"
#include "net/stream.h"
#include "net/task_group.h"

namespace berth::interop {
namespace {

using asio::ip::tcp;

struct Peer {
    Peer() { add_service(server, &counters); }
    Counters counters;
    drpc::Server server{base::Logger("peer")};
};

asio::awaitable<void> serve_session(net::TaskGroup& group, drpc::Server* server, yamux::SessionPtr session) {
    group.spawn("yamux", session->run());
    co_await server->serve_session(*session);
    co_await session->closed();
}

asio::awaitable<void> serve_stream(drpc::Server* server, net::StreamPtr stream) {
    auto executor = co_await asio::this_coro::executor;
    auto session = yamux::Session::create(executor, std::move(stream), yamux::Role::server);
    co_await net::TaskGroup::scope(base::Logger("peer"), serve_session, server, session);
}

asio::awaitable<void> accept_tcp(net::TaskGroup& group, drpc::Server* server, tcp::acceptor* acceptor) {
    auto executor = co_await asio::this_coro::executor;
    while (true) {
        tcp::socket socket = co_await acceptor->async_accept(asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        group.spawn("connection", serve_stream(server, net::stream_from_fd(executor, socket.release())));
    }
}

asio::awaitable<void> serve_tcp(Peer* peer) {
    auto executor = co_await asio::this_coro::executor;
    tcp::acceptor acceptor(executor, {asio::ip::address_v4::loopback(), 0});
    std::printf("%d\n", int(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    co_await net::TaskGroup::scope(base::Logger("peer"), accept_tcp, &peer->server, &acceptor);
}

class Upgrader final : public http::Handler {
public:
    explicit Upgrader(Peer& peer) : peer_(peer) {}
    std::size_t body_limit(const http::Request&) const override { return 0; }
    asio::awaitable<http::Response> handle(http::Request&) override {
        drpc::Server* server = &peer_.server;
        co_return http::Response::websocket([server](http::WebSocketPtr socket) {
            return serve_stream(server, http::stream_from_websocket(std::move(socket)));
        });
    }

private:
    Peer& peer_;
};

asio::awaitable<void> read_until_end(net::Stream* input) {
    std::vector<std::byte> buffer(100);
    while (true) {
        auto got = co_await input->read_some(buffer);
        if (!got || *got == 0) co_return;
    }
}

asio::awaitable<void> serve_until_end(net::TaskGroup& group, Peer* peer, net::Stream* input) {
    group.spawn("tcp", serve_tcp(peer));
    co_await read_until_end(input);
}

int serve(const std::string& transport) {
    net::Runtime runtime(1);
    Peer peer;
    net::StreamPtr input = net::stream_from_fd(runtime.executor(), 0);
    if (transport == "tcp") {
        runtime.run(net::TaskGroup::scope(base::Logger("peer"), serve_until_end, &peer, input.get()));
        return 0;
    }
    Upgrader upgrader(peer);
    auto server = http::Server::create(runtime, upgrader, http::Limits(), base::Logger("peer"));
    auto port = server->listen("127.0.0.1:0");
    if (!port) return 1;
    std::printf("%d\n", int(*port));
    std::fflush(stdout);
    runtime.run(read_until_end(input.get()));
    runtime.run(server->drain(std::chrono::seconds(5)));
    return 0;
}

asio::awaitable<Result<net::StreamPtr>> connect(std::string transport, std::uint16_t port,
                                                std::unique_ptr<http::Client>* client) {
    auto executor = co_await asio::this_coro::executor;
    if (transport == "tcp") {
        tcp::socket socket(executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        co_return net::stream_from_fd(executor, socket.release());
    }
    http::Url url;
    url.scheme = "http";
    url.host = "127.0.0.1";
    url.port = port;
    *client = http::Client::create(executor, url);
    http::ClientRequest request;
    request.target = "/";
    auto socket = co_await (*client)->websocket(std::move(request));
    if (!socket) co_return socket.error();
    co_return http::stream_from_websocket(std::move(*socket));
}

/// Short enough for tests that wait for pings, long enough for a busy machine.
yamux::Config client_config() {
    yamux::Config config;
    config.keepalive_interval = std::chrono::milliseconds(20);
    config.keepalive_timeout = std::chrono::seconds(3);
    return config;
}

asio::awaitable<void> call_over(net::TaskGroup& group, net::StreamPtr* stream, std::string scenario,
                                bool* ok) {
    auto executor = co_await asio::this_coro::executor;
    auto session = yamux::Session::create(executor, std::move(*stream), yamux::Role::client, client_config());
    group.spawn("yamux", session->run());
    *ok = co_await run_scenario(session, scenario);
    session->close();
    co_await session->closed();
}

asio::awaitable<bool> call(std::string transport, std::uint16_t port, std::string scenario) {
    std::unique_ptr<http::Client> client;
    auto stream = co_await connect(transport, port, &client);
    if (!stream) {
        std::puts(stream.error().to_string().c_str());
        co_return false;
    }
    bool ok = false;
    co_await net::TaskGroup::scope(base::Logger("peer"), call_over, &*stream, scenario, &ok);
    co_return ok;
}

}  // namespace
}  // namespace berth::interop

int main(int argc, char** argv) {
    using namespace berth;
    std::string mode = argc > 2 ? argv[1] : "";
    if (mode == "serve" && argc == 3) return interop::serve(argv[2]);
    if (mode == "call" && argc == 5) {
        net::Runtime runtime(1);
        bool ok = runtime.run(interop::call(argv[2], std::uint16_t(std::atoi(argv[3])), argv[4]));
        return ok ? 0 : 1;
    }
    std::cerr << "usage: interop_peer serve tcp|websocket | call tcp|websocket PORT SCENARIO\n";
    return 2;
}

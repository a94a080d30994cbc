#include "agent/relay.h"

#include <vector>

#include "net/signal.h"
#include "net/task_group.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace berth::agent {
namespace {

constexpr auto connect_timeout = std::chrono::seconds(10);

asio::awaitable<bool> carry(net::Stream& from, net::Stream& to, std::uint64_t& count) {
    std::vector<std::byte> buffer(net::copy_buffer);
    while (true) {
        auto got = co_await from.read_some(buffer);
        if (!got) co_return false;
        if (*got == 0) break;
        auto written = co_await to.write(std::span(buffer).first(*got));
        if (!written) co_return false;
        count += *got;
    }
    auto shut = co_await to.shutdown_write();
    co_return shut.ok();
}

struct BothWays {
    explicit BothWays(asio::any_io_executor executor) : changed(std::move(executor)) {}
    bool backward_done = false;
    net::Signal changed;
};

asio::awaitable<void> carry_back(net::Stream* first, net::Stream* second, Relayed* counts, BothWays* state) {
    bool clean = co_await carry(*second, *first, counts->backward);
    if (!clean) {
        first->close();
        second->close();
    }
    state->backward_done = true;
    state->changed.notify();
}

asio::awaitable<void> both_ways(net::TaskGroup& group, net::Stream* first, net::Stream* second,
                                Relayed* counts, BothWays* state) {
    group.spawn("backward", carry_back(first, second, counts, state));
    bool clean = co_await carry(*first, *second, counts->forward);
    if (!clean) {
        first->close();
        second->close();
    }
    while (!state->backward_done)
        co_await state->changed.wait();
}

asio::awaitable<void> expire(asio::ip::tcp::socket* socket, asio::ip::tcp::resolver* resolver) {
    asio::steady_timer timer(co_await asio::this_coro::executor, connect_timeout);
    co_await timer.async_wait(asio::use_awaitable);
    boost::system::error_code ignored;
    socket->close(ignored);
    resolver->cancel();
}

asio::awaitable<void> connect_within(net::TaskGroup& group, asio::ip::tcp::socket* socket,
                                     asio::ip::tcp::resolver* resolver, std::string host, std::uint16_t port,
                                     boost::system::error_code* error) {
    using asio::ip::tcp;
    std::vector<tcp::endpoint> endpoints;
    boost::system::error_code not_an_address;
    auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        endpoints.emplace_back(address, port);
    } else if (host == "localhost") {
        // Without a resolver thread, and in containers without /etc/hosts.
        endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
        endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
    }
    group.spawn("deadline", expire(socket, resolver));
    if (endpoints.empty()) {
        auto found = co_await resolver->async_resolve(host, std::to_string(port),
                                                      asio::redirect_error(asio::use_awaitable, *error));
        if (*error) co_return;
        for (const auto& entry : found)
            endpoints.push_back(entry.endpoint());
    }
    co_await asio::async_connect(*socket, endpoints, asio::redirect_error(asio::use_awaitable, *error));
}

}  // namespace

asio::awaitable<void> relay(net::Stream& first, net::Stream& second, Relayed& counts, base::Logger log) {
    BothWays state(co_await asio::this_coro::executor);
    co_await net::TaskGroup::scope(std::move(log), both_ways, &first, &second, &counts, &state);
}

asio::awaitable<Result<net::StreamPtr>> connect_tcp(std::string host, std::uint16_t port) {
    auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::socket socket(executor);
    asio::ip::tcp::resolver resolver(executor);
    boost::system::error_code error;
    co_await net::TaskGroup::scope(base::Logger("agent.connect"), connect_within, &socket, &resolver, host,
                                   port, &error);
    if (error)
        co_return unavailable("cannot connect to " + host + " port " + std::to_string(port), error.message());
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    int fd = socket.release(ignored);
    co_return net::stream_from_fd(executor, fd);
}

}  // namespace berth::agent

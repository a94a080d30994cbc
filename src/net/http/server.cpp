#include "net/http/server.h"

#include <algorithm>
#include <list>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "net/http/connection.h"
#include "net/task_group.h"

namespace berth::http {

Response Handler::reject(unsigned status, std::string_view message) const {
    return Response::json(status, boost::json::serialize(boost::json::object{{"message", message}}));
}

asio::awaitable<std::optional<Response>> Handler::refuse_large(const Request&) { co_return std::nullopt; }

namespace {

using tcp = asio::ip::tcp;

/// The connections of one loop. All calls but the constructor happen on that loop.
class Worker {
public:
    Worker(asio::any_io_executor executor, Shared& shared, std::atomic<std::size_t>& count)
        : executor_(executor),
          shared_(shared),
          count_(count),
          group_(executor, shared.log),
          changed_(executor) {}

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

    void start(int fd, std::shared_ptr<TlsContext> tls, std::string remote_address) {
        if (draining_) {
            ::close(fd);
            --count_;
            return;
        }
        TransportPtr transport;
        try {
            transport = accepted_transport(executor_, fd, std::move(tls));
        } catch (const std::exception& failure) {
            shared_.log.warn("connection dropped", field("error", failure.what()));
            ::close(fd);
            --count_;
            return;
        }
        if (!sweeping_) {
            sweeping_ = true;
            group_.spawn("sweep", sweep());
        }
        auto place = connections_.emplace(connections_.end(), shared_, std::move(transport),
                                          std::move(remote_address));
        group_.spawn("connection", serve(place));
    }

    void drain() {
        draining_ = true;
        for (auto& connection : connections_)
            connection.drain();
    }

    asio::awaitable<void> wait_until_gone(base::SteadyTime deadline) {
        while (!connections_.empty() && std::chrono::steady_clock::now() < deadline) {
            changed_.expires_at(deadline);
            boost::system::error_code ignored;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        for (auto& connection : connections_)
            connection.drop();
        group_.cancel();
        co_await group_.join();
    }

private:
    using Place = std::list<Connection>::iterator;

    asio::awaitable<void> serve(Place place) {
        struct Leave {
            Worker* worker;
            Place place;
            ~Leave() {
                worker->connections_.erase(place);
                --worker->count_;
                worker->changed_.cancel();
            }
        } leave{this, place};
        co_await place->run();
    }

    /// One pass over all connections instead of a timer for each wait of each.
    asio::awaitable<void> sweep() {
        const Limits& limits = shared_.limits;
        auto shortest =
            std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
        auto pause = std::clamp<base::Duration>(shortest / 4, std::chrono::milliseconds(10),
                                                std::chrono::milliseconds(500));
        asio::steady_timer timer(executor_);
        while (true) {
            timer.expires_after(pause);
            co_await timer.async_wait(asio::use_awaitable);
            auto now = std::chrono::steady_clock::now();
            for (auto& connection : connections_)
                connection.enforce_deadlines(now);
        }
    }

    asio::any_io_executor executor_;
    Shared& shared_;
    std::atomic<std::size_t>& count_;
    net::TaskGroup group_;
    asio::steady_timer changed_;
    std::list<Connection> connections_;
    bool sweeping_ = false;
    bool draining_ = false;
};

struct Listener {
    Listener(asio::any_io_executor executor, std::shared_ptr<TlsContext> with_tls)
        : acceptor(std::move(executor)), tls(std::move(with_tls)) {}
    tcp::acceptor acceptor;
    std::shared_ptr<TlsContext> tls;
};

Result<tcp::endpoint> parse_address(std::string_view text) {
    std::size_t colon = text.rfind(':');
    auto port = colon == std::string_view::npos ? std::nullopt
                                                : base::parse_int<std::uint16_t>(text.substr(colon + 1));
    if (!port) return invalid_argument("an address to listen on is host:port", std::string(text));
    std::string host(text.substr(0, colon));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return tcp::endpoint(tcp::v6(), *port);
    if (host == "localhost") host = "127.0.0.1";
    boost::system::error_code error;
    auto address = asio::ip::make_address(host, error);
    if (error) return invalid_argument("an address to listen on needs a numeric host", std::string(text));
    return tcp::endpoint(address, *port);
}

std::string text_of(const struct sockaddr_storage& storage, socklen_t length) {
    tcp::endpoint endpoint;
    if (length > endpoint.capacity()) return "";
    std::memcpy(endpoint.data(), &storage, length);
    endpoint.resize(length);
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address.to_string();
}

class ServerImpl final : public Server {
public:
    ServerImpl(net::Runtime& runtime, Handler& handler, Limits limits, base::Logger log)
        : shared_{runtime, handler, limits, std::move(log)}, accepting_(runtime.executor(0), shared_.log) {
        for (std::size_t i = 0; i < runtime.size(); ++i)
            workers_.push_back(std::make_unique<Worker>(runtime.executor(i), shared_, count_));
    }

    Result<std::uint16_t> listen(const std::string& address, const std::optional<TlsOptions>& tls) override {
        auto endpoint = parse_address(address);
        if (!endpoint) return endpoint.error();
        std::shared_ptr<TlsContext> context;
        if (tls) {
            auto made = make_server_tls(*tls);
            if (!made) return made.error();
            context = std::move(*made);
        }
        auto listener = std::make_shared<Listener>(accepting_.executor(), std::move(context));
        auto& acceptor = listener->acceptor;
        boost::system::error_code error;
        acceptor.open(endpoint->protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
        // ":3000" means every address of both families.
        if (!error && endpoint->address() == asio::ip::address_v6::any())
            acceptor.set_option(asio::ip::v6_only(false), error);
        if (!error) acceptor.bind(*endpoint, error);
        if (!error) acceptor.listen(1024, error);
        if (!error) acceptor.non_blocking(true, error);
        if (error) return unavailable("cannot listen on " + address, error.message());
        std::uint16_t port = acceptor.local_endpoint(error).port();
        asio::post(accepting_.executor(), [this, listener] {
            listeners_.push_back(listener);
            accepting_.spawn("accept", accept(listener));
        });
        return port;
    }

    asio::awaitable<void> drain(base::Duration grace) override {
        // Runs to its end whatever becomes of the caller: the connections must not outlive the server.
        auto executor = accepting_.executor();
        co_await asio::co_spawn(executor, drain_all(std::chrono::steady_clock::now() + grace),
                                asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    }

    std::size_t connections() const override { return count_; }

private:
    asio::awaitable<void> drain_all(base::SteadyTime deadline) {
        for (auto& listener : listeners_)
            listener->acceptor.close();
        accepting_.cancel();
        co_await accepting_.join();
        listeners_.clear();
        for (auto& worker : workers_)
            asio::post(worker->executor(), [&worker] { worker->drain(); });
        for (auto& worker : workers_) {
            auto executor = worker->executor();
            co_await asio::co_spawn(executor, worker->wait_until_gone(deadline), asio::use_awaitable);
        }
    }

    asio::awaitable<void> accept(std::shared_ptr<Listener> listener) {
        auto& acceptor = listener->acceptor;
        while (acceptor.is_open()) {
            boost::system::error_code error;
            co_await acceptor.async_wait(tcp::acceptor::wait_read,
                                         asio::redirect_error(asio::use_awaitable, error));
            if (error || !acceptor.is_open()) co_return;
            if (take_all(*listener)) continue;
            // Out of descriptors or memory: the next attempt fails as well until something ends.
            asio::steady_timer pause(accepting_.executor(), std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::use_awaitable);
        }
    }

    bool take_all(Listener& listener) {
        while (true) {
            struct sockaddr_storage peer {};
            socklen_t length = sizeof peer;
            int fd = ::accept4(listener.acceptor.native_handle(), reinterpret_cast<struct sockaddr*>(&peer),
                               &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
                if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
                shared_.log.error("cannot accept connections", field("error", std::strerror(errno)));
                return false;
            }
            if (++count_ > shared_.limits.connections) {
                --count_;
                ::close(fd);
                continue;
            }
            auto& worker = workers_[next_++ % workers_.size()];
            asio::post(worker->executor(), [&worker, fd, tls = listener.tls, from = text_of(peer, length)] {
                worker->start(fd, tls, from);
            });
        }
    }

    Shared shared_;
    std::atomic<std::size_t> count_ = 0;
    std::size_t next_ = 0;
    net::TaskGroup accepting_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

std::unique_ptr<Server> Server::create(net::Runtime& runtime, Handler& handler, Limits limits,
                                       base::Logger log) {
    return std::make_unique<ServerImpl>(runtime, handler, limits, std::move(log));
}

}  // namespace berth::http

#include "net/http/transport.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/http/tls_context.h"

namespace berth::http {
namespace {

using tcp = asio::ip::tcp;

/// Large writes go out in slices, so that a slow peer's progress can be seen.
constexpr std::size_t write_slice = 64 << 10;

Error transport_error(const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted) return cancelled("the connection was closed");
    return unavailable("the connection broke", error.message());
}

bool is_end(const boost::system::error_code& error) {
    // Many peers close TLS without saying so; what needs to know its length carries it.
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

void tune(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    // A peer that vanished is noticed in a minute instead of a quarter of an hour.
    int milliseconds = 60'000;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

void close_socket(tcp::socket& socket) noexcept {
    boost::system::error_code ignored;
    socket.close(ignored);
}

bool socket_is_stale(tcp::socket& socket) {
    char byte = 0;
    ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// Reading and writing, the same for plain and TLS streams.
template <class Inner>
class BasicTransport : public Transport {
public:
    template <class... Args>
    explicit BasicTransport(Args&&... args) : stream_(std::forward<Args>(args)...) {}

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        boost::system::error_code error;
        std::size_t got = co_await stream_.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                           asio::redirect_error(asio::use_awaitable, error));
        if (is_end(error)) co_return std::size_t(0);
        if (error) co_return transport_error(error);
        co_return got;
    }

    asio::awaitable<Result<void>> write(std::span<const std::byte> data) override {
        while (!data.empty()) {
            auto slice = data.first(std::min(data.size(), write_slice));
            write_deadline = std::chrono::steady_clock::now() + write_timeout;
            boost::system::error_code error;
            std::size_t sent = co_await stream_.async_write_some(
                asio::buffer(slice.data(), slice.size()), asio::redirect_error(asio::use_awaitable, error));
            write_deadline = base::SteadyTime::max();
            if (error) co_return transport_error(error);
            data = data.subspan(sent);
        }
        co_return Result<void>();
    }

    void close() noexcept override { close_socket(socket()); }
    void cancel() noexcept override {
        boost::system::error_code ignored;
        socket().cancel(ignored);
    }
    bool is_stale() override { return socket_is_stale(socket()); }

protected:
    virtual tcp::socket& socket() = 0;
    Inner stream_;
};

class PlainTransport final : public BasicTransport<tcp::socket> {
public:
    using BasicTransport::BasicTransport;
    asio::awaitable<Result<void>> handshake() override { co_return Result<void>(); }
    asio::awaitable<Result<void>> shutdown_write() override {
        boost::system::error_code error;
        stream_.shutdown(tcp::socket::shutdown_send, error);
        co_return Result<void>();
    }
    bool is_tls() const override { return false; }

private:
    tcp::socket& socket() override { return stream_; }
};

using TlsStream = asio::ssl::stream<tcp::socket>;

class TlsTransport final : public BasicTransport<TlsStream> {
public:
    TlsTransport(tcp::socket socket, std::shared_ptr<TlsContext> tls,
                 asio::ssl::stream_base::handshake_type side)
        : BasicTransport(std::move(socket), tls->main()), tls_(std::move(tls)), side_(side) {}

    TlsStream& tls_stream() { return stream_; }

    asio::awaitable<Result<void>> handshake() override {
        boost::system::error_code error;
        co_await stream_.async_handshake(side_, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return unavailable("the TLS handshake failed", error.message());
        co_return Result<void>();
    }

    asio::awaitable<Result<void>> shutdown_write() override {
        // One close_notify. Asio's shutdown would also wait for the peer's, which a concurrent read may
        // swallow.
        write_deadline = std::chrono::steady_clock::now() + write_timeout;
        boost::system::error_code error;
        SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
        write_deadline = base::SteadyTime::max();
        co_return Result<void>();
    }
    bool is_tls() const override { return true; }

private:
    tcp::socket& socket() override { return stream_.next_layer(); }
    std::shared_ptr<TlsContext> tls_;
    asio::ssl::stream_base::handshake_type side_;
};

/// Shared with the timer's handler, which may run after the coroutine is gone.
struct Connecting {
    explicit Connecting(asio::any_io_executor executor)
        : resolver(executor), socket(executor), timer(executor) {}
    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer timer;
    bool late = false;
};

asio::awaitable<Result<tcp::socket>> connect_socket(asio::any_io_executor executor, std::string host,
                                                    std::uint16_t port, base::Duration timeout) {
    auto state = std::make_shared<Connecting>(executor);
    state->timer.expires_after(timeout);
    state->timer.async_wait([state](const boost::system::error_code& error) {
        if (error) return;
        state->late = true;
        state->resolver.cancel();
        close_socket(state->socket);
    });
    struct StopTimer {
        std::shared_ptr<Connecting> state;
        ~StopTimer() { state->timer.cancel(); }
    } stop{state};
    boost::system::error_code error;
    auto found = co_await state->resolver.async_resolve(host, std::to_string(port),
                                                        asio::redirect_error(asio::use_awaitable, error));
    if (error && !state->late)
        co_return unavailable("the host " + host + " cannot be found", error.message());
    for (const auto& entry : found) {
        if (state->late) break;
        state->socket = tcp::socket(executor);
        error = {};
        co_await state->socket.async_connect(entry.endpoint(),
                                             asio::redirect_error(asio::use_awaitable, error));
        if (!error) break;
    }
    if (state->late)
        co_return Error(ErrorCode::deadline_exceeded, "connecting to " + host + " took too long");
    if (error)
        co_return unavailable("no connection to " + host + ":" + std::to_string(port), error.message());
    tune(state->socket);
    co_return std::move(state->socket);
}

}  // namespace

TransportPtr accepted_transport(asio::any_io_executor executor, int fd, std::shared_ptr<TlsContext> tls) {
    struct sockaddr_storage address {};
    socklen_t length = sizeof address;
    ::getsockname(fd, reinterpret_cast<struct sockaddr*>(&address), &length);
    tcp::socket socket(executor, address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), fd);
    tune(socket);
    if (!tls) return std::make_shared<PlainTransport>(std::move(socket));
    return std::make_shared<TlsTransport>(std::move(socket), std::move(tls), asio::ssl::stream_base::server);
}

struct Watchdog::State {
    State(asio::any_io_executor executor, std::weak_ptr<Transport> watched)
        : timer(std::move(executor)), transport(std::move(watched)) {}
    asio::steady_timer timer;
    std::weak_ptr<Transport> transport;
    bool expired = false;
};

Watchdog::Watchdog(asio::any_io_executor executor, const TransportPtr& transport, base::Duration timeout)
    : state_(std::make_shared<State>(std::move(executor), transport)) {
    state_->timer.expires_after(timeout);
    state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
        if (error) return;
        state->expired = true;
        if (auto transport = state->transport.lock()) transport->close();
    });
}

Watchdog::~Watchdog() {
    state_->timer.cancel();
    // The handler may be queued already; then it must find nothing to close.
    state_->transport.reset();
}

bool Watchdog::expired() const { return state_->expired; }

asio::awaitable<Result<TransportPtr>> connect_transport(std::string host, std::uint16_t port,
                                                        std::shared_ptr<TlsContext> tls,
                                                        base::Duration timeout) {
    auto executor = co_await asio::this_coro::executor;
    auto socket = co_await connect_socket(executor, host, port, timeout);
    if (!socket) co_return socket.error();
    if (!tls) co_return TransportPtr(std::make_shared<PlainTransport>(std::move(*socket)));
    auto transport =
        std::make_shared<TlsTransport>(std::move(*socket), std::move(tls), asio::ssl::stream_base::client);
    SSL* ssl = transport->tls_stream().native_handle();
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(ssl, host.c_str());
    transport->tls_stream().set_verify_callback(asio::ssl::host_name_verification(host));
    Watchdog watchdog(executor, transport, timeout);
    auto shaken = co_await transport->handshake();
    if (watchdog.expired())
        co_return Error(ErrorCode::deadline_exceeded, "connecting to " + host + " took too long");
    if (!shaken) co_return shaken.error().wrap("connect to " + host);
    co_return TransportPtr(std::move(transport));
}

}  // namespace berth::http

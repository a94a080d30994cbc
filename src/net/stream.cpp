#include "net/stream.h"

#include <system_error>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace berth::net {
namespace {

Error stream_error(const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted) return cancelled("the stream was closed");
    return unavailable("the stream broke", error.message());
}

class FdStream final : public Stream {
public:
    FdStream(asio::any_io_executor executor, int fd) : descriptor_(std::move(executor), fd) {}

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        boost::system::error_code error;
        std::size_t got = co_await descriptor_.async_read_some(
            asio::buffer(buffer.data(), buffer.size()), asio::redirect_error(asio::use_awaitable, error));
        // EIO is how a pty says that its last user is gone.
        if (error == asio::error::eof || error == boost::system::errc::io_error) co_return std::size_t(0);
        if (error) co_return stream_error(error);
        co_return got;
    }

    asio::awaitable<Result<void>> write(std::span<const std::byte> data) override {
        boost::system::error_code error;
        co_await asio::async_write(descriptor_, asio::buffer(data.data(), data.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return stream_error(error);
        co_return Result<void>();
    }

    asio::awaitable<Result<void>> shutdown_write() override {
        // The end of a pipe has one direction only: closing is its shutdown. A terminal has none.
        int fd = descriptor_.native_handle();
        if (::shutdown(fd, SHUT_WR) != 0 && errno == ENOTSOCK && ::isatty(fd) == 0) close();
        co_return Result<void>();
    }

    void close() noexcept override {
        boost::system::error_code ignored;
        descriptor_.close(ignored);
    }

private:
    asio::posix::stream_descriptor descriptor_;
};

}  // namespace

asio::awaitable<Result<void>> read_exactly(Stream& stream, std::span<std::byte> buffer) {
    while (!buffer.empty()) {
        auto got = co_await stream.read_some(buffer);
        if (!got) co_return got.error();
        if (*got == 0) co_return unavailable("the stream ended too early");
        buffer = buffer.subspan(*got);
    }
    co_return Result<void>();
}

std::pair<StreamPtr, StreamPtr> connected_pair(asio::any_io_executor first, asio::any_io_executor second) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    return {stream_from_fd(std::move(first), ends[0]), stream_from_fd(std::move(second), ends[1])};
}

StreamPtr stream_from_fd(asio::any_io_executor executor, int fd) {
    return std::make_unique<FdStream>(std::move(executor), fd);
}

asio::awaitable<Result<std::uint64_t>> copy(Stream& from, Stream& to) {
    std::vector<std::byte> buffer(32 * 1024);
    std::uint64_t total = 0;
    while (true) {
        auto got = co_await from.read_some(buffer);
        if (!got) co_return got.error();
        if (*got == 0) break;
        auto written = co_await to.write(std::span(buffer).first(*got));
        if (!written) co_return written.error();
        total += *got;
    }
    auto shut = co_await to.shutdown_write();
    if (!shut) co_return shut.error();
    co_return total;
}

}  // namespace berth::net

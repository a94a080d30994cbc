#include "agent/ssh/channel.h"

#include <algorithm>

#include "agent/ssh/connection.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

namespace berth::agent::ssh {
namespace {

constexpr std::uint32_t max_piece = 32 * 1024;

Error channel_closed() { return unavailable("the SSH channel is closed"); }

}  // namespace

struct Channel::Callbacks {
    ssh_channel_callbacks_struct table{};

    static int data(ssh_session, ssh_channel, void*, std::uint32_t length, int is_stderr, void* user) {
        // Nobody reads extended data from a client. Ours stays with the library until read_some() asks for
        // it.
        if (is_stderr != 0) return static_cast<int>(length);
        auto& self = *static_cast<Channel*>(user);
        self.buffered_ = length;
        self.readable_.notify();
        return 0;
    }
    static void eof(ssh_session, ssh_channel, void* user) {
        auto& self = *static_cast<Channel*>(user);
        self.eof_ = true;
        self.readable_.notify();
    }
    static void close(ssh_session, ssh_channel, void* user) { static_cast<Channel*>(user)->mark_closed(); }
    static void signal(ssh_session, ssh_channel, const char* name, void* user) {
        auto& self = *static_cast<Channel*>(user);
        if (self.on_signal && name != nullptr) self.on_signal(name);
    }
    static void agent_offer(ssh_session, ssh_channel, void* user) {
        auto& self = *static_cast<Channel*>(user);
        if (self.on_agent_offer) self.on_agent_offer();
    }
};

Channel::Channel(Connection& connection, ssh_channel_struct* channel)
    : connection_(connection),
      channel_(channel),
      callbacks_(std::make_unique<Callbacks>()),
      readable_(connection.executor()),
      changed_(connection.executor()) {
    auto& table = callbacks_->table;
    table.userdata = this;
    table.channel_data_function = &Callbacks::data;
    table.channel_eof_function = &Callbacks::eof;
    table.channel_close_function = &Callbacks::close;
    table.channel_signal_function = &Callbacks::signal;
    table.channel_auth_agent_req_function = &Callbacks::agent_offer;
    ssh_callbacks_init(&table);
    ssh_set_channel_callbacks(channel_, &table);
}

Channel::~Channel() {
    close();
    ssh_remove_channel_callbacks(channel_, &callbacks_->table);
    ssh_channel_free(channel_);
    connection_.output_written();
}

asio::awaitable<Result<std::size_t>> Channel::read_some(std::span<std::byte> buffer) {
    while (true) {
        if (buffered_ > 0) {
            auto wanted =
                static_cast<std::uint32_t>(std::min({buffer.size(), buffered_, std::size_t(1) << 20}));
            int got = ssh_channel_read_nonblocking(channel_, buffer.data(), wanted, 0);
            connection_.output_written();
            if (got > 0) {
                buffered_ -= std::min(buffered_, static_cast<std::size_t>(got));
                co_return static_cast<std::size_t>(got);
            }
            buffered_ = 0;
            if (got < 0 && got != SSH_EOF && got != SSH_AGAIN) co_return channel_closed();
            continue;
        }
        if (eof_) co_return std::size_t(0);
        if (closed_) co_return channel_closed();
        co_await readable_.wait();
    }
}

asio::awaitable<Result<void>> Channel::write(std::span<const std::byte> data) {
    auto written = co_await write_to(data, false);
    co_return written;
}

asio::awaitable<Result<void>> Channel::write_stderr(std::span<const std::byte> data) {
    auto written = co_await write_to(data, true);
    co_return written;
}

asio::awaitable<Result<void>> Channel::write_to(std::span<const std::byte> data, bool to_stderr) {
    while (!data.empty()) {
        if (closed_ || eof_sent_) co_return channel_closed();
        // The library would take more and keep it: waiting until the socket has taken the last piece is what
        // bounds it.
        if (connection_.output_pending()) {
            co_await connection_.progress().wait();
            continue;
        }
        std::uint32_t window = ssh_channel_window_size(channel_);
        // Looked at again and again: with both directions full, the library does not always tell that the
        // client has opened its window, or handle the packet that says so, before it is asked once more.
        if (window == 0) {
            co_await connection_.pause();
            continue;
        }
        auto piece = static_cast<std::uint32_t>(std::min<std::size_t>({data.size(), window, max_piece}));
        int written = to_stderr ? ssh_channel_write_stderr(channel_, data.data(), piece)
                                : ssh_channel_write(channel_, data.data(), piece);
        connection_.output_written();
        if (written < 0) co_return channel_closed();
        data = data.subspan(static_cast<std::size_t>(written));
        // Keys are being exchanged anew; nothing passes before that is done, and nobody tells when it is.
        if (written == 0) co_await connection_.pause();
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> Channel::shutdown_write() {
    if (closed_) co_return channel_closed();
    if (!eof_sent_ && !close_sent_) {
        eof_sent_ = true;
        ssh_channel_send_eof(channel_);
        connection_.output_written();
    }
    co_return Result<void>();
}

void Channel::close() noexcept {
    if (!close_sent_ && !connection_.broken()) {
        close_sent_ = true;
        ssh_channel_close(channel_);
        connection_.output_written();
    }
    mark_closed();
}

void Channel::send_exit_status(int code) {
    if (closed_ || close_sent_) return;
    ssh_channel_request_send_exit_status(channel_, code);
    connection_.output_written();
}

void Channel::send_exit_signal(const std::string& signal) {
    if (closed_ || close_sent_) return;
    ssh_channel_request_send_exit_signal(channel_, signal.c_str(), 0, "", "");
    connection_.output_written();
}

void Channel::mark_closed() {
    closed_ = true;
    readable_.notify();
    changed_.notify();
}

}  // namespace berth::agent::ssh

#include "net/http/connection.h"

#include <array>
#include <cstdio>
#include <ctime>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"

namespace berth::http {
namespace {

constexpr std::size_t file_chunk = 256 << 10;

/// "Fri, 02 Jan 2026 03:04:05 GMT", made once a second.
std::string_view http_date() {
    thread_local std::time_t made_at = 0;
    thread_local std::array<char, 40> text{};
    std::time_t time = std::time(nullptr);
    if (time != made_at) {
        std::tm parts{};
        ::gmtime_r(&time, &parts);
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made_at = time;
    }
    return text.data();
}

bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

class OpenFile {
public:
    explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
    ~OpenFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    /// nullopt unless it is a regular file.
    [[nodiscard]] std::optional<std::uint64_t> size() const {
        struct stat info {};
        if (fd_ < 0 || ::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
        return static_cast<std::uint64_t>(info.st_size);
    }

private:
    int fd_;
};

/// What the workers read; owns its descriptor, because a cancelled waiter leaves it behind.
struct FileRead {
    std::shared_ptr<OpenFile> file;
    std::uint64_t offset;
    std::size_t size;
    std::string operator()() const {
        std::string data(size, '\0');
        ssize_t got = ::pread(file->get(), data.data(), size, static_cast<off_t>(offset));
        data.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return data;
    }
};

}  // namespace

/// A body of unknown length; `chunked` for HTTP/1.1, until the end of the connection for 1.0.
class ChunkedWriter final : public BodyWriter {
public:
    ChunkedWriter(Transport& transport, bool chunked) : transport_(transport), chunked_(chunked) {}

    asio::awaitable<Result<void>> write(std::string_view data) override {
        if (data.empty()) co_return Result<void>();
        if (broken_) co_return unavailable("the client is gone");
        // Until it is sent whole, nothing may follow.
        broken_ = true;
        std::array<char, 20> size{};
        int length = std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
        std::string out;
        if (chunked_) out.append(size.data(), static_cast<std::size_t>(length));
        out += data;
        if (chunked_) out += "\r\n";
        auto sent = co_await transport_.write(net::as_bytes(out));
        if (sent) broken_ = false;
        co_return sent;
    }
    [[nodiscard]] bool broken() const { return broken_; }

private:
    Transport& transport_;
    bool chunked_;
    bool broken_ = false;
};

std::string Connection::start_head(const Response& response, bool keep_alive) const {
    std::string head = format_response_head(response.status, response.headers);
    if (!response.headers.get("Date")) append_field(head, "Date", http_date());
    append_field(head, "Connection", keep_alive ? "keep-alive" : "close");
    return head;
}

asio::awaitable<bool> Connection::refuse(Refusal refusal, Method method) {
    return refuse(shared_.handler.reject(refusal.status, refusal.message), method);
}

asio::awaitable<bool> Connection::refuse(Response response, Method method) {
    RequestHead head;
    head.method = method;
    head.keep_alive = false;
    [[maybe_unused]] bool again = co_await send_text(std::move(response), head);
    co_return false;
}

asio::awaitable<bool> Connection::send(Response response, const RequestHead& head, const Request& request) {
    if (std::holds_alternative<Upgrade>(response.body)) {
        bool again = co_await upgrade(std::move(response), request);
        co_return again;
    }
    if (std::holds_alternative<FileBody>(response.body)) {
        bool again = co_await send_file(std::move(response), head);
        co_return again;
    }
    if (std::holds_alternative<StreamedBody>(response.body)) {
        bool again = co_await send_stream(std::move(response), head);
        co_return again;
    }
    bool again = co_await send_text(std::move(response), head);
    co_return again;
}

asio::awaitable<bool> Connection::send_text(Response response, const RequestHead& head) {
    bool keep_alive = head.keep_alive && !draining_;
    std::string out = start_head(response, keep_alive);
    const auto* body = std::get_if<std::string>(&response.body);
    std::size_t size = body == nullptr ? 0 : body->size();
    if (may_have_body(response.status)) append_field(out, "Content-Length", std::to_string(size));
    out += "\r\n";
    bool with_body = size > 0 && head.method != Method::head && may_have_body(response.status);
    constexpr std::size_t joined_limit = 64 << 10;
    if (with_body && size <= joined_limit) out += *body;
    auto sent = co_await transport_->write(net::as_bytes(out));
    if (sent && with_body && size > joined_limit) {
        auto rest = co_await transport_->write(net::as_bytes(*body));
        co_return rest.ok() && keep_alive;
    }
    co_return sent.ok() && keep_alive;
}

asio::awaitable<bool> Connection::send_file(Response response, const RequestHead& head) {
    auto file = std::make_shared<OpenFile>(std::get<FileBody>(response.body).path);
    auto size = file->size();
    if (!size) {
        auto missing = shared_.handler.reject(404, "The file does not exist.");
        bool again = co_await send_text(std::move(missing), head);
        co_return again;
    }
    bool keep_alive = head.keep_alive && !draining_;
    std::string out = start_head(response, keep_alive);
    append_field(out, "Content-Length", std::to_string(*size));
    out += "\r\n";
    auto sent = co_await transport_->write(net::as_bytes(out));
    if (!sent) co_return false;
    if (head.method == Method::head) co_return keep_alive;
    for (std::uint64_t at = 0; at < *size;) {
        auto want = static_cast<std::size_t>(std::min<std::uint64_t>(file_chunk, *size - at));
        FileRead read{file, at, want};
        auto data = co_await net::run_on(shared_.runtime.workers(), std::move(read));
        // It shrank: the promised length cannot be kept, which only the end of the connection can say.
        if (data.empty()) co_return false;
        auto part = co_await transport_->write(net::as_bytes(data));
        if (!part) co_return false;
        at += data.size();
    }
    co_return keep_alive;
}

asio::awaitable<bool> Connection::send_stream(Response response, const RequestHead& head) {
    bool chunked = head.minor == 1;
    bool keep_alive = head.keep_alive && !draining_ && chunked;
    std::string out = start_head(response, keep_alive);
    if (chunked) append_field(out, "Transfer-Encoding", "chunked");
    out += "\r\n";
    auto sent = co_await transport_->write(net::as_bytes(out));
    if (!sent) co_return false;
    if (head.method == Method::head) co_return keep_alive;
    if (draining_) co_return false;
    ChunkedWriter writer(*transport_, chunked);
    auto body = std::move(std::get<StreamedBody>(response.body));
    bool complete = false;
    co_await net::TaskGroup::scope(shared_.log, stream_in_group, this, &body,
                                   static_cast<BodyWriter*>(&writer), &complete);
    if (writer.broken() || !chunked) co_return false;
    // Without its last chunk the peer sees that the body was cut.
    if (!complete && !draining_) co_return false;
    auto ended = co_await transport_->write(net::as_bytes("0\r\n\r\n"));
    co_return ended.ok() && keep_alive && !draining_;
}

asio::awaitable<void> Connection::stream_in_group(net::TaskGroup& group, Connection* self, StreamedBody* body,
                                                  BodyWriter* writer, bool* complete) {
    struct Registered {
        Connection* connection;
        ~Registered() { connection->end_stream_ = nullptr; }
    } registered{self};
    self->end_stream_ = [&group] { group.cancel(); };
    group.spawn("stream", run_stream(&group, body, writer, complete));
    group.spawn("peer", watch_peer(&group, self));
    co_await group.join();
}

asio::awaitable<void> Connection::run_stream(net::TaskGroup* group, StreamedBody* body, BodyWriter* writer,
                                             bool* complete) {
    struct End {
        net::TaskGroup* group;
        ~End() { group->cancel(); }
    } end{group};
    co_await (*body)(*writer);
    *complete = true;
}

asio::awaitable<void> Connection::watch_peer(net::TaskGroup* group, Connection* self) {
    // What comes now is the next request; more of it than this waits in the socket.
    while (self->in_.size() < (64u << 10)) {
        auto got = co_await self->fill(base::SteadyTime::max());
        if (!got || *got == 0) {
            group->cancel();
            co_return;
        }
    }
}

asio::awaitable<bool> Connection::upgrade(Response response, const Request& request) {
    auto key = request.headers.get("Sec-WebSocket-Key");
    auto raw = key ? base::base64_decode(*key) : std::nullopt;
    bool valid = request.method == Method::get && request.wants_websocket() && raw && raw->size() == 16;
    auto version = request.headers.get("Sec-WebSocket-Version");
    if (!valid || version != "13") {
        auto refusal = shared_.handler.reject(426, "This address needs a WebSocket of version 13.");
        refusal.headers.set("Upgrade", "websocket");
        refusal.headers.set("Sec-WebSocket-Version", "13");
        RequestHead plain;
        plain.method = request.method;
        bool again = co_await send_text(std::move(refusal), plain);
        co_return again;
    }
    std::string out = format_response_head(101, response.headers);
    append_field(out, "Upgrade", "websocket");
    append_field(out, "Connection", "Upgrade");
    append_field(out, "Sec-WebSocket-Accept", websocket_accept(*key));
    out += "\r\n";
    auto sent = co_await transport_->write(net::as_bytes(out));
    if (!sent) co_return false;
    auto upgrade = std::get<Upgrade>(std::move(response.body));
    auto executor = co_await asio::this_coro::executor;
    auto core = std::make_shared<WebSocketCore>(executor, transport_, std::exchange(in_, {}),
                                                WebSocketCore::Side::server, upgrade.options);
    asio::steady_timer drained(executor, base::SteadyTime::max());
    co_await net::TaskGroup::scope(shared_.log, session_in_group, this, &upgrade, core, &drained);
    transport_->close();
    co_return false;
}

asio::awaitable<void> Connection::session_in_group(net::TaskGroup& group, Connection* self, Upgrade* upgrade,
                                                   std::shared_ptr<WebSocketCore> core,
                                                   asio::steady_timer* drained) {
    struct Registered {
        Connection* connection;
        ~Registered() { connection->end_stream_ = nullptr; }
    } registered{self};
    self->end_stream_ = [drained] { drained->expires_at(base::SteadyTime::min()); };
    if (self->draining_) self->end_stream_();
    group.spawn("session", run_session(&group, upgrade, core->open()));
    group.spawn("drain", close_on_drain(&group, drained, core));
    co_await group.join();
}

asio::awaitable<void> Connection::run_session(net::TaskGroup* group, Upgrade* upgrade, WebSocketPtr socket) {
    struct End {
        net::TaskGroup* group;
        ~End() { group->cancel(); }
    } end{group};
    co_await upgrade->session(std::move(socket));
}

asio::awaitable<void> Connection::close_on_drain(net::TaskGroup* group, asio::steady_timer* drained,
                                                 std::shared_ptr<WebSocketCore> core) {
    while (drained->expiry() != base::SteadyTime::min()) {
        boost::system::error_code ignored;
        co_await drained->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_await core->close(CloseCode::going_away, "the server is shutting down");
    group->cancel();
}

}  // namespace berth::http

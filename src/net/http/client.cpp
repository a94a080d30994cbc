#include "net/http/client.h"

#include <algorithm>
#include <array>
#include <list>

#include "base/crypto.h"
#include "net/http/codec.h"
#include "net/http/inflate.h"
#include "net/http/transport.h"
#include "net/http/websocket_core.h"

namespace berth::http {
namespace {

constexpr std::size_t max_head = 64 << 10;
constexpr std::size_t max_idle = 8;
constexpr auto idle_for = std::chrono::seconds(60);

/// A connection, and what was read from it too early.
struct Wire {
    TransportPtr transport;
    std::string early;
    bool reused = false;
    base::SteadyTime idle_since{};
};

/// The body of one answer, as it comes.
class BodySource {
public:
    BodySource(Wire wire, Framing framing) : wire_(std::move(wire)), framing_(framing) {
        done_ = framing_.kind == Framing::Kind::none ||
                (framing_.kind == Framing::Kind::length && framing_.length == 0);
    }

    /// Appends at least one byte to `out`, or nothing at the end.
    asio::awaitable<Result<void>> read_into(std::string& out, std::size_t room) {
        std::size_t before = out.size();
        while (!done_ && out.size() == before) {
            if (auto taken = take(out, room); !taken) co_return taken;
            if (done_ || out.size() > before) break;
            chunk_.resize(16 << 10);
            auto got = co_await wire_.transport->read_some(std::as_writable_bytes(std::span(chunk_)));
            if (!got) co_return got.error();
            if (*got > 0) {
                wire_.early.append(chunk_, 0, *got);
            } else if (framing_.kind == Framing::Kind::until_end) {
                done_ = true;
            } else {
                co_return unavailable("the answer's body is incomplete");
            }
        }
        co_return Result<void>();
    }

    [[nodiscard]] bool done() const { return done_; }
    [[nodiscard]] Wire take_wire() { return std::move(wire_); }
    void close() noexcept { wire_.transport->close(); }

private:
    Result<void> take(std::string& out, std::size_t room) {
        auto& early = wire_.early;
        if (framing_.kind == Framing::Kind::chunked) {
            auto used = decoder_.feed(early, out, out.size() + room);
            if (!used) return used.error();
            early.erase(0, *used);
            done_ = decoder_.done();
            return {};
        }
        std::size_t size = std::min(early.size(), room);
        if (framing_.kind == Framing::Kind::length) {
            size = static_cast<std::size_t>(std::min<std::uint64_t>(size, framing_.length));
            framing_.length -= size;
            done_ = framing_.length == 0;
        }
        out.append(early, 0, size);
        early.erase(0, size);
        return {};
    }

    Wire wire_;
    Framing framing_;
    ChunkDecoder decoder_;
    std::string chunk_;
    bool done_ = false;
};

class BodyStream final : public net::Stream {
public:
    explicit BodyStream(BodySource source) : source_(std::move(source)) {}
    ~BodyStream() override { source_.close(); }

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        std::string part;
        auto read = co_await source_.read_into(part, buffer.size());
        if (!read) co_return read.error();
        std::copy(part.begin(), part.end(), reinterpret_cast<char*>(buffer.data()));
        co_return part.size();
    }
    asio::awaitable<Result<void>> write(std::span<const std::byte>) override {
        co_return Error(ErrorCode::failed_precondition, "an answer cannot be written to");
    }
    asio::awaitable<Result<void>> shutdown_write() override { co_return Result<void>(); }
    void close() noexcept override { source_.close(); }

private:
    BodySource source_;
};

struct Answer {
    ResponseHead head;
    Wire wire;
};

class ClientImpl final : public Client {
public:
    ClientImpl(asio::any_io_executor executor, Url base, ClientOptions options)
        : executor_(std::move(executor)), base_(std::move(base)), options_(std::move(options)) {}

    const Url& base() const override { return base_; }

    asio::awaitable<Result<ClientResponse>> send(ClientRequest request) override {
        if (!request.headers.get("Accept-Encoding")) request.headers.set("Accept-Encoding", "gzip");
        auto deadline = std::chrono::steady_clock::now() + options_.timeout;
        std::string raw = format(request, false);
        auto answer = co_await exchange(&raw, request.method, deadline);
        if (!answer) co_return answer.error();
        bool keep_alive = answer->head.keep_alive;
        ClientResponse response{answer->head.status, std::move(answer->head.headers), {}};
        auto body = co_await collect(std::move(answer->wire), answer->head.framing, keep_alive, deadline);
        if (!body) co_return body.error();
        auto unpacked = unpack(response.headers, std::move(*body));
        if (!unpacked) co_return unpacked.error();
        response.body = std::move(*unpacked);
        co_return response;
    }

    asio::awaitable<Result<StreamedResponse>> open(ClientRequest request) override {
        auto deadline = std::chrono::steady_clock::now() + options_.timeout;
        std::string raw = format(request, false);
        auto answer = co_await exchange(&raw, request.method, deadline);
        if (!answer) co_return answer.error();
        BodySource source(std::move(answer->wire), answer->head.framing);
        StreamedResponse response{answer->head.status, std::move(answer->head.headers),
                                  std::make_unique<BodyStream>(std::move(source))};
        co_return response;
    }

    asio::awaitable<Result<WebSocketPtr>> websocket(ClientRequest request, WebSocketOptions options,
                                                    ClientResponse* rejected) override {
        std::array<std::uint8_t, 16> random{};
        base::fill_random(random);
        std::string key = base::base64_encode({reinterpret_cast<const char*>(random.data()), random.size()});
        request.method = Method::get;
        request.headers.set("Upgrade", "websocket");
        request.headers.set("Sec-WebSocket-Version", "13");
        request.headers.set("Sec-WebSocket-Key", key);
        auto deadline = std::chrono::steady_clock::now() + options_.timeout;
        std::string raw = format(request, true);
        auto answer = co_await exchange(&raw, Method::get, deadline);
        if (!answer) co_return answer.error();
        if (answer->head.status != 101) {
            auto error = co_await reject(std::move(*answer), rejected, deadline);
            co_return error;
        }
        const Headers& headers = answer->head.headers;
        auto upgrade = headers.get("Upgrade");
        if (!upgrade || !equal_ignoring_case(*upgrade, "websocket") ||
            !has_token(headers, "Connection", "upgrade") ||
            headers.get("Sec-WebSocket-Accept") != websocket_accept(key) ||
            headers.get("Sec-WebSocket-Extensions"))
            co_return unavailable("the server's answer to the WebSocket handshake is wrong");
        auto core = std::make_shared<WebSocketCore>(executor_, std::move(answer->wire.transport),
                                                    std::move(answer->wire.early),
                                                    WebSocketCore::Side::client, options);
        co_return core->open();
    }

private:
    std::string format(const ClientRequest& request, bool upgrade) const {
        std::string out(to_string(request.method));
        out += ' ';
        out += base_.path;
        // A line break here would start a header of the caller's making.
        for (char c : request.target.empty() ? "/" : request.target)
            if (static_cast<unsigned char>(c) > 0x20 && c != 0x7f) out += c;
        out += " HTTP/1.1\r\n";
        bool usual = base_.port == (base_.scheme == "https" ? 443 : 80);
        std::string host = base_.host.find(':') == std::string::npos ? base_.host : "[" + base_.host + "]";
        if (!request.headers.get("Host"))
            append_field(out, "Host", usual ? host : host + ":" + std::to_string(base_.port));
        if (!request.headers.get("User-Agent")) append_field(out, "User-Agent", options_.user_agent);
        for (const auto& [name, value] : request.headers.all())
            if (!is_framing_field(name)) append_field(out, name, value);
        if (upgrade) append_field(out, "Connection", "Upgrade");
        bool may_have_body = request.method != Method::get && request.method != Method::head;
        if (!request.body.empty() || may_have_body)
            append_field(out, "Content-Length", std::to_string(request.body.size()));
        out += "\r\n";
        return out + request.body;
    }

    /// Sends on an idle connection or a new one. A reused one that ends without a word was closed by the
    /// server meanwhile; then the request is sent once more, if repeating it is harmless.
    asio::awaitable<Result<Answer>> exchange(const std::string* raw, Method method,
                                             base::SteadyTime deadline) {
        while (true) {
            auto wire = co_await connect();
            if (!wire) co_return wire.error();
            bool reused = wire->reused;
            bool heard = false;
            auto answer = co_await ask(std::move(*wire), raw, method, deadline, &heard);
            bool repeatable = method == Method::get || method == Method::head || method == Method::put ||
                              method == Method::del || method == Method::options;
            if (!answer && reused && !heard && repeatable && std::chrono::steady_clock::now() < deadline)
                continue;
            co_return answer;
        }
    }

    asio::awaitable<Result<Wire>> connect() {
        auto now = std::chrono::steady_clock::now();
        while (!idle_.empty()) {
            Wire wire = std::move(idle_.back());
            idle_.pop_back();
            if (now - wire.idle_since > idle_for || wire.transport->is_stale()) continue;
            wire.reused = true;
            co_return wire;
        }
        std::shared_ptr<TlsContext> tls;
        if (base_.scheme == "https") {
            if (!tls_) {
                auto made = make_client_tls(options_.ca_file);
                if (!made) co_return made.error();
                tls_ = std::move(*made);
            }
            tls = tls_;
        }
        auto transport = co_await connect_transport(base_.host, base_.port, tls, options_.connect_timeout);
        if (!transport) co_return transport.error();
        Wire wire;
        wire.transport = std::move(*transport);
        co_return wire;
    }

    asio::awaitable<Result<Answer>> ask(Wire wire, const std::string* raw, Method method,
                                        base::SteadyTime deadline, bool* heard) {
        Watchdog watchdog(executor_, wire.transport, deadline - std::chrono::steady_clock::now());
        auto late = [&] { return Error(ErrorCode::deadline_exceeded, "the server took too long to answer"); };
        auto sent = co_await wire.transport->write(net::as_bytes(*raw));
        if (watchdog.expired()) co_return late();
        // A server that refuses a body early answers before it closes: the answer counts more than the write.
        std::string chunk;
        std::size_t seen = 0;
        while (true) {
            std::size_t end = find_head_end(wire.early, seen);
            if (end != std::string::npos) {
                auto head = parse_response_head(std::string_view(wire.early).substr(0, end), method);
                if (!head) co_return unavailable("the server's answer is malformed", head.error().message());
                wire.early.erase(0, end);
                seen = 0;
                if (head->status < 200 && head->status != 101) continue;
                co_return Answer{std::move(*head), std::move(wire)};
            }
            seen = wire.early.size();
            if (seen > max_head) co_return unavailable("the server's answer has too large a header");
            chunk.resize(16 << 10);
            auto got = co_await wire.transport->read_some(std::as_writable_bytes(std::span(chunk)));
            if (watchdog.expired()) co_return late();
            if (!got) co_return sent ? got.error() : sent.error();
            if (*got == 0) co_return unavailable("the server closed the connection without an answer");
            *heard = true;
            wire.early.append(chunk, 0, *got);
        }
    }

    asio::awaitable<Result<std::string>> collect(Wire wire, Framing framing, bool keep_alive,
                                                 base::SteadyTime deadline) {
        Watchdog watchdog(executor_, wire.transport, deadline - std::chrono::steady_clock::now());
        BodySource source(std::move(wire), framing);
        std::string body;
        while (!source.done()) {
            auto read = co_await source.read_into(body, 1 << 20);
            if (watchdog.expired())
                co_return Error(ErrorCode::deadline_exceeded, "the server's answer took too long");
            if (!read) co_return read.error();
            if (body.size() > options_.max_body)
                co_return Error(ErrorCode::too_large, "the answer is too large");
        }
        Wire done = source.take_wire();
        // More than was asked for is nobody's answer.
        if (keep_alive && done.early.empty() && idle_.size() < max_idle) {
            done.idle_since = std::chrono::steady_clock::now();
            idle_.push_back(std::move(done));
        }
        co_return body;
    }

    Result<std::string> unpack(const Headers& headers, std::string body) const {
        auto encoding = headers.get("Content-Encoding");
        if (!encoding || body.empty() || equal_ignoring_case(*encoding, "identity")) return body;
        if (!equal_ignoring_case(*encoding, "gzip")) return unavailable("the answer's encoding is not known");
        return inflate(body, options_.max_body);
    }

    asio::awaitable<Error> reject(Answer answer, ClientResponse* rejected, base::SteadyTime deadline) {
        unsigned status = answer.head.status;
        auto body =
            co_await collect(std::move(answer.wire), answer.head.framing, answer.head.keep_alive, deadline);
        if (rejected != nullptr) {
            rejected->status = status;
            rejected->headers = std::move(answer.head.headers);
            if (body) rejected->body = std::move(*body);
        }
        co_return Error(ErrorCode::failed_precondition, "the server refused the WebSocket",
                        "status " + std::to_string(status));
    }

    asio::any_io_executor executor_;
    Url base_;
    ClientOptions options_;
    std::shared_ptr<TlsContext> tls_;
    std::vector<Wire> idle_;
};

}  // namespace

std::unique_ptr<Client> Client::create(asio::any_io_executor executor, Url base, ClientOptions options) {
    return std::make_unique<ClientImpl>(std::move(executor), std::move(base), std::move(options));
}

}  // namespace berth::http

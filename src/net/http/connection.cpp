#include "net/http/connection.h"

#include <algorithm>

#include <boost/asio/cancellation_state.hpp>
#include <boost/json.hpp>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::http {
namespace {

constexpr std::size_t read_chunk = 16 << 10;

base::SteadyTime now() { return std::chrono::steady_clock::now(); }

unsigned status_of(const Error& error) { return error.code() == ErrorCode::too_large ? 431 : 400; }

}  // namespace

bool BodyBudget::grow_to(std::size_t size) {
    if (size <= shared_.limits.free_body || size <= charged_) return true;
    std::size_t more = size - charged_;
    std::size_t total = shared_.body_bytes += more;
    charged_ = size;
    return total <= shared_.limits.bodies;
}

Connection::Connection(Shared& shared, TransportPtr transport, std::string remote_address)
    : shared_(shared), transport_(std::move(transport)), remote_address_(std::move(remote_address)) {
    transport_->write_timeout = shared.limits.write_timeout;
}

asio::awaitable<void> Connection::run() {
    transport_->read_deadline = now() + shared_.limits.header_timeout;
    auto shaken = co_await transport_->handshake();
    if (shaken) {
        while (true) {
            bool again = co_await serve_one();
            if (!again || draining_) break;
        }
        co_await linger();
    }
    transport_->close();
}

void Connection::enforce_deadlines(base::SteadyTime when) {
    if (when > transport_->write_deadline) transport_->close();
    if (when <= transport_->read_deadline) return;
    timed_out_ = true;
    transport_->read_deadline = base::SteadyTime::max();
    transport_->cancel();
}

void Connection::drain() {
    if (draining_) return;
    draining_ = true;
    if (end_stream_) {
        end_stream_();
    } else if (idle_) {
        transport_->cancel();
    }
}

asio::awaitable<Result<std::size_t>> Connection::fill(base::SteadyTime deadline) {
    transport_->read_deadline = deadline;
    std::size_t before = in_.size();
    in_.resize(before + read_chunk);
    auto got = co_await transport_->read_some(std::as_writable_bytes(std::span(in_)).subspan(before));
    in_.resize(before + (got ? *got : 0));
    transport_->read_deadline = base::SteadyTime::max();
    co_return got;
}

asio::awaitable<std::optional<std::variant<RequestHead, Connection::Refusal>>> Connection::read_head() {
    using Outcome = std::optional<std::variant<RequestHead, Refusal>>;
    const Limits& limits = shared_.limits;
    auto deadline = now() + (first_ ? limits.header_timeout : limits.idle_timeout);
    first_ = false;
    idle_ = in_.empty();
    std::size_t seen = 0;
    while (true) {
        // Some clients end a body with a line break that is not part of it.
        while (seen == 0 && in_.starts_with("\r\n"))
            in_.erase(0, 2);
        if (std::size_t end = find_head_end(in_, seen); end != std::string::npos && end <= limits.header) {
            idle_ = false;
            auto head = parse_request_head(std::string_view(in_).substr(0, end));
            in_.erase(0, end);
            if (!head) co_return Outcome(Refusal{status_of(head.error()), head.error().message()});
            co_return Outcome(std::move(*head));
        }
        if (in_.size() >= limits.header) co_return Outcome(Refusal{431, "The request header is too large."});
        // A bare line feed never ends a line here, so waiting for more would only wait for the timeout.
        if (std::size_t feed = in_.find('\n', seen);
            feed != std::string::npos && (feed == 0 || in_[feed - 1] != '\r'))
            co_return Outcome(Refusal{400, "The request has a bad line end."});
        seen = in_.size();
        if (!in_.empty() && idle_) {
            idle_ = false;
            deadline = now() + limits.header_timeout;
        }
        auto got = co_await fill(deadline);
        if (timed_out_ && !in_.empty()) co_return Outcome(Refusal{408, "The request header took too long."});
        if (!got || *got == 0) co_return Outcome();
    }
}

asio::awaitable<std::optional<Connection::Refusal>> Connection::read_content(Framing framing,
                                                                             std::size_t limit,
                                                                             std::string& body,
                                                                             BodyBudget& budget) {
    using Outcome = std::optional<Refusal>;
    auto deadline = now() + shared_.limits.body_timeout;
    ChunkDecoder decoder;
    while (true) {
        if (framing.kind == Framing::Kind::length) {
            auto take =
                static_cast<std::size_t>(std::min<std::uint64_t>(framing.length - body.size(), in_.size()));
            body.append(in_, 0, take);
            in_.erase(0, take);
            if (body.size() == framing.length) co_return Outcome();
        } else {
            auto used = decoder.feed(in_, body, limit + 1);
            if (!used) co_return Outcome(Refusal{400, used.error().message()});
            in_.erase(0, *used);
            if (body.size() > limit) co_return Outcome(Refusal{413, "The request body is too large."});
            if (decoder.done()) co_return Outcome();
        }
        if (!budget.grow_to(body.size()))
            co_return Outcome(Refusal{503, "Too many large requests come at once; try again later."});
        auto got = co_await fill(deadline);
        if (timed_out_) co_return Outcome(Refusal{408, "The request body took too long."});
        if (!got || *got == 0) co_return Outcome(Refusal{400, "The request body is incomplete."});
    }
}

asio::awaitable<std::optional<Response>> Connection::read_body(const RequestHead& head, Request& request,
                                                               BodyBudget& budget) {
    using Outcome = std::optional<Response>;
    auto refused = [this](unsigned status, std::string_view message) {
        return Outcome(shared_.handler.reject(status, message));
    };
    auto expect = head.headers.get("Expect");
    if (expect && !equal_ignoring_case(*expect, "100-continue"))
        co_return refused(417, "The expectation is not known.");
    bool counted = head.framing.kind == Framing::Kind::length;
    if (head.framing.kind == Framing::Kind::none || (counted && head.framing.length == 0))
        co_return Outcome();
    std::size_t limit = shared_.handler.body_limit(request);
    unread_body_ = true;
    if (counted && head.framing.length > limit) co_return refused(413, "The request body is too large.");
    std::size_t most = counted ? head.framing.length : limit;
    if (most > shared_.limits.free_body) {
        auto refusal = co_await shared_.handler.refuse_large(request);
        if (refusal) co_return refusal;
    }
    if (expect && in_.empty()) {
        auto sent = co_await transport_->write(net::as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
        if (!sent) co_return refused(400, "The client is gone.");
    }
    auto refusal = co_await read_content(head.framing, limit, request.body, budget);
    if (refusal) co_return refused(refusal->status, refusal->message);
    unread_body_ = false;
    co_return Outcome();
}

asio::awaitable<bool> Connection::serve_one() {
    auto outcome = co_await read_head();
    if (!outcome) co_return false;
    if (auto* refusal = std::get_if<Refusal>(&*outcome)) {
        unread_body_ = true;
        bool again = co_await refuse(std::move(*refusal), Method::get);
        co_return again;
    }
    auto& head = std::get<RequestHead>(*outcome);
    Request request;
    request.method = head.method;
    request.target = head.target;
    request.remote_address = remote_address_;
    request.tls = transport_->is_tls();
    auto target = parse_target(head.target);
    auto query = target ? Query::parse(target->query) : Result<Query>(target.error());
    if (!query) {
        unread_body_ = head.framing.kind != Framing::Kind::none;
        Refusal malformed{400, query.error().message()};
        bool again = co_await refuse(std::move(malformed), head.method);
        co_return again;
    }
    request.path = std::move(target->path);
    request.query = std::move(*query);
    request.headers = head.headers;
    BodyBudget budget(shared_);
    auto refusal = co_await read_body(head, request, budget);
    if (refusal) {
        bool again = co_await refuse(std::move(*refusal), head.method);
        co_return again;
    }
    auto response = co_await ask_handler(request);
    bool again = co_await send(std::move(response), head, request);
    co_return again;
}

Response Connection::internal_error(const std::exception_ptr& failure, const Request& request) const {
    std::string trace = base::random_hex(16);
    shared_.log.error("request failed", field("trace_id", trace), field("method", to_string(request.method)),
                      field("path", request.path), field("error", net::describe(failure)));
    boost::json::object body{{"message", "An internal error occurred."}, {"detail", "trace " + trace}};
    auto response = Response::json(500, boost::json::serialize(body));
    response.headers.set("X-Trace-Id", trace);
    return response;
}

asio::awaitable<Response> Connection::ask_handler(Request& request) {
    std::exception_ptr failure;
    try {
        auto response = co_await shared_.handler.handle(request);
        co_return response;
    } catch (...) {
        failure = std::current_exception();
    }
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(failure);
    co_return internal_error(failure, request);
}

asio::awaitable<void> Connection::linger() {
    // Closing with input unread resets the connection, and the answer may be lost with it.
    timed_out_ = false;
    auto deadline = now() + std::min<base::Duration>(std::chrono::seconds(2), shared_.limits.header_timeout);
    transport_->read_deadline = deadline;
    auto shut = co_await transport_->shutdown_write();
    if (!shut || !unread_body_) co_return;
    for (std::size_t total = 0; total < (4u << 20) && !timed_out_;) {
        in_.clear();
        auto got = co_await fill(deadline);
        if (!got || *got == 0) co_return;
        total += *got;
    }
}

}  // namespace berth::http

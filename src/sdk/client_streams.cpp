#include "sdk/client_streams.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sdk/client.h"
#include "sdk/client_call.h"

namespace berth::sdk {
namespace {

constexpr int most_failures = 5;

asio::awaitable<void> pause_before_retry(int failures) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, std::chrono::milliseconds(100) * (1 << failures));
    co_await timer.async_wait(asio::use_awaitable);
}

/// Worth another attempt: the connection failed, not the request.
bool is_transient(const Error& error) {
    return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::deadline_exceeded ||
           error.code() == ErrorCode::internal;
}

}  // namespace

asio::awaitable<Result<void>> LogFollower::connect() {
    Target target(target_);
    target.flag("follow");
    if (after_ != 0) target.query("after", std::to_string(after_));
    auto socket = co_await client_->open_websocket(target);
    if (!socket) co_return socket.error();
    socket_ = std::move(*socket);
    co_return Result<void>();
}

asio::awaitable<Result<std::optional<std::string>>> LogFollower::next_message() {
    while (true) {
        if (!socket_) {
            auto connected = co_await connect();
            if (!connected) {
                if (!is_transient(connected.error()) || ++failures_ >= most_failures)
                    co_return connected.error();
                co_await pause_before_retry(failures_);
                continue;
            }
        }
        auto message = co_await socket_->read();
        if (message) {
            failures_ = 0;
            if (!*message) co_return std::optional<std::string>();
            co_return std::optional<std::string>(std::move((*message)->data));
        }
        socket_.reset();
        if (!is_transient(message.error()) || ++failures_ >= most_failures) co_return message.error();
        co_await pause_before_retry(failures_);
    }
}

void LogFollower::close() {
    if (socket_) socket_->abort();
}

asio::awaitable<Result<std::optional<ProvisionerJobLog>>> JobLogReader::next() {
    auto message = co_await follower_.next_message();
    if (!message) co_return message.error();
    if (!*message) co_return std::optional<ProvisionerJobLog>();
    auto log = decode_response<ProvisionerJobLog>(**message);
    if (!log) co_return log.error().wrap("The server's log makes no sense");
    follower_.saw(log->id);
    co_return std::optional<ProvisionerJobLog>(std::move(*log));
}

asio::awaitable<Result<std::optional<WorkspaceAgentLog>>> AgentLogReader::next() {
    while (waiting_.empty()) {
        auto message = co_await follower_.next_message();
        if (!message) co_return message.error();
        if (!*message) co_return std::optional<WorkspaceAgentLog>();
        auto logs = decode_response<std::vector<WorkspaceAgentLog>>(**message);
        if (!logs) co_return logs.error().wrap("The server's log makes no sense");
        for (auto& log : *logs)
            waiting_.push_back(std::move(log));
    }
    std::optional<WorkspaceAgentLog> log(std::move(waiting_.front()));
    waiting_.pop_front();
    follower_.saw(log->id);
    co_return log;
}

WorkspaceWatcher::WorkspaceWatcher(http::StreamedResponse response)
    : response_(std::make_unique<http::StreamedResponse>(std::move(response))),
      events_(std::make_unique<http::SseReader>(*response_->body)) {}

asio::awaitable<Result<std::optional<Workspace>>> WorkspaceWatcher::next() {
    while (true) {
        auto event = co_await events_->next();
        if (!event) co_return event.error();
        if (!*event) co_return std::optional<Workspace>();
        if ((*event)->type == "error") {
            auto problem = decode_response<Response>((*event)->data);
            if (!problem) co_return unavailable("The server ended the stream with an error.");
            co_return unavailable(problem->message, problem->detail);
        }
        if ((*event)->type != "data") continue;
        auto workspace = decode_response<Workspace>((*event)->data);
        if (!workspace) co_return workspace.error().wrap("The server's event makes no sense");
        co_return std::optional<Workspace>(std::move(*workspace));
    }
}

void WorkspaceWatcher::close() { response_->body->close(); }

}  // namespace berth::sdk

#include "provisioner/terraform/session.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "provisioner/terraform/secret_values.h"
#include "provisioner/terraform/session_state.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// Requests waiting while a step runs; then the daemon has to wait too.
constexpr std::size_t max_queue = 16;

asio::awaitable<void> run_session(net::TaskGroup& group, Session& session) { co_await session.run(group); }

}  // namespace

asio::awaitable<Result<void>> serve_session(SessionChannel& channel, const SessionOptions& options) {
    auto executor = co_await asio::this_coro::executor;
    Session session(executor, channel, options);
    co_await net::TaskGroup::scope(base::Logger("terraform"), run_session, std::ref(session));
    if (session.failure()) co_return *session.failure();
    co_return Result<void>();
}

Session::Session(asio::any_io_executor executor, SessionChannel& channel, const SessionOptions& options)
    : channel_(channel),
      options_(options),
      cancel_(executor),
      queue_changed_(executor, base::SteadyTime::max()),
      base_(base_environment(options.host_environment)) {}

/// When run() was cut off before its end: removing a folder takes long, and a loop must not wait for it.
Session::~Session() {
    provider_.reset();
    if (folder_ && options_.workers)
        asio::post(*options_.workers, [folder = std::shared_ptr<WorkFolder>(std::move(folder_))] {});
}

asio::awaitable<void> Session::run(net::TaskGroup& group) {
    group.spawn("receive", receive());
    while (!failure_) {
        auto request = co_await next();
        if (!request) break;
        co_await answer(std::move(*request));
    }
    provider_.reset();
    co_await drop_folder();
}

asio::awaitable<void> Session::drop_folder() {
    if (!folder_) co_return;
    auto folder = std::shared_ptr<WorkFolder>(std::move(folder_));
    auto work = [folder]() mutable {
        folder.reset();
        return true;
    };
    folder.reset();
    co_await offload(std::move(work));
}

asio::awaitable<void> Session::receive() {
    while (true) {
        while (queue_.size() >= max_queue) {
            boost::system::error_code ignored;
            co_await queue_changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        auto request = co_await channel_.recv();
        bool over = !request || !*request;
        if (!over && (*request)->has_cancel() && cancel_.cancelled()) cancel_.kill();
        if (over || (*request)->has_cancel()) cancel_.cancel();
        if (over) {
            ended_ = true;
        } else if (!(*request)->has_cancel()) {
            queue_.push_back(std::move(**request));
        }
        queue_changed_.cancel();
        if (over) co_return;
    }
}

asio::awaitable<std::optional<pb::Request>> Session::next() {
    while (queue_.empty() && !ended_) {
        boost::system::error_code ignored;
        co_await queue_changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (queue_.empty()) co_return std::nullopt;
    auto request = std::move(queue_.front());
    queue_.pop_front();
    queue_changed_.cancel();
    co_return std::move(request);
}

void Session::fail(Error error) {
    if (!failure_) failure_ = std::move(error);
}

asio::awaitable<void> Session::reply(pb::Response response) {
    auto sent = co_await channel_.send(std::move(response));
    if (!sent) {
        fail(sent.error());
        cancel_.cancel();
    }
}

asio::awaitable<void> Session::log(pb::LogLevel level, std::string text) {
    if (level < lowest_level_ || failure_) co_return;
    pb::Response response;
    response.mutable_log()->set_level(level);
    response.mutable_log()->set_output(masked(std::move(text)));
    co_await reply(std::move(response));
}

std::string Session::masked(std::string text) const {
    return debugging() ? without_secrets(std::move(text), secrets_) : text;
}

asio::awaitable<void> Session::answer(pb::Request request) {
    pb::Response response;
    if (!configured_ && !request.has_config()) {
        fail(invalid_argument("the first message of a session must be its config"));
        co_return;
    }
    switch (request.type_case()) {
        case pb::Request::kConfig: {
            configured_ = true;
            const auto& level = request.config().provisioner_log_level();
            // Who looks into a build wants all there is.
            if (level == "debug" || level == "trace") lowest_level_ = pb::TRACE;
            name_.owner = options_.owner;
            name_.job_id = request.config().job_id();
            co_return;
        }
        case pb::Request::kParse: {
            auto done = co_await parse();
            *response.mutable_parse() = presentable(std::move(done));
            break;
        }
        case pb::Request::kInit: {
            auto done = co_await init(std::move(*request.mutable_init()));
            *response.mutable_init() = presentable(std::move(done));
            break;
        }
        case pb::Request::kPlan: {
            auto done = co_await plan(std::move(*request.mutable_plan()));
            *response.mutable_plan() = presentable(std::move(done));
            break;
        }
        case pb::Request::kApply: {
            auto done = co_await apply(std::move(*request.mutable_apply()));
            *response.mutable_apply() = presentable(std::move(done));
            break;
        }
        case pb::Request::kGraph: {
            auto done = co_await graph(std::move(*request.mutable_graph()));
            *response.mutable_graph() = presentable(std::move(done));
            break;
        }
        case pb::Request::kFile:
            fail(invalid_argument("a file was sent that nobody asked for"));
            co_return;
        default:
            fail(Error(ErrorCode::unimplemented, "this provisioner does not know that request"));
            co_return;
    }
    if (!failure_) co_await reply(std::move(response));
}

}  // namespace berth::terraform

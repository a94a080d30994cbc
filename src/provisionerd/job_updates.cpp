#include "provisionerd/job_updates.h"

#include <utility>

#include "rpc/provisionerd.h"

namespace berth::provisionerd {
namespace {

constexpr std::size_t max_line = 256 << 10;
constexpr std::size_t max_batch = 1 << 20;

}  // namespace

std::string valid_utf8(std::string text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        unsigned char lead = byte(i);
        std::size_t length = lead < 0x80       ? 1
                             : lead >> 5 == 6  ? 2
                             : lead >> 4 == 14 ? 3
                             : lead >> 3 == 30 ? 4
                                               : 0;
        bool valid = length > 0 && i + length <= text.size() && !(length == 2 && lead < 0xc2);
        for (std::size_t j = 1; valid && j < length; j++)
            valid = byte(i + j) >> 6 == 2;
        if (valid && length == 3)
            valid = !(lead == 0xe0 && byte(i + 1) < 0xa0) && !(lead == 0xed && byte(i + 1) >= 0xa0);
        if (valid && length == 4)
            valid = !(lead == 0xf0 && byte(i + 1) < 0x90) && lead <= 0xf4 &&
                    !(lead == 0xf4 && byte(i + 1) >= 0x90);
        if (!valid) text[i] = '?';
        i += valid ? length : 1;
    }
    return text;
}

JobUpdates::JobUpdates(asio::any_io_executor executor, Link& link, const Options& options, std::string job_id,
                       base::Logger log)
    : changed(executor),
      link_(link),
      options_(options),
      job_id_(std::move(job_id)),
      log_(std::move(log)),
      last_sent_(options.clock->steady_now()),
      sent_(executor) {}

void JobUpdates::add(::provisioner::LogLevel level, std::string stage, std::string output) {
    add(::provisionerd::PROVISIONER_DAEMON, level, std::move(stage), std::move(output));
}

void JobUpdates::add_foreign(::provisioner::LogLevel level, std::string stage, std::string output) {
    add(::provisionerd::PROVISIONER, level, std::move(stage), std::move(output));
}

void JobUpdates::add(::provisionerd::LogSource source, ::provisioner::LogLevel level, std::string stage,
                     std::string output) {
    if (output.size() > max_line) output.resize(max_line);
    waiting_bytes_ += output.size();
    auto* line = waiting_.add_logs();
    line->set_source(source);
    line->set_level(level);
    line->set_stage(std::move(stage));
    line->set_output(valid_utf8(std::move(output)));
    line->set_created_at(
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock->now().time_since_epoch())
            .count());
}

bool JobUpdates::full() const {
    return std::size_t(waiting_.logs_size()) >= options_.log_lines || waiting_bytes_ >= max_batch;
}

asio::awaitable<Result<::provisionerd::UpdateJobResponse>> JobUpdates::call(
    std::shared_ptr<const ::provisionerd::UpdateJobRequest> request) {
    // A cancelled call must not leave the others waiting for its end.
    struct Sending {
        explicit Sending(JobUpdates& updates) : updates(updates) { updates.sending_ = true; }
        ~Sending() {
            updates.sending_ = false;
            updates.sent_.notify();
        }
        JobUpdates& updates;
    } in_progress(*this);
    auto response = co_await link_.call(rpc::provisionerd::update_job, request);
    co_return response;
}

asio::awaitable<Result<::provisionerd::UpdateJobResponse>> JobUpdates::send(
    ::provisionerd::UpdateJobRequest request) {
    while (sending_)
        co_await sent_.wait();
    if (lost_) co_return *lost_;
    auto shared = std::make_shared<::provisionerd::UpdateJobRequest>(std::move(request));
    shared->MergeFrom(std::exchange(waiting_, {}));
    shared->set_job_id(job_id_);
    waiting_bytes_ = 0;
    last_sent_ = options_.clock->steady_now();
    std::shared_ptr<const ::provisionerd::UpdateJobRequest> sending = shared;
    auto response = co_await call(std::move(sending));
    if (!response) co_return response.error();
    if (response->canceled() && !cancelled_) {
        cancelled_ = true;
        changed.notify();
    }
    co_return response;
}

asio::awaitable<Result<void>> JobUpdates::flush() {
    if (waiting_.logs_size() == 0 && !sending_) co_return Result<void>();
    ::provisionerd::UpdateJobRequest nothing;
    auto response = co_await send(std::move(nothing));
    if (response) co_return Result<void>();
    if (!lost_) {
        lost_ = response.error();
        log_.error("the server takes no updates of the job", field("error", *lost_));
        changed.notify();
    }
    co_return response.error();
}

asio::awaitable<void> JobUpdates::run() {
    while (true) {
        co_await options_.clock->sleep(options_.log_interval);
        if (lost_) co_return;
        // Behind another's update this one would start when that one ends, which may be the job's last: it
        // would be cut off with its lines.
        if (sending_) continue;
        bool silent = options_.clock->steady_now() - last_sent_ >= options_.heartbeat;
        if (silent && waiting_.logs_size() == 0) {
            ::provisionerd::UpdateJobRequest heartbeat;
            auto alive = co_await send(std::move(heartbeat));
            if (!alive && !lost_) {
                lost_ = alive.error();
                log_.error("the server takes no heartbeat of the job", field("error", *lost_));
                changed.notify();
            }
        } else {
            auto flushed = co_await flush();
            if (!flushed) co_return;
        }
    }
}

}  // namespace berth::provisionerd

#include "coderd/jobs/logs.h"

#include "coderd/api/log_follow.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/jobs.h"

namespace berth::coderd {
namespace {

/// Lines read and sent at a time.
constexpr std::int32_t page = 500;

class JobLogFeed final : public LogFeed {
public:
    JobLogFeed(std::shared_ptr<JobLogReader> reader, std::int64_t after)
        : reader_(std::move(reader)), after_(after) {}

    asio::awaitable<Result<std::vector<std::string>>> next_frames() override {
        auto rows = co_await reader_->lines(after_, 0, page);
        if (!rows) co_return rows.error();
        std::vector<std::string> frames;
        for (const auto& row : *rows) {
            frames.push_back(sdk::encode(log_to_sdk(row)));
            after_ = row.id;
        }
        co_return frames;
    }

    asio::awaitable<Result<bool>> ended() override { return reader_->ended(); }

private:
    std::shared_ptr<JobLogReader> reader_;
    std::int64_t after_;
};

std::string text_of(const std::vector<db::ProvisionerJobLog>& rows) {
    std::string text;
    for (const auto& row : rows) {
        auto log = log_to_sdk(row);
        auto origin = std::string(sdk::to_string(log.log_source)) + "|" + log.stage;
        append_log_text(text, log.created_at, sdk::to_string(log.log_level), origin, log.output);
    }
    return text;
}

std::string json_of(const std::vector<db::ProvisionerJobLog>& rows) {
    std::vector<sdk::ProvisionerJobLog> logs;
    logs.reserve(rows.size());
    for (const auto& row : rows)
        logs.push_back(log_to_sdk(row));
    return sdk::encode(logs);
}

}  // namespace

asio::awaitable<Result<http::Response>> answer_job_logs(Context& context, const Request& request, Uuid job_id,
                                                        std::shared_ptr<JobLogReader> reader) {
    auto window = parse_log_window(request);
    if (!window) co_return window.error();
    if (!wants_follow(request)) {
        auto rows = co_await reader->lines(window->after, window->before, window->limit);
        if (!rows) co_return rows.error();
        if (window->text) co_return http::Response::text(200, text_of(*rows));
        co_return http::Response::json(200, json_of(*rows));
    }
    // What the caller may not see is refused before the upgrade, where it can still be said clearly.
    auto allowed = co_await reader->lines(window->after, 0, 1);
    if (!allowed) co_return allowed.error();
    co_return follow_log(context, job_channel(job_id),
                         std::make_shared<JobLogFeed>(std::move(reader), window->after));
}

}  // namespace berth::coderd

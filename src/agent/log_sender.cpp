#include "agent/log_sender.h"

#include "agent/protobuf.h"
#include "base/text.h"
#include "rpc/agent.h"

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

constexpr auto gather_time = std::chrono::milliseconds(250);
constexpr std::size_t batch_lines = 1000;
constexpr std::size_t batch_bytes = 512 * 1024;
/// What a queued line costs besides its text.
constexpr std::size_t line_overhead = 96;

pb::Log::Level to_protobuf(LineLevel level) {
    switch (level) {
        case LineLevel::debug:
            return pb::Log::DEBUG;
        case LineLevel::info:
            return pb::Log::INFO;
        case LineLevel::warn:
            return pb::Log::WARN;
        case LineLevel::error:
            return pb::Log::ERROR;
    }
    return pb::Log::INFO;
}

/// The end of the last whole character in the first `limit` bytes.
std::size_t character_boundary(std::string_view text, std::size_t limit) {
    std::size_t end = limit;
    while (end > 0 && limit - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80 || end == 0 ? limit : end;
}

}  // namespace

std::vector<std::string> LineSplitter::add(std::string_view bytes) {
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        rest_.append(bytes.substr(0, end));
        while (rest_.size() > limit_)
            cut(lines);
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (rest_.ends_with('\r')) rest_.pop_back();
        lines.push_back(base::to_valid_utf8(rest_));
        rest_.clear();
    }
    return lines;
}

void LineSplitter::cut(std::vector<std::string>& lines) {
    std::size_t end = character_boundary(rest_, limit_);
    lines.push_back(base::to_valid_utf8(std::string_view(rest_).substr(0, end)));
    rest_.erase(0, end);
}

std::vector<std::string> LineSplitter::finish() {
    std::vector<std::string> lines;
    if (!rest_.empty()) lines.push_back(base::to_valid_utf8(rest_));
    rest_.clear();
    return lines;
}

LogSender::LogSender(asio::any_io_executor executor, Link& link, base::Clock& clock, base::Logger log,
                     std::size_t limit)
    : link_(link), clock_(clock), log_(std::move(log)), limit_(limit), changed_(std::move(executor)) {}

void LogSender::add(const std::string& source, LineLevel level, std::string line) {
    if (limit_exceeded_) return;
    if (bytes_ + line.size() + line_overhead > limit_) {
        if (dropped_ == 0) log_.warn("dropping script output: the server does not take it");
        ++dropped_;
        dropped_source_ = source;
        return;
    }
    note_dropped();
    push({source, level, clock_.now(), std::move(line)});
}

void LogSender::push(Line line) {
    bytes_ += line.text.size() + line_overhead;
    queue_.push_back(std::move(line));
    changed_.notify();
}

void LogSender::note_dropped() {
    if (dropped_ == 0) return;
    std::string note =
        std::to_string(dropped_) + " lines were dropped because the server could not take them";
    dropped_ = 0;
    push({dropped_source_, LineLevel::warn, clock_.now(), std::move(note)});
}

asio::awaitable<void> LogSender::run() {
    while (true) {
        if (queue_.empty()) {
            co_await changed_.wait();
            continue;
        }
        co_await clock_.sleep(gather_time);
        auto client = co_await link_.wait_connected();
        pb::BatchCreateLogsRequest request;
        std::string source = queue_.front().source;
        request.set_log_source_id(source);
        std::size_t size = 0;
        for (const auto& line : queue_) {
            if (line.source != source) continue;
            if (request.logs_size() >= static_cast<int>(batch_lines) || size > batch_bytes) break;
            auto* entry = request.add_logs();
            *entry->mutable_created_at() = to_timestamp(line.time);
            entry->set_output(line.text);
            entry->set_level(to_protobuf(line.level));
            size += line.text.size();
        }
        busy_ = true;
        auto answer = co_await client.call(rpc::agent::batch_create_logs, request);
        busy_ = false;
        if (!answer && is_connection_failure(answer.error())) {
            co_await clock_.sleep(retry_pause);
            continue;
        }
        if (!answer) log_.warn("the server refused log lines", field("error", answer.error()));
        // Only now they leave the queue: what a broken connection may have lost is sent again.
        int left = request.logs_size();
        std::erase_if(queue_, [&](const Line& line) {
            if (left == 0 || line.source != source) return false;
            --left;
            bytes_ -= line.text.size() + line_overhead;
            return true;
        });
        if (answer && answer->log_limit_exceeded()) {
            log_.warn("the server takes no more log lines of this workspace");
            limit_exceeded_ = true;
            dropped_ = 0;
            queue_.clear();
            bytes_ = 0;
        }
        if (queue_.empty()) note_dropped();
        changed_.notify();
    }
}

asio::awaitable<void> LogSender::drained() {
    while (busy_ || !queue_.empty())
        co_await changed_.wait();
}

}  // namespace berth::agent

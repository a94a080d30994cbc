#include "net/http/sse.h"

#include <algorithm>
#include <array>

namespace berth::http {
namespace {

/// The end of the first line and the start of the next. LF, CR and CRLF all end a line.
struct LineEnd {
    std::size_t end = std::string::npos;
    std::size_t next = 0;
};

LineEnd find_line(const std::string& text, std::size_t from) {
    std::size_t end = text.find_first_of("\r\n", from);
    if (end == std::string::npos) return {};
    if (text[end] == '\n') return {end, end + 1};
    // A CR at the very end may be half of a CRLF.
    if (end + 1 == text.size()) return {};
    return {end, text[end + 1] == '\n' ? end + 2 : end + 1};
}

void apply_line(std::string_view line, ServerSentEvent& event, bool& any_data) {
    std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") event.type = value;
    if (name != "data") return;
    if (any_data) event.data += '\n';
    event.data += value;
    any_data = true;
}

}  // namespace

std::string format_event(std::string_view type, std::string_view data) {
    std::string text = "event: ";
    text += type;
    text += '\n';
    while (!data.empty()) {
        std::size_t end = std::min(data.find('\n'), data.size());
        text += "data: ";
        text += data.substr(0, end);
        text += '\n';
        data.remove_prefix(std::min(end + 1, data.size()));
    }
    return text + '\n';
}

asio::awaitable<Result<std::optional<ServerSentEvent>>> SseReader::next() {
    ServerSentEvent event;
    bool any_data = false;
    std::size_t size = 0;
    std::size_t at = 0;
    while (true) {
        auto line = find_line(buffer_, at);
        if (line.end == std::string::npos) {
            buffer_.erase(0, at);
            at = 0;
            if (size + buffer_.size() > max_event_)
                co_return Error(ErrorCode::too_large, "an event is too long");
            std::array<std::byte, 8192> chunk;
            auto got = co_await stream_.read_some(chunk);
            if (!got) co_return got.error();
            // An event without its closing blank line is incomplete and is dropped.
            if (*got == 0) co_return std::optional<ServerSentEvent>();
            buffer_.append(net::as_text(std::span(chunk).first(*got)));
            continue;
        }
        std::string_view text = std::string_view(buffer_).substr(at, line.end - at);
        at = line.next;
        size += text.size();
        if (size > max_event_) co_return Error(ErrorCode::too_large, "an event is too long");
        if (!text.empty()) {
            apply_line(text, event, any_data);
        } else if (!event.type.empty() || any_data) {
            break;
        }
    }
    buffer_.erase(0, at);
    if (event.type.empty()) event.type = "message";
    co_return std::optional(std::move(event));
}

}  // namespace berth::http

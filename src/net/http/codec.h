#pragma once

// Private to net/http: the strict HTTP/1.1 grammar. What another parser on the way could read differently
// (the base of request smuggling) is refused here, never repaired.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace berth::http {

bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Whether a comma-separated header holds `token`, compared without case.
bool has_token(const Headers& headers, std::string_view name, std::string_view token);

/// nullopt for bad escapes, control characters and invalid UTF-8. `form`: "+" is a blank and control
/// characters other than NUL may stay, as in query values.
std::optional<std::string> percent_decode(std::string_view text, bool form);

/// "/a%20b?x=1" or "http://host/a" -> decoded path and raw query. Refuses empty, "." and ".." segments.
struct Target {
    std::string path;
    std::string query;
};
Result<Target> parse_target(std::string_view text);

/// How long the body is.
struct Framing {
    enum class Kind { none, length, chunked, until_end } kind = Kind::none;
    std::uint64_t length = 0;
};

struct RequestHead {
    Method method = Method::other;
    std::string target;
    /// 0 or 1 of HTTP/1.x.
    int minor = 1;
    Headers headers;
    Framing framing;
    bool keep_alive = true;
};

struct ResponseHead {
    unsigned status = 0;
    Headers headers;
    Framing framing;
    bool keep_alive = true;
};

/// `text` is everything up to and with the empty line.
Result<RequestHead> parse_request_head(std::string_view text);
/// `request` decides whether a body follows.
Result<ResponseHead> parse_response_head(std::string_view text, Method request);

/// Length of the head at the front with its empty line; npos while it is incomplete. Looks at bytes from
/// `from` on.
std::size_t find_head_end(std::string_view text, std::size_t from);

/// Takes a chunked body apart.
class ChunkDecoder {
public:
    /// Appends content to `out` and returns how many bytes of `in` it used up. Stops at the body's end and
    /// when `out` has grown to `out_limit`.
    Result<std::size_t> feed(std::string_view in, std::string& out, std::size_t out_limit);
    [[nodiscard]] bool done() const { return state_ == State::done; }

private:
    enum class State { size, data, data_end, trailer, done };
    Result<bool> take_line(std::string_view& in, std::size_t limit);

    State state_ = State::size;
    std::uint64_t left_ = 0;
    std::string line_;
    std::size_t trailer_ = 0;
};

std::string_view reason_phrase(unsigned status);

/// Status line and fields, ready to send, without the final empty line. Fields that frame the message
/// (Connection, Content-Length, Transfer-Encoding) are left out, and line breaks in values are blanked.
std::string format_response_head(unsigned status, const Headers& headers);
void append_field(std::string& out, std::string_view name, std::string_view value);
/// Those the connection decides on, not the handler.
bool is_framing_field(std::string_view name);

/// The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
std::string websocket_accept(std::string_view key);

}  // namespace berth::http

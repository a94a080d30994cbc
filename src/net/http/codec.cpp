#include "net/http/codec.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::http {
namespace {

constexpr std::size_t max_fields = 128;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_token_char(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// The line before CRLF; both are taken off `text`.
std::optional<std::string_view> take_line(std::string_view& text) {
    std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

Result<void> parse_fields(std::string_view text, Headers& headers) {
    std::size_t count = 0;
    while (true) {
        auto line = take_line(text);
        if (!line) return invalid_argument("the header is incomplete");
        if (line->empty()) break;
        if (++count > max_fields) return Error(ErrorCode::too_large, "the header has too many fields");
        if (line->front() == ' ' || line->front() == '\t')
            return invalid_argument("a header field must not continue on the next line");
        std::size_t colon = line->find(':');
        if (colon == std::string_view::npos || !is_token(line->substr(0, colon)))
            return invalid_argument("a header field has no valid name");
        std::string_view value = trim_blanks(line->substr(colon + 1));
        for (char c : value)
            if (is_control(c) && c != '\t')
                return invalid_argument("a header field holds a control character");
        headers.add(line->substr(0, colon), std::string(value));
    }
    if (!text.empty()) return invalid_argument("the header is followed by garbage");
    return {};
}

/// What both kinds of message share. nullopt when neither length nor coding is given.
Result<std::optional<Framing>> parse_framing(const Headers& headers, int minor) {
    auto lengths = headers.get_all("Content-Length");
    auto codings = headers.get_all("Transfer-Encoding");
    if (!lengths.empty() && !codings.empty())
        return invalid_argument("Content-Length and Transfer-Encoding exclude each other");
    if (lengths.size() > 1 || codings.size() > 1)
        return invalid_argument("the length of the body is given twice");
    if (!codings.empty()) {
        if (minor == 0 || !equal_ignoring_case(codings[0], "chunked"))
            return invalid_argument("the transfer encoding is not supported");
        return std::optional(Framing{Framing::Kind::chunked, 0});
    }
    if (lengths.empty()) return std::optional<Framing>();
    std::string_view digits = lengths[0];
    auto length = base::parse_int<std::uint64_t>(digits);
    if (!length || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return invalid_argument("the content length is not a number");
    return std::optional(Framing{Framing::Kind::length, *length});
}

bool keeps_alive(const Headers& headers, int minor) {
    if (has_token(headers, "Connection", "close")) return false;
    return minor == 1 || has_token(headers, "Connection", "keep-alive");
}

Method parse_method(std::string_view text) {
    for (Method method :
         {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options})
        if (text == to_string(method)) return method;
    return Method::other;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
    for (std::string_view line : headers.get_all(name))
        for (std::string_view part : base::split(line, ','))
            if (equal_ignoring_case(trim_blanks(part), token)) return true;
    return false;
}

std::optional<std::string> percent_decode(std::string_view text, bool form) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '%') {
            if (at + 2 >= text.size()) return std::nullopt;
            int high = hex_digit(text[at + 1]);
            int low = hex_digit(text[at + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high << 4 | low);
            at += 2;
        } else if (form && c == '+') {
            c = ' ';
        }
        if (c == '\0' || (!form && is_control(c))) return std::nullopt;
        out += c;
    }
    if (!base::is_valid_utf8(out)) return std::nullopt;
    return out;
}

Result<Target> parse_target(std::string_view text) {
    if (text == "*") return Target{"*", ""};
    for (std::string_view scheme : {"http://", "https://"}) {
        if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
        text.remove_prefix(scheme.size());
        text.remove_prefix(std::min(text.find_first_of("/?"), text.size()));
        break;
    }
    std::size_t question = std::min(text.find('?'), text.size());
    std::string_view raw = text.substr(0, question);
    if (raw.empty() || raw.front() != '/') return invalid_argument("the path must start with a slash");
    if (text.find('#') != std::string_view::npos)
        return invalid_argument("the path must not hold a fragment");
    auto path = percent_decode(raw, false);
    if (!path) return invalid_argument("the path holds an invalid escape");
    auto segments = base::split(*path, '/');
    for (std::size_t i = 1; i < segments.size(); ++i) {
        bool last = i + 1 == segments.size();
        if ((segments[i].empty() && !last) || segments[i] == "." || segments[i] == "..")
            return invalid_argument("the path is not normalized");
    }
    return Target{std::move(*path), std::string(text.substr(std::min(question + 1, text.size())))};
}

Result<RequestHead> parse_request_head(std::string_view text) {
    auto line = take_line(text);
    if (!line) return invalid_argument("the request line is incomplete");
    std::size_t first = line->find(' ');
    std::size_t last = line->rfind(' ');
    if (first == std::string_view::npos || first == last)
        return invalid_argument("the request line is malformed");
    std::string_view method = line->substr(0, first);
    std::string_view target = line->substr(first + 1, last - first - 1);
    std::string_view version = line->substr(last + 1);
    RequestHead head;
    if (!is_token(method) || method.size() > 32) return invalid_argument("the method is malformed");
    for (char c : target)
        if (is_control(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80)
            return invalid_argument("the request target is malformed");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return invalid_argument("the HTTP version is not supported");
    head.method = parse_method(method);
    head.target = target;
    head.minor = version.back() - '0';
    if (auto fields = parse_fields(text, head.headers); !fields) return fields.error();
    auto hosts = head.headers.get_all("Host");
    if (hosts.size() > 1 || (hosts.empty() && head.minor == 1))
        return invalid_argument("the request needs one Host");
    if (!hosts.empty() && hosts[0].find_first_of(" \t/\\@?#,") != std::string_view::npos)
        return invalid_argument("the Host is malformed");
    auto framing = parse_framing(head.headers, head.minor);
    if (!framing) return framing.error();
    if (*framing) head.framing = **framing;
    head.keep_alive = keeps_alive(head.headers, head.minor);
    return head;
}

Result<ResponseHead> parse_response_head(std::string_view text, Method request) {
    auto line = take_line(text);
    if (!line || line->size() < 12 || !(line->starts_with("HTTP/1.1 ") || line->starts_with("HTTP/1.0 ")) ||
        (line->size() > 12 && (*line)[12] != ' '))
        return invalid_argument("the status line is malformed");
    int minor = (*line)[7] - '0';
    auto status = base::parse_int<unsigned>(line->substr(9, 3));
    if (!status || *status < 100 || *status > 599) return invalid_argument("the status is malformed");
    ResponseHead head;
    head.status = *status;
    if (auto fields = parse_fields(text, head.headers); !fields) return fields.error();
    auto framing = parse_framing(head.headers, minor);
    if (!framing) return framing.error();
    head.keep_alive = keeps_alive(head.headers, minor);
    if (request == Method::head || head.status < 200 || head.status == 204 || head.status == 304) return head;
    if (*framing) {
        head.framing = **framing;
    } else {
        head.framing.kind = Framing::Kind::until_end;
        head.keep_alive = false;
    }
    return head;
}

std::size_t find_head_end(std::string_view text, std::size_t from) {
    std::size_t at = text.find("\r\n\r\n", from < 3 ? 0 : from - 3);
    return at == std::string_view::npos ? at : at + 4;
}

/// Collects a line over several feeds; true when `line_` is complete.
Result<bool> ChunkDecoder::take_line(std::string_view& in, std::size_t limit) {
    while (!in.empty()) {
        char c = in.front();
        in.remove_prefix(1);
        bool after_return = line_.ends_with('\r');
        if (after_return != (c == '\n')) return invalid_argument("a chunk has a bad line end");
        if (after_return) {
            line_.pop_back();
            return true;
        }
        if (c != '\r' && is_control(c) && c != '\t')
            return invalid_argument("a chunk holds a control character");
        line_ += c;
        if (line_.size() > limit) return invalid_argument("a line of the chunked body is too long");
    }
    return false;
}

Result<std::size_t> ChunkDecoder::feed(std::string_view in, std::string& out, std::size_t out_limit) {
    std::size_t size = in.size();
    while (!in.empty() && state_ != State::done) {
        if (state_ == State::data) {
            if (out.size() >= out_limit) break;
            auto take =
                static_cast<std::size_t>(std::min<std::uint64_t>({left_, in.size(), out_limit - out.size()}));
            out.append(in.substr(0, take));
            in.remove_prefix(take);
            left_ -= take;
            if (left_ == 0) state_ = State::data_end;
            continue;
        }
        auto line = take_line(in, state_ == State::trailer ? 4096 : 256);
        if (!line) return line.error();
        if (!*line) break;
        if (state_ == State::size) {
            std::string_view digits = std::string_view(line_).substr(0, line_.find(';'));
            auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
            if (digits.empty() || digits.size() > 15 || parsed.ec != std::errc() ||
                parsed.ptr != digits.data() + digits.size())
                return invalid_argument("the size of a chunk is malformed");
            state_ = left_ == 0 ? State::trailer : State::data;
        } else if (state_ == State::data_end) {
            if (!line_.empty()) return invalid_argument("a chunk is longer than its size");
            state_ = State::size;
        } else {
            trailer_ += line_.size();
            if (trailer_ > 8192) return invalid_argument("the trailer is too long");
            if (line_.empty()) state_ = State::done;
        }
        line_.clear();
    }
    return size - in.size();
}

std::string_view reason_phrase(unsigned status) {
    struct Row {
        unsigned status;
        std::string_view phrase;
    };
    static constexpr std::array<Row, 38> rows{{{100, "Continue"},
                                               {101, "Switching Protocols"},
                                               {200, "OK"},
                                               {201, "Created"},
                                               {202, "Accepted"},
                                               {204, "No Content"},
                                               {206, "Partial Content"},
                                               {301, "Moved Permanently"},
                                               {302, "Found"},
                                               {303, "See Other"},
                                               {304, "Not Modified"},
                                               {307, "Temporary Redirect"},
                                               {308, "Permanent Redirect"},
                                               {400, "Bad Request"},
                                               {401, "Unauthorized"},
                                               {402, "Payment Required"},
                                               {403, "Forbidden"},
                                               {404, "Not Found"},
                                               {405, "Method Not Allowed"},
                                               {406, "Not Acceptable"},
                                               {408, "Request Timeout"},
                                               {409, "Conflict"},
                                               {410, "Gone"},
                                               {412, "Precondition Failed"},
                                               {413, "Content Too Large"},
                                               {415, "Unsupported Media Type"},
                                               {417, "Expectation Failed"},
                                               {422, "Unprocessable Content"},
                                               {424, "Failed Dependency"},
                                               {425, "Too Early"},
                                               {426, "Upgrade Required"},
                                               {429, "Too Many Requests"},
                                               {431, "Request Header Fields Too Large"},
                                               {500, "Internal Server Error"},
                                               {501, "Not Implemented"},
                                               {502, "Bad Gateway"},
                                               {503, "Service Unavailable"},
                                               {504, "Gateway Timeout"}}};
    for (const Row& row : rows)
        if (row.status == status) return row.phrase;
    return "Status";
}

bool is_framing_field(std::string_view name) {
    return equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Content-Length") ||
           equal_ignoring_case(name, "Transfer-Encoding") || equal_ignoring_case(name, "Keep-Alive");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (!is_token(name)) return;
    out += name;
    out += ": ";
    for (char c : value)
        out += is_control(c) && c != '\t' ? ' ' : c;
    out += "\r\n";
}

std::string format_response_head(unsigned status, const Headers& headers) {
    std::string out;
    out.reserve(512);
    out += "HTTP/1.1 ";
    out += std::to_string(status);
    out += ' ';
    out += reason_phrase(status);
    out += "\r\n";
    for (const auto& [name, value] : headers.all())
        if (!is_framing_field(name)) append_field(out, name, value);
    return out;
}

std::string websocket_accept(std::string_view key) {
    std::string joined = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    auto digest = base::hex_decode(base::sha1_hex(joined));
    return base::base64_encode(digest.value_or(""));
}

}  // namespace berth::http

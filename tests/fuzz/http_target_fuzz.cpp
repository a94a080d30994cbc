// Request heads, targets and chunked bodies: every byte that arrives before a handler runs.
// fuzz-links: berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace berth::http;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto target = parse_target(text)) {
        const std::string& path = target->path;
        if (path != "*" && !path.starts_with('/')) std::abort();
        if (path.find("//") != std::string::npos || path.find("/../") != std::string::npos) std::abort();
        if (path.find('\0') != std::string::npos || path.ends_with("/..")) std::abort();
    }
    std::size_t end = find_head_end(text, 0);
    if (end != std::string_view::npos) {
        (void)parse_request_head(text.substr(0, end)).ok();
        (void)parse_response_head(text.substr(0, end), Method::get).ok();
    }
    // However the bytes arrive, they must mean the same.
    ChunkDecoder whole;
    std::string body;
    auto used = whole.feed(text, body, 1 << 20);
    ChunkDecoder single;
    std::string other;
    bool failed = false;
    for (char c : text) {
        if (single.done()) break;
        if (!single.feed(std::string_view(&c, 1), other, 1 << 20)) {
            failed = true;
            break;
        }
    }
    if (used.ok() == failed || body != other || whole.done() != single.done()) std::abort();
    return 0;
}

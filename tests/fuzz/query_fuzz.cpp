// The query parser and the cookie and header look-ups over what it lets through.
// fuzz-links: berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "net/http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto query = berth::http::Query::parse(text);
    if (query) {
        for (const auto& [name, value] : query->all()) {
            if (!berth::base::is_valid_utf8(name) || !berth::base::is_valid_utf8(value)) std::abort();
            if (value.find('\0') != std::string::npos) std::abort();
            if (!query->has(name)) std::abort();
        }
    }
    berth::http::Request request;
    request.headers.add("Cookie", std::string(text));
    (void)request.cookie("session");
    return 0;
}

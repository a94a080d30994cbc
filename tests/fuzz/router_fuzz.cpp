// Paths against a table with every kind of segment.
// fuzz-links: berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http/router.h"

namespace {

berth::http::Router make_router() {
    berth::http::Router router;
    for (const char* pattern :
         {"/", "/a", "/a/{b}", "/a/{b}/c", "/a/b/{c}/{d}", "/{x}/{y}/{z}", "/files/{rest...}"})
        router.add({berth::http::Method::get, pattern, nullptr});
    return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const berth::http::Router router = make_router();
    std::string_view path(reinterpret_cast<const char*>(data), size);
    auto match = router.match(berth::http::Method::get, path);
    auto refused = router.match(berth::http::Method::del, path);
    if (refused.route != nullptr) std::abort();
    if ((match.route != nullptr) != !refused.allowed.empty()) std::abort();
    for (const auto& [name, value] : match.parameters)
        if (name != "rest" && (value.empty() || value.find('/') != std::string::npos)) std::abort();
    return 0;
}

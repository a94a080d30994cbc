// The q parameter of list routes: any bytes parse or are refused, and a refusal names the parameter.
// fuzz-links: berth_sdk berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sdk/builds.h"
#include "sdk/search.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace berth;
    auto query = sdk::SearchQuery::parse({reinterpret_cast<const char*>(data), size});
    if (!query) {
        if (query.error().fields().empty() || query.error().fields()[0].field != "q") std::abort();
        return 0;
    }
    query->text("name");
    query->list("owner");
    query->boolean("shared");
    query->uuid("id");
    query->integer("n");
    query->time("time");
    query->choice<sdk::WorkspaceStatus>("status");
    auto done = query->finish();
    if (!done && done.error().fields().empty()) std::abort();
    return 0;
}

// fuzz-links: berth_terraform berth_net berth_base
// A plan or state, then a zero byte and a graph: read and described as a session does.
#include <cstdint>
#include <string_view>

#include "provisioner/terraform/describe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace berth::terraform;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto zero = text.find('\0');
    auto graph = Graph::parse(zero == std::string_view::npos ? std::string_view() : text.substr(zero + 1));
    if (!graph) return 0;
    text = text.substr(0, zero);
    auto plan = read_plan(text);
    if (plan) {
        [[maybe_unused]] auto described = describe(*plan, *graph, true);
    }
    auto state = read_state(text);
    if (state) {
        [[maybe_unused]] auto described = describe(*state, *graph, false);
    }
    [[maybe_unused]] auto stored = plan_of_data_sources(text);
    return 0;
}

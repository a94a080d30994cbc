// fuzz-links: berth_terraform berth_net berth_base
// Templates are written by users: every byte sequence must end in a body or an error.
#include <cstdint>
#include <string_view>

#include "provisioner/terraform/hcl.h"

namespace {

void visit(const berth::terraform::hcl::Body& body) {
    for (const auto& attribute : body.attributes) {
        [[maybe_unused]] auto items = berth::terraform::hcl::object_items(attribute.value, "fuzz.tf");
    }
    for (const auto& block : body.blocks)
        visit(block.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto body = berth::terraform::hcl::parse({reinterpret_cast<const char*>(data), size}, "fuzz.tf");
    if (body) visit(*body);
    return 0;
}

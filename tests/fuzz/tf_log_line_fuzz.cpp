// fuzz-links: berth_terraform berth_net berth_base
// What terraform, its providers and the programs they run print.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "provisioner/terraform/log_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto line = berth::terraform::parse_log_line({reinterpret_cast<const char*>(data), size});
    if (!berth::base::is_valid_utf8(line.text)) std::abort();
    if (line.diagnostic && !berth::base::is_valid_utf8(line.diagnostic->short_text())) std::abort();
    return 0;
}

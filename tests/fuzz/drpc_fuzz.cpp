// fuzz-links: berth_net berth_base berth_proto
// Bytes of a hostile peer against the dRPC parser: in one piece and cut up they must mean the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/drpc/packet.h"

namespace {

using namespace berth;

struct Summary {
    std::size_t packets = 0;
    std::size_t bytes = 0;
    bool failed = false;
    std::string encoded;
    bool operator==(const Summary&) const = default;
};

Summary parse(std::span<const std::byte> input, std::size_t piece, std::size_t limit) {
    Summary summary;
    drpc::PacketParser parser(limit);
    while (!input.empty() && !summary.failed) {
        auto part = input.first(std::min(piece, input.size()));
        input = input.subspan(part.size());
        while (!summary.failed) {
            auto found = parser.feed(part);
            if (!found) summary.failed = true;
            if (!found || !*found) break;
            drpc::Packet packet = parser.take();
            if (packet.data.size() > limit) std::abort();
            summary.packets++;
            summary.bytes += packet.data.size();
            drpc::append_packet(summary.encoded, packet);
            (void)drpc::decode_error(packet.data);
        }
    }
    return summary;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::span<const std::byte> input(reinterpret_cast<const std::byte*>(data), size);
    const std::size_t limit = 1000;
    Summary whole = parse(input, size + 1, limit);
    if (parse(input, 1, limit) != whole) std::abort();
    if (parse(input, 7, limit) != whole) std::abort();
    Summary again = parse(net::as_bytes(whole.encoded), size + 1, limit);
    if (again.failed || again.packets != whole.packets || again.bytes != whole.bytes) std::abort();
    return 0;
}

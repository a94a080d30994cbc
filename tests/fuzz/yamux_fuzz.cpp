// fuzz-links: berth_net berth_base berth_proto
// Bytes of a hostile peer against a yamux session. The first byte chooses our side and what the application
// does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "net/yamux/core.h"

namespace {

using namespace berth;

/// What the session queues must be whole, valid frames.
void check_output(yamux::Core& core) {
    while (core.has_output()) {
        std::vector<std::byte> out = core.take_output();
        std::span<const std::byte> rest = out;
        while (!rest.empty()) {
            if (rest.size() < yamux::header_size) std::abort();
            auto header = yamux::decode(rest.first<yamux::header_size>());
            if (!header) std::abort();
            rest = rest.subspan(yamux::header_size);
            if (header->type != yamux::FrameType::data) continue;
            if (header->length > rest.size()) std::abort();
            rest = rest.subspan(header->length);
        }
    }
}

void use_streams(yamux::Core& core, std::vector<yamux::StreamStatePtr>& streams, unsigned how) {
    while (core.has_incoming())
        streams.push_back(core.accept_stream());
    std::vector<std::byte> buffer(1000);
    for (std::size_t i = 0; i < streams.size(); i++) {
        auto& stream = *streams[i];
        if (stream.buffered() > yamux::initial_window) std::abort();
        if (stream.buffered() > 0 && (how & 1)) core.read(stream, buffer);
        if (!core.write_error(stream) && stream.send_window > 0 && core.has_room())
            core.write(stream, buffer);
        if ((how & 2) && i % 3 == 0) core.finish_writing(stream);
        if ((how & 4) && i % 5 == 0) core.abandon(stream);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    unsigned how = data[0];
    boost::asio::io_context context;
    yamux::Config config;
    config.accept_backlog = 16;
    config.max_streams = 64;
    yamux::Core core(context.get_executor(), how & 8 ? yamux::Role::client : yamux::Role::server, config);
    std::vector<yamux::StreamStatePtr> streams;
    if (how & 16)
        for (int i = 0; i < 3; i++)
            streams.push_back(core.open_stream());
    std::span<const std::byte> rest(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    std::size_t piece = 1 + (how >> 5) * 37;
    while (!rest.empty() && !core.ended() && !core.closing()) {
        auto part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        if (!core.receive(part) && !core.failure()) std::abort();
        use_streams(core, streams, how);
        if (core.streams() > config.max_streams) std::abort();
        check_output(core);
    }
    core.tick();
    core.receive_end({});
    return 0;
}

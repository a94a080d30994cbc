#include "net/http/inflate.h"

#include <algorithm>

#include <zlib.h>

namespace berth::http {

Result<std::string> inflate(std::string_view data, std::size_t limit) {
    z_stream stream{};
    // 32: either of the two wrappings, told apart by zlib.
    if (::inflateInit2(&stream, MAX_WBITS + 32) != Z_OK) return internal_error("zlib cannot start");
    struct End {
        z_stream* stream;
        ~End() { ::inflateEnd(stream); }
    } end{&stream};
    std::string out;
    std::string chunk(64 << 10, '\0');
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        if (stream.avail_in == 0) {
            if (data.empty()) return invalid_argument("the compressed body is incomplete");
            std::size_t part = std::min<std::size_t>(data.size(), 1 << 30);
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
            stream.avail_in = static_cast<uInt>(part);
            data.remove_prefix(part);
        }
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        state = ::inflate(&stream, Z_NO_FLUSH);
        if (state != Z_OK && state != Z_STREAM_END)
            return invalid_argument("the compressed body is malformed");
        std::size_t got = chunk.size() - stream.avail_out;
        if (out.size() + got > limit) return Error(ErrorCode::too_large, "the body is too large");
        out.append(chunk, 0, got);
    }
    return out;
}

}  // namespace berth::http

// The reader of server-sent events, fed in pieces whose sizes the input chooses.
// fuzz-links: berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "net/http/sse.h"
#include "net/runtime.h"

namespace {

using namespace berth;

class Pieces final : public net::Stream {
public:
    explicit Pieces(std::span<const std::uint8_t> data) : data_(data) {}
    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        if (data_.empty()) co_return std::size_t(0);
        std::size_t take = std::min({buffer.size(), data_.size(), std::size_t(1) + data_.front() % 7});
        std::memcpy(buffer.data(), data_.data(), take);
        data_ = data_.subspan(take);
        co_return take;
    }
    asio::awaitable<Result<void>> write(std::span<const std::byte>) override { co_return Result<void>(); }
    asio::awaitable<Result<void>> shutdown_write() override { co_return Result<void>(); }
    void close() noexcept override {}

private:
    std::span<const std::uint8_t> data_;
};

asio::awaitable<void> read_all(std::span<const std::uint8_t> data) {
    Pieces pieces(data);
    http::SseReader reader(pieces, 256);
    while (true) {
        auto event = co_await reader.next();
        if (!event || !*event) break;
        if ((*event)->data.size() > 512 || (*event)->type.find('\n') != std::string::npos) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static net::Runtime runtime(1, 1);
    runtime.run(read_all(std::span(data, size)));
    return 0;
}

#include "net/yamux/core.h"

namespace berth::yamux {
namespace {

class YamuxStream final : public net::Stream {
public:
    YamuxStream(std::shared_ptr<Core> core, StreamStatePtr state)
        : core_(std::move(core)), state_(std::move(state)) {}
    ~YamuxStream() override { close(); }

    // The coroutines hold the shared state, not this object: a stream may be dropped while its last read
    // unwinds.
    asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override {
        return read_some(core_, state_, buffer);
    }
    asio::awaitable<Result<void>> write(std::span<const std::byte> data) override {
        return write(core_, state_, data);
    }
    asio::awaitable<Result<void>> shutdown_write() override { return shutdown_write(core_, state_); }
    void close() noexcept override { core_->abandon(*state_); }

private:
    static asio::awaitable<Result<std::size_t>> read_some(std::shared_ptr<Core> core, StreamStatePtr state,
                                                          std::span<std::byte> buffer) {
        while (true) {
            if (state->buffered() > 0) co_return core->read(*state, buffer);
            if (state->fin_received && !state->abandoned) co_return std::size_t(0);
            if (auto error = core->read_error(*state)) co_return *error;
            co_await state->readable.wait();
        }
    }

    static asio::awaitable<Result<void>> write(std::shared_ptr<Core> core, StreamStatePtr state,
                                               std::span<const std::byte> data) {
        while (!data.empty()) {
            if (auto error = core->write_error(*state)) co_return *error;
            if (state->send_window == 0) {
                co_await state->writable.wait();
            } else if (!core->has_room()) {
                co_await core->room.wait();
            } else {
                data = data.subspan(core->write(*state, data));
            }
        }
        co_return Result<void>();
    }

    static asio::awaitable<Result<void>> shutdown_write(std::shared_ptr<Core> core, StreamStatePtr state) {
        if (state->fin_sent) co_return Result<void>();
        if (auto error = core->write_error(*state)) co_return *error;
        core->finish_writing(*state);
        co_return Result<void>();
    }

    std::shared_ptr<Core> core_;
    StreamStatePtr state_;
};

}  // namespace

net::StreamPtr make_stream(std::shared_ptr<Core> core, StreamStatePtr state) {
    return std::make_unique<YamuxStream>(std::move(core), std::move(state));
}

}  // namespace berth::yamux

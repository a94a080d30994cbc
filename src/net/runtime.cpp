#include "net/runtime.h"

#include <algorithm>
#include <csignal>

namespace berth::net {

Loop::Loop() : work_(asio::make_work_guard(context_)) {
    thread_ = std::thread([this] { context_.run(); });
}

Runtime::Runtime(std::size_t loops, std::size_t workers) : workers_(workers) {
    // A peer that went away is an error of write(), not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    if (loops == 0) loops = std::max(1u, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < loops; ++i)
        loops_.push_back(std::make_unique<Loop>());
}

Runtime::~Runtime() { stop(); }

asio::any_io_executor Runtime::next_executor() { return loops_[next_++ % loops_.size()]->executor(); }

asio::any_io_executor Runtime::workers() { return workers_.get_executor(); }

void Runtime::stop() {
    workers_.join();
    for (auto& loop : loops_) {
        loop->work_.reset();
        loop->context_.stop();
    }
    for (auto& loop : loops_)
        if (loop->thread_.joinable()) loop->thread_.join();
}

}  // namespace berth::net

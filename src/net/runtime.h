#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/asio.h"

namespace berth::net {

/// One thread and its event loop. What is spawned on a loop stays on it, so its state needs no lock.
class Loop {
public:
    Loop();
    [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }

private:
    friend class Runtime;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

/// The program's loops and its worker pool. Started once in main (or a test), stopped once.
class Runtime {
public:
    /// 0 loops means one per core.
    explicit Runtime(std::size_t loops = 0, std::size_t workers = 2);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    [[nodiscard]] std::size_t size() const { return loops_.size(); }
    [[nodiscard]] asio::any_io_executor executor(std::size_t index = 0) {
        return loops_.at(index)->executor();
    }
    /// The loops in turn: for a new connection.
    [[nodiscard]] asio::any_io_executor next_executor();
    /// Threads for what blocks or burns CPU; use through run_on().
    [[nodiscard]] asio::any_io_executor workers();

    /// Runs a coroutine on loop 0 and blocks this (non-loop) thread for its value; rethrows what it throws.
    template <class T>
    T run(asio::awaitable<T> work);

    /// Stops all loops where they stand and joins the threads. Tasks must have been joined before.
    void stop();

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    asio::thread_pool workers_;
    std::atomic<std::size_t> next_ = 0;
};

/// Runs blocking `work` on `pool` and returns its value to the calling loop.
/// Cancelling the waiter does not stop the work: the wait ends with it, and the next one throws.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> run_on(asio::any_io_executor pool, Work work);

}  // namespace berth::net

#include "net/runtime_inl.h"

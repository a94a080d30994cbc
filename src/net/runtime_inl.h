#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace berth::net {

template <class T>
T Runtime::run(asio::awaitable<T> work) {
    return asio::co_spawn(executor(0), std::move(work), asio::use_future).get();
}

namespace detail {
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> call(Work work) {
    co_return work();
}
}  // namespace detail

template <class Work>
asio::awaitable<std::invoke_result_t<Work>> run_on(asio::any_io_executor pool, Work work) {
    return asio::co_spawn(std::move(pool), detail::call<Work>(std::move(work)), asio::use_awaitable);
}

}  // namespace berth::net

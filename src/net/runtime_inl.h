#pragma once

#include <optional>
#include <type_traits>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace berth::net {

namespace detail {
// co_spawn wants values it can default-construct, which a Result is not: they travel in an optional.
template <class T>
asio::awaitable<std::optional<T>> boxed(asio::awaitable<T> work) {
    auto value = co_await std::move(work);
    co_return std::optional<T>(std::move(value));
}
template <class Work, class T>
asio::awaitable<std::optional<T>> call(Work work) {
    co_return std::optional<T>(work());
}
template <class Work>
asio::awaitable<void> call_void(Work work) {
    work();
    co_return;
}
}  // namespace detail

template <class T>
T Runtime::run(asio::awaitable<T> work) {
    if constexpr (std::is_void_v<T>) {
        asio::co_spawn(executor(0), std::move(work), asio::use_future).get();
    } else {
        auto value = asio::co_spawn(executor(0), detail::boxed<T>(std::move(work)), asio::use_future).get();
        return std::move(*value);
    }
}

template <class Work>
asio::awaitable<std::invoke_result_t<Work>> run_on(asio::any_io_executor pool, Work work) {
    using T = std::invoke_result_t<Work>;
    // An empty slot: a cancellation must not reach into the pool's threads.
    if constexpr (std::is_void_v<T>) {
        co_await asio::co_spawn(std::move(pool), detail::call_void<Work>(std::move(work)),
                                asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    } else {
        auto value = co_await asio::co_spawn(
            std::move(pool), detail::call<Work, T>(std::move(work)),
            asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
        co_return std::move(*value);
    }
}

}  // namespace berth::net

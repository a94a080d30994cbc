#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/asio.h"

namespace berth::coderd {

namespace detail {
template <class T>
asio::awaitable<std::optional<T>> boxed_value(asio::awaitable<T> work) {
    auto value = co_await std::move(work);
    co_return std::optional<T>(std::move(value));
}
}  // namespace detail

/// Runs `work` to its end although the caller is cancelled meanwhile, and only then returns its value. For
/// steps that must not stop half-way, like handing out a job; they have to be bounded in time themselves.
template <class T>
asio::awaitable<T> shielded(asio::awaitable<T> work) {
    auto executor = co_await asio::this_coro::executor;
    auto value =
        co_await asio::co_spawn(executor, detail::boxed_value<T>(std::move(work)),
                                asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    co_return std::move(*value);
}

}  // namespace berth::coderd

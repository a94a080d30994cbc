#pragma once

#include <optional>
#include <type_traits>

#include "base/asio.h"
#include "net/runtime.h"

namespace berth::terraform {

/// Runs `work` on the workers; without any, here. It must be a named object: g++ 12 copies a closure written
/// inside a co_await bit by bit.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> offload(std::optional<asio::any_io_executor> workers, Work work) {
    if (!workers) co_return work();
    auto result = co_await net::run_on(*workers, std::move(work));
    co_return std::move(result);
}

}  // namespace berth::terraform
